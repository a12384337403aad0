"""One walk through the whole house by two people: found, decided, promised, merged, asked for, kept.

They log in by OpenID at a real provider, and connect a Google that answers over real HTTP. The same walk is
gone without JavaScript, where all is there but the progress that moves by itself. What each room does in
detail is tested room by room; here it has to hold together.
"""

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright
from sqlalchemy.engine import Engine

from app.clock import utc_now
from app.db import make_engine
from app.main import create_app
from app.settings import Settings
from connectors.google_workspace.sample import DRIVE, PROFILE, token
from connectors.google_workspace.simulator import GoogleWorkspaceSimulator, make_service_account
from connectors.simulation import serve
from tests.support import browsing, openid
from tests.support.openid import HOME, Provider
from tests.support.scanning import being_read
from tests.support.serving import served
from tests.support.story import GROUPS, ROLES, google_world

pytestmark = pytest.mark.browser
MORE = {"Canva": "1001", "Brandwheel": "1002", "Brandwheel Studio": "1003", "Cloud Kitchen Planner": "1004"}
"""What marketing uses beside Mailchimp and a calendar: app and number of its client."""


@dataclass
class Walk:
    """The company, and a window of each of the two people.

    Attributes:
        ida: of IT.
        mara: of marketing.
        engine: the database, in which scans are run.
        google: where the simulated Google answers.
        provider: at which both log in.
        scripted: whether the windows run JavaScript.
    """

    ida: Page
    mara: Page
    engine: Engine
    google: str
    provider: Provider
    scripted: bool


@pytest.fixture(params=[True, False], ids=["scripted", "plain"])
def walk(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path, openid_provider: Provider
) -> Iterator[Walk]:
    shutil.copy(sqlite_template, tmp_path / "penumbra.sqlite3")
    url = f"sqlite:///{tmp_path / 'penumbra.sqlite3'}"
    engine = make_engine(url)
    settings = Settings(data_dir=tmp_path, database_url=url)
    app = create_app(openid.connected(settings, openid_provider, ROLES), engine)
    with served(app) as at, google() as google_at, sync_playwright() as playwright:
        browser = browsing.launch(
            playwright, f"--host-resolver-rules=MAP penumbra.test:80 {urlsplit(at).netloc}"
        )
        window = {"of": HOME, "java_script_enabled": request.param, "base_url": HOME}
        with browsing.opened(browser, **window) as ida, browsing.opened(browser, **window) as mara:
            yield Walk(ida, mara, engine, google_at, openid_provider, request.param)
        browser.close()
    engine.dispose()


def google() -> AbstractContextManager[str]:
    """A Google whose people of marketing have allowed half a dozen apps something."""
    account, world = make_service_account(), google_world(utc_now())
    for held in world.tokens.values():
        held += [token(f"{n}.apps.googleusercontent.com", name, DRIVE, PROFILE) for name, n in MORE.items()]
    simulator = GoogleWorkspaceSimulator(
        world, service_account_email=account.email, public_key_pem=account.public_key_pem, page_limit=2
    )
    return serve(simulator.app)


def test_two_people_walk_through_everything(walk: Walk) -> None:
    log_in(walk.ida, walk.provider, "ida", "Ida Holm")
    log_in(walk.mara, walk.provider, "mara", "Mara Lind")
    connect_google(walk)
    watch_the_scan(walk)
    find_and_claim(walk)
    decline(walk)
    review = start_a_review(walk)
    ask_and_answer(walk, review)
    look_at_it_from_both_sides(walk, review)
    propose_with_a_condition(walk, review)
    sign_with_both_keys(walk, review)
    meet_the_condition(walk, review)
    merge_and_undo(walk)
    ask_before_buying(walk)
    export(walk)
    try_another_policy(walk)


# --- what both do all the time ---------------------------------------------------------------


def said(page: Page, text: str) -> None:
    """The page says once what was done."""
    expect(page.locator(".said-once")).to_contain_text(text)


def menu(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True).click()


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def row(page: Page, tool: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=tool, exact=True))


def turn(page: Page) -> Locator:
    """What a review asks of the reader now."""
    return page.locator("section.turn")


