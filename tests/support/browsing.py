"""A real browser for the tests: what it may complain of, how a page is looked at, who is logged in."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, expect

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
FLAGS += ["--disable-sync", "--no-first-run", "--accept-lang=en-US,en"]
LOOKS = ((1280, "light"), (1280, "dark"), (390, "light"), (390, "dark"))
"""Widths and colours in which a page is looked at."""

_CHROMIUM = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
HEAVIEST = 150_000
MOST_REQUESTS = 12
_AXE = Path(__file__).parent / "axe" / "node_modules" / "axe-core" / "axe.min.js"
_REFUSED = re.compile(r"status of (401|403|404|409|410|412|422)")  # an answer that the page explains

expect.set_options(timeout=20_000)  # a loaded machine is slow, not wrong


def launch(playwright: Playwright, *more: str) -> Browser:
    """Start Chromium, where it can be had without its user interface: nobody sees it, each window pays."""
    path = os.environ.get("PENUMBRA_TEST_CHROMIUM") or next(filter(os.path.exists, _CHROMIUM), _CHROMIUM[-1])
    return playwright.chromium.launch(executable_path=path, args=[*FLAGS, *more], headless=True)


@contextmanager
def opened(
    browser: Browser, *, width: int = 1280, scheme: Any = "light", of: str = "", **more: Any
) -> Iterator[Page]:
    """A fresh browser window. Whatever it complains of (a broken policy, a script's error, a missing file)
    fails the test when the window is closed.

    Args:
        browser: a running one.
        width: of the window.
        scheme: light or dark.
        of: the only site that counts, where a window visits others too: a name of the tests without https.
        more: whatever else makes a window.
    """
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **more)
    page = context.new_page()
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        no_https = bool(of) and "untrustworthy" in message.text
        if message.type in {"error", "warning"} and message.location["url"].startswith(of) and not no_https:
            complaints.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.set_default_timeout(15_000)
    yield page
    context.close()
    assert [c for c in complaints if not _REFUSED.search(c)] == []


def log_in(page: Page, url: str, token: str) -> None:
    """Log the window in by a token, without going through the form."""
    answer = page.context.request.post(f"{url}/login", form={"token": token}, max_redirects=0)
    assert answer.status == 303, answer.text()


def fits(page: Page) -> None:
    """Nothing sticks out: the page does not scroll sideways."""
    wide, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room, f"{page.url}: {wide} px of content in {room} px"


def look(page: Page, name: str, *, axe: bool = True) -> None:
    """Look at the page as it is now, wide and narrow, light and dark: it fits, and axe-core finds nothing.

    What does not ask for colours is asked once a width, unless dark changes more of the page than colours.
    With PENUMBRA_TEST_PICTURES=FOLDER each look is kept as a picture, for people to see.
    """
    before = page.viewport_size or {"width": 1280, "height": 900}
    looked_at: dict[int, str] = {}
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        fits(page)
        if axe:
            shape = page.evaluate(_SHAPE)
            found = findings(page, colours_only=looked_at.get(width) == shape)
            looked_at[width] = shape
            assert not found, f"{name} at {width} px, {scheme}:\n" + "\n".join(found)
        picture(page, name)
    page.set_viewport_size(before)
    page.emulate_media(color_scheme="light")


_COLOUR_RULES = ["color-contrast", "link-in-text-block"]  # axe-core's category cat.color, of what it runs
# All that the other rules of axe-core go by: the document, what is typed, and what is shown where.
_SHAPE = """() => {
    const shown = [document.documentElement.outerHTML];
    for (const element of document.querySelectorAll("*")) {
        const style = getComputedStyle(element), box = element.getBoundingClientRect();
        shown.push([style.display, style.visibility, style.opacity, style.overflow, style.position,
            style.clip, style.clipPath, style.fontSize, style.fontWeight, style.textIndent, style.content,
            getComputedStyle(element, "::before").content, getComputedStyle(element, "::after").content,
            box.x, box.y, box.width, box.height, element.scrollWidth, element.scrollHeight,
            element.value, element.checked, element.disabled, element.open].join());
    }
    return shown.join("\\n");
}"""


def findings(page: Page, *, colours_only: bool = False) -> list[str]:
    """What axe-core finds wrong with the page: each rule with the places that break it.

    Args:
        page: as it is.
        colours_only: run only the rules that look at colours.
    """
    if not page.evaluate("'axe' in window"):  # half a megabyte, once a page and not once a look
        page.evaluate(_axe())
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if colours_only:
        options["runOnly"] = _COLOUR_RULES
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{rule['id']}: {rule['help']}: {[node['html'][:160] for node in rule['nodes'][:3]]}"
        for rule in found["violations"]
    ]


@cache
def _axe() -> str:
    return _AXE.read_text() + "\n;0"


def picture(page: Page, name: str) -> None:
    """Keep a picture for people to look at, where asked to."""
    folder = os.environ.get("PENUMBRA_TEST_PICTURES")
    if folder:
        size = page.viewport_size or {"width": 0}
        dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        kind = "dark" if dark else "light"
        page.screenshot(path=f"{folder}/{name}-{size['width']}-{kind}.png", full_page=True)


def visit(page: Page, address: str) -> None:
    """Open a page as if for the first time; it must be light: 150 kB and 12 requests at most."""
    asked: list[Request] = []

    def keep(request: Request) -> None:
        if request.is_navigation_request():
            asked.clear()  # what the page before still asked for is not this one's
        asked.append(request)

    page.on("request", keep)
    page.goto(address, wait_until="networkidle")
    page.remove_listener("request", keep)
    answers = [answer for answer in (request.response() for request in asked) if answer is not None]
    sizes = [(a.url, len(a.body())) for a in answers if a.status == 200]
    assert asked[0].url.split("#")[0] == address.split("#", maxsplit=1)[0], "the page must not lead elsewhere"
    assert len(asked) <= MOST_REQUESTS, [request.url for request in asked]
    assert sum(size for _, size in sizes) <= HEAVIEST, sizes
