"""The pages in a real browser: wide and narrow, light and dark, under the strict policy."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.db import make_engine, writing
from app.main import create_app
from app.security import users
from app.security.schemas import Role, UserIn
from app.security.service import create_token
from app.settings import Settings
from tests.conftest import NOW
from tests.support import seed
from tests.support.browsing import fits, opened, picture
from tests.support.serving import served

pytestmark = pytest.mark.browser


class Site:
    """The running application and what is in it."""

    def __init__(self, url: str, token: str, persons: str, company: seed.Company) -> None:
        self.url = url
        self.token = token
        self.persons = persons
        self.company = company


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(sqlite_template, folder / "penumbra.sqlite3")
    url = f"sqlite:///{folder / 'penumbra.sqlite3'}"
    engine = make_engine(url)
    with writing(engine) as connection:
        company = seed.company(connection)
        more = seed.Seed(connection)
        for number in range(60):
            more.tool(
                f"Design tool {number:02}",
                category="Design",
                people=number,
                search=f"design tool {number:02}",
            )
        for number in range(3):
            name = ("Mailchimp", "Brevo", "Mail machine")[number]
            more.tool(
                name,
                key=("kb:mailchimp", "kb:brevo", "other")[number],
                category="CE-EMAIL",
                flagged=False,
                governance=("sanctioned", "unreviewed", "retiring")[number],
                people=14 - 5 * number,
                spend_minor=(120_000, 4_900, 0)[number],
                spend_currency="EUR",
            )
        token = create_token(connection, "Mara from marketing", Role.IT, actor="test", now=NOW)[1]
        wanted = UserIn(email="mara@acme.example", name="Mara", roles=[Role.MARKETING])
        mara = users.create_user(connection, wanted, actor="test", now=NOW).id
        persons = create_token(connection, "hers", Role.MARKETING, user_id=mara, actor="test", now=NOW)[1]
    app = create_app(Settings(data_dir=folder, database_url=url), engine, clock=lambda: NOW)
    with served(app) as address:
        yield Site(address, token, persons, company)
    engine.dispose()


@pytest.fixture(params=[(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")], ids=str)
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, scheme = request.param
    with opened(browser, width=width, scheme=scheme) as window:
        yield window


def log_in(page: Page, site: Site, target: str = "/tools", token: str = "") -> None:
    page.goto(site.url + target)
    page.get_by_label("Your access token").fill(token or site.token)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_hidden()


def test_log_in_narrow_down_and_read_one_tool(page: Page, site: Site) -> None:
    page.goto(site.url)
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    fits(page)
    picture(page, "login")
    page.get_by_label("Your access token").fill("pen_wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("not known here")
    picture(page, "login-wrong")
    page.get_by_label("Your access token").fill(site.token)
    page.get_by_role("button", name="Log in").click()

    expect(page.get_by_role("heading", name="What needs you")).to_be_visible()
    page.goto(site.url + "/tools")
    expect(page.locator("#found")).to_have_text("62 tools")
    fits(page)
    picture(page, "tools")
    page.get_by_role("link", name="Next 50").click()
    expect(page.get_by_role("row").filter(has_text="Design tool 00")).to_be_visible()

    page.get_by_role("link", name="All marketing tools").click()
    narrow = page.get_by_role("button", name="Filters")
    if narrow.is_visible():
        narrow.click()
    page.locator("summary", has_text="Category").click()
    page.get_by_role("group", name="Category").get_by_label("Crm 1").check()  # sent at once by the script
    expect(page.locator("#found")).to_have_text("1 tool")
    assert "evidence=" not in page.url, "empty fields stay out of the address"
    if narrow.is_visible():
        page.get_by_role("button", name="Show the tools").click()
    fits(page)
    picture(page, "tools-narrowed")

    page.get_by_role("link", name="HubSpot", exact=True).click()
    expect(page.get_by_role("heading", name="HubSpot")).to_be_visible()
    expect(page.get_by_role("region", name="What it may do")).to_contain_text("read all your e-mail")
    expect(page.get_by_role("region", name="What it costs")).to_contain_text("$98.00")
    expect(page.get_by_role("region", name="Who uses it")).to_contain_text("1 of them has left")
    fits(page)
    picture(page, "tool")


def test_nothing_found_and_no_such_page_are_told_kindly(page: Page, site: Site) -> None:
    log_in(page, site, "/tools?q=nothing+of+the+kind")
    expect(page.get_by_role("heading", name="No tool fits")).to_be_visible()
    fits(page)
    picture(page, "tools-empty")
    page.goto(site.url + "/tools?min_people=lots")
    expect(page.get_by_role("alert")).to_contain_text("People from: this value is not possible")
    fits(page)
    page.goto(f"{site.url}/tools/{site.company.github}")
    fits(page)
    picture(page, "tool-plain")


def test_ask_before_buying(page: Page, site: Site) -> None:
    log_in(page, site, "/ask", site.persons)
    here = page.locator("nav[aria-label=Main] a[aria-current=page]")
    expect(here).to_have_text("Ask before buying")
    fits(page)
    picture(page, "ask-empty")
    expect(page.get_by_label("I want to use …")).to_be_focused()
    page.keyboard.type("https://www.sendinblue.com/pricing")
    page.keyboard.press("Enter")
    answer = page.get_by_role("region", name="Nobody has decided on Brevo yet: ask before you buy it.")
    expect(answer).to_contain_text("Sendinblue is called Brevo now.")
    expect(answer).to_contain_text("pays for 1 tool for Email Marketing already, and has 1 more")
    expect(answer).to_contain_text("14 people · €1,200.00 in 12 months")
    fits(page)
    picture(page, "ask-answer")

    page.get_by_label("What is it for?").fill("A newsletter to\nall our dealers")
    page.get_by_label("Did you try one of these?").select_option("Mailchimp")
    page.get_by_label("What did it lack?").fill("No API for our shop")
    page.get_by_label("Cost a year (optional)").fill("a lot")
    page.get_by_role("button", name="Ask for it").click()
    expect(page.get_by_role("alert")).to_contain_text("What it would cost: write an amount")
    expect(page.get_by_label("What did it lack?")).to_have_value("No API for our shop")
    fits(page)
    picture(page, "ask-wrong")
    page.get_by_label("Cost a year (optional)").fill("1,200.50")
    page.get_by_role("button", name="Ask for it").click()
    need = page.get_by_role("region", name="What it is for")
    expect(need).to_contain_text("Mailchimp was tried and lacked: No API for our shop")
    expect(need).to_contain_text("€1,200.50 a year")
    fits(page)
    picture(page, "asked")
    expect(page.get_by_role("button", name="Open the review")).to_be_visible()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("Taken back", exact=True)).to_be_visible()

    page.goto(site.url + "/ask?what=Hubsp0t")
    expect(page.get_by_role("alert")).to_contain_text("written to look like HubSpot")
    fits(page)
    picture(page, "ask-look-alike")
    # Everything that can be filled in or pressed has a name.
    nameless = page.locator("main :is(input:not([type=hidden]), select, textarea, button)").evaluate_all(
        "all => all.filter(e => !(e.labels?.length || e.textContent.trim())).map(e => e.outerHTML)"
    )
    assert nameless == []