def go_down_to(page: Page, tool: str) -> None:
    """Stand at a tool of the list, by keyboard alone: up to the first one, then down to it."""
    expect(page.get_by_role("button", name="Keyboard")).to_be_visible()  # the script is there
    page.keyboard.press("Escape")  # out of the search
    every = page.locator("tbody tr").count()
    for _ in range(every):
        page.keyboard.press("k")
    here = page.locator("tbody tr.here").get_by_role("link", name=tool, exact=True)
    for _ in range(every):
        if here.is_visible():
            break
        page.keyboard.press("j")
    expect(here).to_be_focused()


# --- the steps -------------------------------------------------------------------------------


def log_in(page: Page, provider: Provider, who: str, name: str) -> None:
    """The company's account lets them in, with the role of their group."""
    page.goto("/")
    page.get_by_role("link", name="Log in with your company account").click()
    page.wait_for_url(f"{provider.issuer}/interaction/*")
    claims = {
        "sub": f"{who}-1",
        "email": f"{name.replace(' ', '.').lower()}@acme.example",
        "email_verified": True,
        "name": name,
        "groups": [GROUPS[who]],
    }
    page.goto(f"{page.url}?{urlencode({'claims': json.dumps(claims)})}")
    expect(page.get_by_role("heading", name="What needs you")).to_be_visible()
    expect(page.get_by_role("link", name=name)).to_be_visible()


def connect_google(walk: Walk) -> None:
    """Ida adds the first source: filled in, checked, and only then saved."""
    page = walk.ida
    page.get_by_role("link", name="Add the first source").click()
    page.get_by_role("link", name="Choose Google Workspace").click()
    page.get_by_label("What you call it").fill("Google of Acme")
    page.get_by_label("Service account key").fill(make_service_account().key_file)
    page.get_by_label("Administrator").fill("ida.holm@acme.example")
    page.get_by_text("More settings, which most people leave as they are").click()
    page.get_by_label("API address").fill(walk.google)
    page.get_by_label("Token address").fill(f"{walk.google}/token")
    page.get_by_role("button", name="Check it").click()
    expect(page.get_by_role("status").filter(has_text="It works")).to_be_visible()
    page.get_by_role("button", name="Save, and read it now").click()
    expect(page.get_by_role("heading", name="Waiting its turn")).to_be_visible()


def watch_the_scan(walk: Walk) -> None:
    """It tells by itself how far it is, or when asked where there is no JavaScript."""
    page = walk.ida
    with being_read(walk.engine, clock=utc_now) as on:
        if walk.scripted:
            expect(page.get_by_role("heading", name=re.compile("^Reading "))).to_be_visible()
        on.set()
        if walk.scripted:
            expect(page.get_by_role("heading", name="Complete")).to_be_visible()
    if not walk.scripted:
        page.get_by_role("link", name="Refresh").click()
    expect(page.get_by_role("heading", name="Complete")).to_be_visible()


def find_and_claim(walk: Walk) -> None:
    """Mara goes through the list of all tools: by keyboard, or by boxes and buttons."""
    page = walk.mara
    menu(page, "Home")
    expect(card(page, "Found in your teams")).to_contain_text("Mailchimp")
    menu(page, "Tools")
    page.get_by_role("navigation", name="Lists").get_by_role("link", name="Everything").click()
    found = page.locator("#found")
    expect(found).to_have_text("6 tools")
    if not walk.scripted:
        page.get_by_role("searchbox").fill("mailch")
        page.get_by_role("button", name="Search").click()
        expect(found).to_have_text("1 tool")
        page.get_by_role("checkbox", name="Select Mailchimp").check()
        page.get_by_role("button", name="Claim", exact=True).click()
        said(page, "1 tool is yours now.")
    else:
        keys = page.keyboard
        keys.press("/")
        keys.type("mailch")
        expect(found).to_have_text("1 tool")
        keys.press("Escape")  # out of the search, to the first tool
        expect(page.get_by_role("link", name="Mailchimp", exact=True)).to_be_focused()
        keys.press("x")
        expect(page.get_by_role("checkbox", name="Select Mailchimp")).to_be_checked()
        keys.press("c")
        expect(page.locator("#toast")).to_have_text("1 tool is yours now.")
    expect(row(page, "Mailchimp")).to_contain_text("You")


