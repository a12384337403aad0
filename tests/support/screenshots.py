"""The pictures of the pages in README and docs: `make screenshots` takes all of them anew.

A demo of the simulated company runs on a port of its own, in a folder that is thrown away; a real Chromium
logs in as a person of marketing, of IT, or as an administrator, and takes each picture light and dark. The
list is `PICTURES`: a page shows what is listed, and `tests/test_pictures.py` fails when the two differ.
"""

import argparse
import base64
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support import browsing

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
SCHEMES = ("light", "dark")
MARKETING, IT, ADMIN = "marketing", "it", "admin"
_QUALITY = 80
_TOKEN = re.compile(r"^  (\w+) +(pen_\S+)", re.MULTILINE)
_NARROW = 390


@dataclass(frozen=True)
class Picture:
    """One picture, taken light and dark.

    Attributes:
        name: of the file, before the scheme.
        who: logs in: `marketing`, `it` or `admin`.
        path: the page; `{Canva}` is the number of the tool, `{review Canva}` of its last review.
        height: so much of the page is seen, if there is so much.
        width: of the window.
        first: what is done on the page before.
    """

    name: str
    who: str
    path: str
    height: int = 860
    width: int = 1280
    first: Callable[[Page], None] | None = None

    def file(self, scheme: str) -> str:
        """The name of the file of one scheme."""
        return f"{self.name}-{scheme}.webp"


def _try_policy(page: Page) -> None:
    """Write a stricter policy, and see what it would have done."""
    box = page.locator("#f-document")
    stricter = box.input_value().replace("at_least: 100", "at_least: 25").replace("1000000", "200000")
    box.fill(stricter)
    page.locator("form[action='/policy/try'] button.main").click()
    page.wait_for_load_state("networkidle")


PICTURES = (
    Picture("home", MARKETING, "/"),
    Picture("home-it", IT, "/"),
    Picture("home-narrow", MARKETING, "/", width=_NARROW, height=844),
    Picture("tools", MARKETING, "/tools?audience=marketing&managed=false&sort=-people"),
    Picture("tool", MARKETING, "/tools/{Canva}"),
    Picture("reviews", IT, "/reviews"),
    Picture("review", MARKETING, "/reviews/{review Supermetrics}", height=1000),
    Picture("record", MARKETING, "/reviews/{review Canva}/record"),
    Picture("ask", MARKETING, "/ask?what=Buffer"),
    Picture("people", IT, "/people?active=false&access=true"),
    Picture("permissions", IT, "/grants?view=map"),
    Picture("spend", MARKETING, "/spend"),
    Picture("renewals", MARKETING, "/spend/renewals"),
    Picture("overlap", MARKETING, "/overlap"),
    Picture("report", MARKETING, "/report", height=1000),
    Picture("policy", IT, "/policy"),
    Picture("policy-tried", IT, "/policy/change", first=_try_policy),
    Picture("sources", IT, "/sources"),
    Picture("scans", IT, "/scans"),
    Picture("audit", ADMIN, "/audit?what=review.*"),
    Picture("settings", ADMIN, "/settings"),
)


# --- the company -------------------------------------------------------------------------------


