"""Twelve tasks of a working day, done in a real browser, which counts what it takes.

`python -m tests.support.usability` prints the table of docs/usability.md; with `--write` it puts it there.
"""

import logging
import re
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from app import logs
from app.db import upgrade
from app.security.schemas import Role
from tests.support import browsing
from tests.support.monday import Monday, monday

PAGE = Path(__file__).resolve().parents[2] / "docs" / "usability.md"
MOST = 5
"""No task may take more clicks than this from the home page."""

WHO = {Role.MARKETING: "campaign manager", Role.IT: "IT administrator"}
_MARKS = ("<!-- measured -->\n", "<!-- end -->")
_FARTHEST = 150
# Counted by the browser itself: presses of a finger or a mouse, and keys.
_COUNTING = """
const add = (name) => sessionStorage.setItem(name, 1 + Number(sessionStorage.getItem(name)));
addEventListener("pointerdown", (event) => event.isTrusted && add("clicks"), true);
addEventListener("keydown", (event) => event.isTrusted && add("keys"), true);
window.print = () => add("printed");
"""


class Hand(ABC):
    """How somebody works a page, and what they typed on the way.

    Attributes:
        page: the window.
        typed: what the fields are called that were filled in.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.typed: list[str] = []

    def press(self, kind: Literal["button", "link"], name: str, within: str = "") -> None:
        """Press a button or link by its name.

        Args:
            kind: its role.
            name: its whole name.
            within: the heading of the part of the page in which it stands, if it stands in several.
        """
        place = self.page.get_by_role("region", name=within, exact=True) if within else self.page
        whole = re.compile(f"^{re.escape(name).replace(':', ' ?:')}$")  # before a part that only ears get
        self._press(self._there(place.get_by_role(kind, name=whole)))

    def unfold(self, text: str) -> None:
        """Press a line behind which more stands."""
        self._press(self._there(self.page.locator("summary").filter(has_text=text)))

    def write(self, label: str, text: str) -> None:
        """Type into a field."""
        self.typed.append(label)
        self._write(self._there(self.page.get_by_label(label)), text)

    def _there(self, target: Locator) -> Locator:
        """The target, once it is there and with it the page's scripts."""
        expect(target).to_be_visible()
        self.page.wait_for_load_state()
        return target

    @abstractmethod
    def _press(self, target: Locator) -> None: ...

    @abstractmethod
    def _write(self, target: Locator, text: str) -> None: ...


class Finger(Hand):
    """On a phone."""

    def _press(self, target: Locator) -> None:
        target.tap()

    def _write(self, target: Locator, text: str) -> None:
        target.fill(text)


class Mouse(Finger):
    """At a desk."""

    def _press(self, target: Locator) -> None:
        target.click()


class Keys(Hand):
    """With the keyboard alone: from one thing to the next by Tab, and Enter to press it."""

    def _press(self, target: Locator) -> None:
        self._go(target)
        self.page.keyboard.press("Enter")

    def _write(self, target: Locator, text: str) -> None:
        self._go(target)
        self.page.keyboard.insert_text(text)

    def _go(self, target: Locator) -> None:
        if self.page.evaluate("document.activeElement === document.body"):  # a page that was just opened
            self.page.keyboard.press("Tab")
            expect(self.page.get_by_role("link", name="Skip to the content")).to_be_focused()
            self.page.keyboard.press("Enter")
        for _ in range(_FARTHEST):
            if target.evaluate("element => element === document.activeElement"):
                assert target.evaluate("element => element.matches(':focus-visible')"), "one must see where"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached by keyboard")


@dataclass(frozen=True)
class Task:
    """Something that somebody wants done.

    Attributes:
        who: on which side they sit.
        text: what it is, as the table says it.
        do: how it is done, from the home page on.
        done: what the page says when it is done.
    """

    who: Role
    text: str
    do: Callable[[Hand], None]
    done: str | re.Pattern[str]


# --- the tasks -------------------------------------------------------------------------------


def _claim(hand: Hand) -> None:
    hand.press("button", "Claim HubSpot")


def _decline(hand: Hand) -> None:
    hand.unfold("Not ours: Canva")
    hand.press("button", "Another team uses it")


def _answer(hand: Hand) -> None:
    hand.press("link", "Answer: Mailchimp")
    hand.write("Your answer", "Subscribers, nobody else.")
    hand.press("button", "Answer")


def _sign(tool: str, side: str) -> Callable[[Hand], None]:
    def do(hand: Hand) -> None:
        hand.press("link", f"Read and sign: {tool}")
        hand.write("Why your side agrees", "It earns its keep.")
        hand.press("button", f"Turn {side}’s key")

    return do


def _ask(hand: Hand) -> None:
    hand.write("I want to use", "Brevo")
    hand.press("button", "Ask before buying")
    hand.write("What is it for?", "Text messages to dealers.")
    hand.press("button", "Ask for it")


def _renewals(hand: Hand) -> None:
    hand.press("link", "All renewals of a year")


def _review(hand: Hand) -> None:
    hand.press("link", "Review: Loom")
    hand.press("button", "Start the review")


def _left(hand: Hand) -> None:
    hand.press("link", "Only those of high impact")