def decline(walk: Walk) -> None:
    """What another team planned is not theirs."""
    page = walk.mara
    page.get_by_role("searchbox").fill("")
    if not walk.scripted:
        page.get_by_role("button", name="Search").click()
        page.get_by_role("checkbox", name="Select Cloud Kitchen Planner").check()
        page.get_by_role("button", name="Not ours").click()
    else:
        expect(page.locator("#found")).to_have_text("6 tools")
        go_down_to(page, "Cloud Kitchen Planner")
        page.keyboard.press("d")
    box = page.get_by_role("dialog", name="Not ours")
    box.get_by_label("Why").select_option("Another team uses it")
    box.get_by_role("button", name="Decline them").press("Enter")
    done = page.locator("#toast" if walk.scripted else ".said-once")
    expect(done).to_have_text("1 tool is no longer offered to your department.")


def start_a_review(walk: Walk) -> str:
    """Ida opens Mailchimp from the list, and starts its review."""
    page = walk.ida
    menu(page, "Tools")
    if walk.scripted:
        go_down_to(page, "Mailchimp")
        page.keyboard.press("Enter")
    else:
        page.get_by_role("link", name="Mailchimp", exact=True).click()
    expect(page.get_by_role("heading", name="Mailchimp", level=1)).to_be_visible()
    card(page, "The decision").get_by_role("button", name="Start the review").click()
    page.get_by_label("What is it needed for").fill("The newsletter.")
    page.get_by_role("button", name="Start the review").click()
    said(page, "Both sides have been told")
    return urlsplit(page.url).path


def ask_and_answer(walk: Walk, review: str) -> None:
    """Ida asks; from then on the review waits for Mara, who finds it on her home page."""
    walk.ida.get_by_label("Ask marketing").fill("Whose contacts does it hold?")
    walk.ida.get_by_role("button", name="Ask", exact=True).click()
    said(walk.ida, "Your question is asked")
    page = walk.mara
    menu(page, "Home")
    card(page, "Reviews waiting on marketing").get_by_role(
        "link", name=re.compile("^Answer.*Mailchimp$")
    ).click()
    expect(page).to_have_url(HOME + review)
    expect(turn(page)).to_contain_text("Whose contacts does it hold?")
    turn(page).get_by_label("Your answer").fill("Subscribers of the newsletter, nobody else.")
    turn(page).get_by_role("button", name="Answer").click()
    walk.ida.goto(review)
    expect(card(walk.ida, "Questions")).to_contain_text("Subscribers of the newsletter")


def look_at_it_from_both_sides(walk: Walk, review: str) -> None:
    """Each side says what it found, on each item of its half."""
    for page in (walk.ida, walk.mara):
        page.goto(review)
        for item in turn(page).locator("fieldset.item-form").all():
            item.get_by_text("Fine", exact=True).click()
        turn(page).get_by_role("button", name="Put it on the table").click()
        said(page, "What you found is on the table")


def propose_with_a_condition(walk: Walk, review: str) -> None:
    """Mara wants to keep it, if Ida sees to one thing."""
    page = walk.mara
    page.goto(review)
    form = page.locator("form.propose")
    form.get_by_text("Approve it with conditions").click()
    form.get_by_label("What is promised").fill("People sign in with the company account")
    form.get_by_label("Who sees to it").select_option("Ida Holm")
    form.get_by_label("By when").fill((utc_now() + timedelta(days=10)).date().isoformat())
    form.get_by_label("Why, for the other side").fill("The newsletter lives there.")
    form.get_by_role("button", name="Put it on the table").click()
    said(page, "Your proposal is on the table")


def sign_with_both_keys(walk: Walk, review: str) -> None:
    """One key decides nothing; the second one does."""
    for page, side, why in (
        (walk.ida, "IT", "Fine behind the company account."),
        (walk.mara, "marketing", "We keep our newsletter."),
    ):
        page.goto(review)
        expect(turn(page)).to_contain_text("People sign in with the company account")
        turn(page).get_by_label("Why your side agrees").fill(why)
        turn(page).get_by_role("button", name=f"Turn {side}’s key").click()
        said(page, "Your key is turned" if side == "IT" else "it is decided")
    expect(card(walk.mara, "IT")).to_contain_text("Fine behind the company account.")
    expect(card(walk.mara, "Marketing")).to_contain_text("We keep our newsletter.")