@contextlib.contextmanager
def company(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """A demo that serves from a folder, on a port of its own; gives its address and a token for each side."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = {k: v for k, v in os.environ.items() if not k.startswith("PENUMBRA_")}
    home |= {"PENUMBRA_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", "from app.cli import main; main()", "demo", "--port", str(port)]
    with (folder / "demo.log").open("w+") as told:
        demo = subprocess.Popen(command, env=home, cwd=ROOT, stdout=subprocess.PIPE, stderr=told, text=True)
        try:
            said = _until_it_serves(demo)
            if said is None:
                told.seek(0)
                raise SystemExit(f"The demo ended before it served.\n{told.read()[-2000:]}")
            url = f"http://127.0.0.1:{port}"
            _wait_for(url)
            yield url, dict(_TOKEN.findall(said))
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(60)


def _until_it_serves(demo: "subprocess.Popen[str]") -> str | None:
    """What the demo prints, up to its tokens; None if it ends before."""
    said: list[str] = []
    for line in demo.stdout or ():
        said.append(line)
        if line.startswith("Stop with"):
            return "".join(said)
    return None


def _wait_for(url: str) -> None:
    """It prints its tokens just before it listens."""
    for _ in range(100):
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"{url}/healthz").raise_for_status()
            return
        time.sleep(0.2)
    raise SystemExit(f"The demo does not answer at {url}.")


# --- taking pictures ---------------------------------------------------------------------------


def take(
    browser: Browser, url: str, tokens: Mapping[str, str], into: Path, pictures: Sequence[Picture] = PICTURES
) -> None:
    """Take some pictures of a running company, in the place of those that are there."""
    for who in dict.fromkeys(picture.who for picture in pictures):
        for scheme in SCHEMES:
            own = [p for p in pictures if p.who == who]
            for width in dict.fromkeys(p.width for p in own):
                with browsing.opened(browser, width=width, scheme=scheme) as page:
                    browsing.log_in(page, url, tokens[who])
                    for picture in (p for p in own if p.width == width):
                        address = address_of(picture, url, tokens[who])
                        _take(page, address, picture, into / picture.file(scheme))


def _take(page: Page, address: str, picture: Picture, to: Path) -> None:
    page.set_viewport_size({"width": picture.width, "height": picture.height})
    page.goto(address, wait_until="networkidle")
    if picture.first is not None:
        picture.first(page)
    browsing.fits(page)
    page.evaluate("document.activeElement?.blur()")
    to.write_bytes(_webp(page, picture))


def _webp(page: Page, picture: Picture) -> bytes:
    """What the window shows, as WebP: Playwright itself takes PNG and JPEG alone, which are larger."""
    tall = page.evaluate("document.documentElement.scrollHeight")
    height = min(picture.height, tall)
    # A telephone's screen has more dots than a picture of its width.
    clip = {
        "x": 0,
        "y": 0,
        "width": picture.width,
        "height": height,
        "scale": 2 if picture.width == _NARROW else 1,
    }
    devtools = page.context.new_cdp_session(page)
    wanted = {"format": "webp", "quality": _QUALITY, "clip": clip}
    taken: dict[str, Any] = devtools.send("Page.captureScreenshot", wanted)
    devtools.detach()
    return base64.b64decode(taken["data"])


def address_of(picture: Picture, url: str, token: str) -> str:
    """Where a picture is taken, with the numbers of this demo's tools and reviews."""

    def number(hole: re.Match[str]) -> str:
        review, name = hole[1].startswith("review "), hole[1].removeprefix("review ")
        tool = next(t["id"] for t in asked("tools", q=name) if t["name"] == name)
        return str(asked("reviews", tool=tool)[0]["id"] if review else tool)

    def asked(what: str, **parameters: str | int) -> list[dict[str, Any]]:
        answer = httpx.get(
            f"{url}/api/v1/{what}", params=parameters, headers={"Authorization": f"Bearer {token}"}
        )
        return answer.raise_for_status().json()["items"]

    return url + re.sub(r"\{([^}]+)\}", number, picture.path)


def unused(into: Path) -> list[Path]:
    """Pictures in a folder that are no longer on the list."""
    wanted = {picture.file(scheme) for picture in PICTURES for scheme in SCHEMES}
    return sorted(path for path in into.glob("*.webp") if path.name not in wanted)


# --- the command -------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> None:
    """Take the pictures, as the command line says."""
    names = [picture.name for picture in PICTURES]
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.screenshots",
        description="Take the pictures that README and docs show, light and dark, of a demo that runs for as "
        "long as that takes. Old pictures are replaced, and those that are no longer listed are removed.",
        epilog="Needs Chromium (.ci/prepare installs it). To add a picture: a line in PICTURES of this file, "
        "run it, look at it, and show it on a page; a test fails until a page does. Example: "
        "make screenshots ARGS='home review'",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", nargs="*", help=f"only these: {', '.join(names)}")
    parser.add_argument("--into", type=Path, default=IMAGES, help="another folder than docs/images")
    parser.add_argument(
        "--demo", type=Path, help="keep the demo's data in this folder, so that the next time is quicker"
    )
    asked = parser.parse_args(arguments)
    if unknown := sorted(set(asked.name) - set(names)):
        parser.error(f"there is no picture {unknown[0]!r}; there are: {', '.join(names)}")
    pictures = [p for p in PICTURES if not asked.name or p.name in asked.name]
    asked.into.mkdir(parents=True, exist_ok=True)
    if asked.demo:
        asked.demo.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        print("The demo is started and scanned; that takes half a minute.", flush=True)
        with company(asked.demo or Path(folder)) as (url, tokens), sync_playwright() as playwright:
            browser = browsing.launch(playwright)
            take(browser, url, tokens, asked.into, pictures)
            browser.close()
    for old in unused(asked.into):
        old.unlink()
    sizes = [path.stat().st_size for path in asked.into.glob("*.webp")]
    print(
        f"{len(pictures) * len(SCHEMES)} pictures taken; {asked.into} has {sum(sizes) // 1024:,} kB of them."
    )


if __name__ == "__main__":
    main()