def _source(hand: Hand) -> None:
    hand.press("button", "Check it: Cards of the subsidiary")


def _wrong(hand: Hand) -> None:
    hand.press("link", "Mail machine", within="New this week")
    hand.press("link", "This is wrong: Loom for teams")
    hand.write("Name of the product", "loom")
    hand.press("button", "It is Loom")
    hand.press("button", "Move it")


def _print(hand: Hand) -> None:
    hand.press("link", "The joint report")
    hand.press("button", "Print, or keep as a PDF")


TASKS = (
    Task(Role.MARKETING, "Claim a tool that my team uses", _claim, "You answer for HubSpot"),
    Task(
        Role.MARKETING, "Say that a tool is not ours, and why", _decline, "is no longer offered to Marketing"
    ),
    Task(Role.MARKETING, "Answer IT’s question", _answer, "Your answer is on the table."),
    Task(
        Role.MARKETING, "Read a proposal and turn marketing’s key", _sign("Typeform", "marketing"), "decided"
    ),
    Task(Role.MARKETING, "Ask before buying a tool", _ask, "Text messages to dealers."),
    Task(Role.MARKETING, "See what renews next quarter", _renewals, "The next 12 months"),
    Task(Role.IT, "Find a tool that is new this week and open its review", _review, "The review is open."),
    Task(Role.IT, "Read a proposal and turn IT’s key", _sign("Webflow", "IT"), "it is decided"),
    Task(Role.IT, "Find powerful permissions of people who left", _left, "1 permission"),
    Task(Role.IT, "See why a source needs attention, and check it", _source, "It works"),
    Task(
        Role.IT, "See why a tool is here, and say what is wrong about it", _wrong, "It belongs to “Loom” now."
    ),
    Task(Role.IT, "Print the report for the monthly meeting", _print, "Joint report"),
)


# --- measuring -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """What a task took.

    Attributes:
        clicks: presses of a finger or a mouse.
        keys: presses of keys; what is typed into fields is not among them.
        typed: the fields that are filled in.
    """

    clicks: int
    keys: int
    typed: tuple[str, ...]


def work(browser: Browser, at: Monday, who: Role, *, by_keys: bool) -> list[Taken]:
    """Do all tasks of a side, one after the other: a phone's for marketing, a desk's for IT.

    Args:
        browser: a running one.
        at: a company in which nothing was done yet.
        who: the side.
        by_keys: by keyboard alone, at a desk; else by finger or mouse.
    """
    phone = who is Role.MARKETING and not by_keys
    hand = Keys if by_keys else Finger if phone else Mouse
    return [_done(browser, at, task, hand, phone=phone) for task in TASKS if task.who is who]


def _done(browser: Browser, at: Monday, task: Task, hand: type[Hand], *, phone: bool) -> Taken:
    """Do a task in a window of its own."""
    width = 390 if phone else 1280
    with browsing.opened(browser, width=width, has_touch=phone, is_mobile=phone) as page:
        page.add_init_script(_COUNTING)
        browsing.log_in(page, at.url, at.tokens[task.who])
        page.goto(at.url)
        worker = hand(page)
        task.do(worker)
        expect(page.locator("main")).to_contain_text(task.done)
        browsing.fits(page)
        names = ("clicks", "keys", "printed")
        clicks, keys, printed = (
            page.evaluate("name => Number(sessionStorage.getItem(name))", name) for name in names
        )
        assert printed == (task.do is _print)
        return Taken(clicks, keys, tuple(worker.typed))


def row(task: Task, by_hand: Taken, by_keys: Taken) -> str:
    """A line of the table, as it stands in the docs."""
    typed = ", ".join(f"“{name}”" for name in by_hand.typed) or "–"
    return f"| {WHO[task.who]} | {task.text} | {by_hand.clicks} | {typed} | {by_keys.keys} |"


def written() -> list[list[str]]:
    """What the docs say: who, task, clicks, fields and keys of each line of the table."""
    table = PAGE.read_text().partition(_MARKS[0])[2].partition(_MARKS[1])[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]


def _measured(browser: Browser, who: Role, *, by_keys: bool) -> list[Taken]:
    with tempfile.TemporaryDirectory() as folder:
        upgrade(f"sqlite:///{Path(folder, 'penumbra.sqlite3')}")
        with monday(Path(folder)) as at:
            return work(browser, at, who, by_keys=by_keys)


def main(arguments: list[str]) -> None:
    """Measure, and print the table or write it into the docs."""
    logs.configure(level=logging.WARNING)
    lines = ["| who | task | clicks | typed | keys, without a mouse |", "|---|---|---|---|---|"]
    with sync_playwright() as playwright:
        browser = browsing.launch(playwright)
        for who in WHO:
            by_hand, by_keys = (_measured(browser, who, by_keys=keys) for keys in (False, True))
            tasks = [task for task in TASKS if task.who is who]
            lines += [row(*each) for each in zip(tasks, by_hand, by_keys, strict=True)]
        browser.close()
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if "--write" in arguments:
        before, mark, rest = PAGE.read_text().partition(_MARKS[0])
        PAGE.write_text(before + mark + text + _MARKS[1] + rest.partition(_MARKS[1])[2])


if __name__ == "__main__":
    main(sys.argv[1:])
