"""The list of tools in a real browser: worked through by keyboard, narrowed down while one types, kept."""

import csv
import io
import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy.engine import Engine

from app import models
from app.db import writing
from app.security.schemas import Role
from tests.conftest import NOW
from tests.support import browsing
from tests.support.seed import Seed
from tests.web.conftest import Site

pytestmark = pytest.mark.browser
CATEGORIES = (
    "CE-EMAIL",
    "Design",
    "CRM",
    "Analytics",
    "Events",
    "Forms",
    "Chat",
    "Video",
    "Search",
    "Podcasts",
)


@pytest.fixture(scope="module")
def busy(site: Site) -> Site:
    """The company with sixty tools more."""
    fill(site.engine)
    return site


def fill(engine: Engine) -> None:
    """Tools with evidence that makes them marketing’s, so that working them out anew changes little."""
    with writing(engine) as connection:
        made = Seed(connection, _count=500)
        source = made.source("google", "google_workspace")
        people = [made.person(f"Person {n:02}", department="Brand") for n in range(60)]
        accounts = [made.account(source, person) for person in people]
        days = []
        for number in range(60):
            name = f"Design tool {number:02}"
            tool = made.tool(
                name,
                vendor=f"Maker {number % 7}",
                domain=f"design{number:02}.example",
                category=CATEGORIES[number % 10],
                people=60 - number,
                ownership=("unowned", "unowned", "lapsed")[number % 3],
                grant_grade=(None, "low", "medium", "high")[number % 4],
                spend_minor=number * 12_345,
                spend_currency="EUR" if number else None,
                sources=["google"],
                search=f"{name.lower()} design{number:02}.example",
            )
            made.link(tool, sources=(source,), departments={("Brand", "Events", "Web")[number % 3]: 3})
            app = made.app(source, tool, name, sign_on="consent")
            made.grant(source, app, accounts[0], "https://www.googleapis.com/auth/adwords")
            days += [
                {"app_id": app, "account_id": account, "day": NOW.date(), "count": 1}
                for account in accounts[number:]
            ]
        connection.execute(sa.insert(models.sign_in_days), days)
        made.tool(
            "Old newsletter tool",
            evidence="dormant",
            governance="sanctioned",
            flagged=False,
            shadow=False,
            people=1,
            search="old newsletter tool",
        )


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def test_triage_by_keyboard(window: Page, busy: Site) -> None:
    busy.enter(window, Role.MARKETING, "/tools")
    found = window.locator("#found")
    expect(found).to_have_text("62 tools")
    browsing.look(window, "tools")
    browsing.visit(window, busy.url + "/tools")

    keys = window.keyboard
    keys.press("j")
    expect(window.get_by_role("link", name="Design tool 00", exact=True)).to_be_focused()
    keys.press("j")
    keys.press("k")
    keys.press("x")
    expect(window.get_by_role("checkbox", name="Select Design tool 00")).to_be_checked()
    for _ in range(2):
        keys.press("j")
    keys.press("Shift+X")
    bar = window.get_by_role("group", name="With the selected tools")
    expect(bar).to_contain_text("3 selected")
    expect(window.get_by_role("checkbox", name="Select Design tool 01")).to_be_checked()
    browsing.look(window, "tools-selected")

    keys.press("c")
    expect(window.locator("#toast")).to_have_text("3 tools are yours now.")
    expect(row(window, "Design tool 01")).to_contain_text("You")
    expect(bar).to_be_hidden()
    expect(window.get_by_role("link", name="Design tool 02", exact=True)).to_be_focused()

    keys.press("j")
    keys.press("d")
    box = window.get_by_role("dialog", name="Not ours")
    expect(box.get_by_label("Why")).to_be_focused()
    browsing.look(window, "tools-decline")
    box.get_by_role("button", name="Decline them").click()
    expect(window.locator("#wrong")).to_contain_text("Design tool 03: Say for which department")
    expect(window.get_by_role("checkbox", name="Select Design tool 03")).to_be_checked()
    keys.press("d")
    box.get_by_label("For which department").select_option("Marketing")
    box.get_by_label("A note (optional)").fill("The brand team's")
    box.get_by_role("button", name="Decline them").press("Enter")
    expect(window.locator("#toast")).to_contain_text("1 tool is no longer offered to your department.")
    expect(window.locator("#wrong")).to_be_hidden()

    keys.press("j")
    keys.press("r")
    review = window.get_by_role("dialog", name="Start reviews")
    review.get_by_label(re.compile("What are they needed for")).fill("The relaunch")
    review.get_by_role("button", name="Start them").click()
    expect(window.locator("#toast")).to_have_text("1 review began.")
    expect(found).to_have_text("61 tools")  # what is under review waits for nobody's flag
    expect(window.get_by_role("link", name="Design tool 05", exact=True)).to_be_focused()

    keys.press("?")
    expect(window.get_by_role("dialog", name="Work through the list by keyboard")).to_be_visible()
    browsing.look(window, "tools-keys")
    keys.press("Escape")
    window.get_by_role("button", name="Claim Design tool 06").click()
    expect(row(window, "Design tool 06")).to_contain_text("You")
    keys.press("j")
    keys.press("Enter")
    expect(window).to_have_url(re.compile(r"/tools/\d+$"))

    window.goto(busy.url + "/tools?mine=true")
    expect(window.locator("#found")).to_have_text("4 tools")
    browsing.picture(window, "tools-mine")