def meet_the_condition(walk: Walk, review: str) -> None:
    """Ida finds her promise at home and keeps it."""
    page = walk.ida
    menu(page, "Home")
    card(page, "Promises due in 30 days").get_by_role("link", name="People sign in").click()
    promised = card(page, "What was promised")
    promised.get_by_label("How it was kept").fill("Switched on this morning.")
    promised.get_by_role("button", name="It was kept").click()
    said(page, "the condition was kept")
    expect(promised.get_by_role("listitem")).to_contain_text("Kept")


def merge_and_undo(walk: Walk) -> None:
    """Two names of one product become one tool; then it turns out that they were two."""
    page = walk.mara
    page.goto("/tools?view=all")
    page.get_by_role("link", name="Brandwheel Studio").click()
    page.get_by_role("link", name="Evidence", exact=True).click()
    page.get_by_role("link", name="It is the same as another tool").click()
    page.get_by_label("Name of the other tool").fill("brandwheel")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=re.compile("See what would move.*Brandwheel$")).click()
    page.get_by_role("button", name="Merge them").click()
    said(page, "“Brandwheel Studio” is part of “Brandwheel” now.")
    expect(page.get_by_role("heading", name="Brandwheel", level=1, exact=True)).to_be_visible()
    menu(page, "Tools")
    page.goto("/tools?view=all")
    expect(page.locator("#found")).to_have_text("5 tools")

    page.get_by_role("link", name="Brandwheel", exact=True).click()
    page.get_by_role("link", name="Evidence", exact=True).click()
    card(page, "What people said about it").get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Undo it").click()
    said(page, "That is undone")
    page.goto("/tools?view=all")
    expect(row(page, "Brandwheel Studio")).to_be_visible()


def ask_before_buying(walk: Walk) -> None:
    """Mara wants something that nobody has; Ida sees that she waits for it."""
    page = walk.mara
    menu(page, "Ask before buying")
    page.get_by_label("I want to use").fill("Brevo")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".answer")).to_contain_text("Known product, not in use here")
    page.get_by_label("What is it for?").fill("Text messages to dealers.")
    page.get_by_role("button", name="Ask for it").click()
    expect(page.get_by_role("heading", name="Brevo", level=1)).to_be_visible()
    menu(walk.ida, "Ask before buying")
    expect(card(walk.ida, "What people wait for")).to_contain_text("Text messages to dealers.")


def export(walk: Walk) -> None:
    """What is shown is what is downloaded, tool by tool."""
    page = walk.mara
    page.goto("/tools?view=all")
    expect(page.locator("#found")).to_have_text("6 tools")
    shown = [
        (line.locator("th a").inner_text(), line.locator("td[data-label=People]").inner_text())
        for line in page.locator("tbody tr").all()
    ]
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    lines = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    assert [(line["Tool"], line["People"]) for line in lines] == shown
    assert {"Mailchimp", *MORE} < {line["Tool"] for line in lines}
    assert next(line["Owner"] for line in lines if line["Tool"] == "Mailchimp") == "Mara Lind"


def try_another_policy(walk: Walk) -> None:
    """Ida sees what a stricter policy would have changed; nothing changes by it."""
    page = walk.ida
    menu(page, "Policy")
    page.get_by_role("link", name="Propose a change").click()
    text = page.get_by_label("The policy as a text")
    text.fill(text.input_value().replace("people, at_least: 100", "people, at_least: 1"))
    page.get_by_role("button", name="Try it on the last 90 days").click()
    tried = page.locator(".tried")
    expect(tried).to_contain_text("would have been treated differently")
    expect(tried.get_by_role("link", name="Canva")).to_be_visible()
    menu(page, "Policy")
    expect(card(page, "Versions").get_by_role("listitem")).to_have_count(1)