def test_narrow_down_while_typing_and_save_the_list(window: Page, busy: Site, browser: Browser) -> None:
    busy.enter(window, Role.IT, "/tools?view=all")
    found, search = window.locator("#found"), window.get_by_role("searchbox")
    window.keyboard.press("/")
    expect(search).to_be_focused()
    window.keyboard.type("design1", delay=20)
    expect(found).to_have_text("10 tools")
    expect(search).to_be_focused()
    expect(window).to_have_url(re.compile(r"view=all&q=design1$"))
    grade = window.get_by_role("group", name="What it may do")
    window.locator("summary", has_text="What it may do").click()
    grade.get_by_label("High impact").check()
    expect(found).to_have_text("3 tools")
    expect(grade.get_by_label("High impact")).to_be_focused()
    expect(grade.get_by_text("Some impact")).to_be_visible()
    grade.get_by_label("Some impact 3").check()
    expect(found).to_have_text("6 tools")
    expect(window.get_by_role("list", name="Filters that are set").get_by_role("listitem")).to_have_count(3)
    browsing.look(window, "tools-narrowed")
    search.fill("nothing of the kind")
    expect(window.get_by_role("heading", name="No tool fits")).to_be_visible()
    browsing.look(window, "tools-empty")
    window.get_by_role("link", name=re.compile("contains “nothing")).click()
    expect(window.get_by_role("list", name="Filters that are set").get_by_role("listitem")).to_have_count(2)
    search.fill("design1")
    expect(found).to_have_text("6 tools")

    # Columns: kept in the address, and remembered.
    window.get_by_role("button", name="Columns").click()
    columns = window.get_by_role("dialog", name="Columns")
    browsing.look(window, "tools-columns")
    for name in ("Last seen", "Where it stands"):
        columns.get_by_label(name, exact=True).uncheck()
    for name in ("What it may do", "Made by"):
        columns.get_by_label(name, exact=True).check()
    columns.get_by_label("Tight").check()
    columns.get_by_role("button", name="Show these").click()
    heads = window.locator("thead th:not(.tick)")
    expect(heads).to_have_text(["Tool", "Owner", "People ↓", "Spend", "What it may do", "Made by"])
    window.get_by_role("columnheader", name="Spend").get_by_role("link").click()
    expect(window.locator("tbody th").first).to_contain_text("Design tool 19")
    browsing.look(window, "tools-tight")

    with window.expect_download() as download:
        window.get_by_role("link", name="Download").click()
    lines = list(csv.reader(io.StringIO(download.value.path().read_text())))
    assert lines[0] == [
        "Tool", "Category", "Owner", "People", "Spend, 12 months", "Currency",
        "What it may do", "Made by",
    ]  # fmt: skip
    assert [line[0] for line in lines[1:]] == [f"Design tool {n}" for n in (19, 18, 15, 14, 11, 10)]
    assert lines[1][3:] == ["41", "2345.55", "EUR", "High impact", "Maker 5"]

    # The list, kept and shared: another person opens it by its link, in a window that knows no columns.
    window.get_by_role("button", name="Save this list").click()
    saving = window.get_by_role("dialog", name="Save this list")
    expect(saving.get_by_label("Its name")).to_be_focused()
    window.keyboard.type("Powerful design")
    saving.get_by_label("Everybody here sees it").check()
    window.keyboard.press("Tab")
    browsing.look(window, "tools-saving")
    saving.get_by_role("button", name="Save the list").click()
    expect(window.locator(".said-once")).to_contain_text("The list “Powerful design” is saved.")
    expect(window.get_by_role("link", name="Powerful design")).to_have_attribute("aria-current", "page")
    window.get_by_role("button", name="This list").click()
    link = window.get_by_label("Its link").input_value()
    browsing.look(window, "tools-this-list")
    with browsing.opened(browser) as other:
        browsing.log_in(other, busy.url, busy.tokens[Role.READER])
        other.goto(link)
        expect(other.locator("#found")).to_have_text("6 tools")
        expect(other.locator("thead th")).to_have_text(
            ["Tool", "Owner", "People", "Spend ↓", "What it may do", "Made by"]
        )
        expect(other.get_by_role("checkbox", name="Select Design tool 19")).to_have_count(0)
        browsing.picture(other, "tools-shared")


def test_what_cannot_be_loaded_is_said(browser: Browser, busy: Site) -> None:
    context = browser.new_context()
    window = context.new_page()
    busy.enter(window, Role.IT, "/tools?view=all")
    window.route("**/tools/part?*", lambda route: route.abort())
    window.get_by_role("searchbox").fill("design")
    expect(window.get_by_role("alert")).to_contain_text("The list could not be loaded.")
    browsing.look(window, "tools-failed")
    window.unroute("**/tools/part?*")
    window.get_by_role("button", name="Try again").click()
    expect(window.locator("#found")).to_have_text("60 tools")
    expect(window.get_by_role("alert")).to_have_count(0)
    context.close()


def test_everything_without_javascript(plain_window: Page, busy: Site) -> None:
    page = plain_window
    busy.enter(page, Role.MARKETING, "/tools?view=all")
    page.get_by_role("searchbox").fill("design4")
    page.get_by_role("group", name="Decision").get_by_label("Not decided yet").check()
    page.get_by_role("button", name="Show the tools").click()
    expect(page.locator("#found")).to_have_text("10 tools")
    page.get_by_label("Sort by").select_option("-spend")
    page.get_by_role("button", name="Sort", exact=True).click()
    expect(page.locator("tbody th").first).to_contain_text("Design tool 49")
    browsing.look(page, "tools-plain", axe=False)
    for number in (49, 48):
        page.get_by_role("checkbox", name=f"Select Design tool {number}").check()
    page.get_by_role("button", name="Claim", exact=True).click()
    expect(page.locator(".said-once")).to_have_text("2 tools are yours now.")
    expect(row(page, "Design tool 48")).to_contain_text("You")
    expect(page.locator("#found")).to_have_text("10 tools")

    page.get_by_role("checkbox", name="Select Design tool 49").check()
    page.get_by_role("checkbox", name="Select Design tool 47").check()
    page.get_by_role("button", name="Claim", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("1 tool is yours now.")
    expect(page.get_by_role("alert")).to_contain_text("Design tool 49: You own “Design tool 49” already.")
    page.get_by_role("button", name="Set them aside").click()
    aside = page.get_by_role("dialog", name="Set them aside")
    aside.get_by_label("Why").fill("A student's project")
    aside.get_by_role("button", name="Propose it").click()
    expect(page.locator(".said-once")).to_contain_text(
        "It is proposed to set 1 tool aside: that takes both keys."
    )
    expect(row(page, "Design tool 49")).to_have_count(0)
