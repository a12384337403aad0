"""The page of one tool in a real browser: whose it is, what it is, and what is wrong about it."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.engine import Connection

from app.api.state import reassess
from app.db import writing
from app.reviews.choosing import HouseRules
from app.reviews.service import Desk
from app.reviews.words import Cause
from app.security import users
from app.security.schemas import Caller, Role, UserIn
from app.security.service import create_token
from tests.conftest import NOW
from tests.support import browsing
from tests.support.seed import Seed
from tests.web.conftest import Site

pytestmark = pytest.mark.browser
GMAIL = "https://www.googleapis.com/auth/gmail.readonly"
SCOPES = (GMAIL, "https://www.googleapis.com/auth/contacts.readonly", "openid")


class Brand:
    """What this module adds to the company: a busy tool, its approved rival, and a second marketer."""

    def __init__(self, site: Site) -> None:
        self.site = site
        with writing(site.engine) as connection:
            self.nils = self._user(connection, "Nils Holm")
            Seed(connection).person("Mara Lind", "mara@acme.example", department="Marketing")
            self.brevo = self._busy(connection)
            seed = Seed(connection, _count=900)
            self.mailchimp = seed.tool(
                "Mailchimp",
                key="kb:mailchimp",
                vendor="Intuit",
                category="CE-EMAIL",
                governance="sanctioned",
                flagged=False,
                people=14,
                spend_minor=120_000,
                spend_currency="EUR",
                search="mailchimp",
            )
            seed.app(site.company.okta, self.mailchimp, "Mailchimp")
            self.machine = seed.tool("Mail machine", category="CE-EMAIL", people=3, search="mail machine")
            source = seed.source("paper", "files")
            for name in ("Mail machine", "Letter press shop", "Mailer of old times"):
                seed.app(source, self.machine, name)

    @staticmethod
    def _user(connection: Connection, name: str) -> str:
        wanted = UserIn(
            email=f"{name.split(maxsplit=1)[0].lower()}@acme.example", name=name, roles=[Role.MARKETING]
        )
        user = users.create_user(connection, wanted, actor="test", now=NOW).id
        return create_token(connection, name, Role.MARKETING, user_id=user, actor="test", now=NOW)[1]

    @staticmethod
    def _busy(connection: Connection) -> int:
        seed = Seed(connection, _count=500)
        okta, cards = seed.source("sign-in", "okta"), seed.source("company cards", "brex")
        departments = {"Marketing": 9, "Sales": 4, "Customer Success": 2, "Engineering": 1}
        brevo = seed.tool(
            "Brevo",
            key="kb:brevo",
            vendor="Sendinblue SAS",
            domain="brevo.com",
            category="CE-EMAIL",
            people=16,
            people_gone=1,
            grant_grade="high",
            spend_minor=58_800,
            spend_currency="EUR",
            spend={"EUR": 58_800},
            departments=[{"department": name, "people": n} for name, n in departments.items()],
            sources=["company cards", "sign-in"],
            flagged_reasons=[
                "It is a marketing tool: the knowledge base lists it under E-mail marketing.",
                "16 people use it, and nobody has decided on it.",
            ],
            search="brevo sendinblue",
        )
        seed.link(brevo, sources=(okta, cards), departments=departments)
        app = seed.app(okta, brevo, "Brevo Newsletter", sign_on="consent", publisher="Sendinblue SAS")
        team = [name for name, n in departments.items() for _ in range(n)]
        for number, department in enumerate(team):
            who = seed.person(f"Person {number:02}", f"p{number}@acme.example", department=department)
            account = seed.account(okta, who)
            for month in range(1 + number % 8):
                day = date(2026, 11, 16) - timedelta(days=30 * month)
                seed.sign_ins(app, account, day, count=2 + number % 3)
            if number < 6:
                seed.grant(okta, app, account, *SCOPES)
        for month in range(12):
            at = date(2025 + (11 + month) // 12, (11 + month) % 12 + 1, 3)
            seed.expense(cards, brevo, occurred_on=at, amount_minor=4900, currency="EUR", merchant="BREVO")
        return brevo


@pytest.fixture(scope="module")
def brand(site: Site) -> Brand:
    return Brand(site)


@pytest.fixture
def second(browser: Browser, brand: Brand) -> Callable[[str], Page]:
    """Another window, in which somebody else is logged in by a token."""

    def opened(token: str) -> Page:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(15_000)
        browsing.log_in(page, brand.site.url, token)
        return page

    return opened


def test_claim_contest_and_settle(
    window: Page, site: Site, brand: Brand, second: Callable[[str], Page]
) -> None:
    page = f"/tools/{brand.brevo}"
    site.enter(window, Role.MARKETING, page)
    expect(window.get_by_text("A tool for Email Marketing, made by Sendinblue SAS.")).to_be_visible()
    expect(window.get_by_role("region", name="Other tools for the same job")).to_contain_text("Mailchimp")
    browsing.look(window, "tool")
    browsing.visit(window, site.url + page)
    owner = window.get_by_role("region", name="Who answers for it")
    owner.get_by_role("button", name="Claim it").click()
    expect(window.get_by_role("status")).to_have_text("You answer for Brevo now.")
    expect(owner).to_contain_text("You do.")
    owner.get_by_text("Hand it over").click()
    browsing.look(window, "tool-owned")

    nils = second(brand.nils)
    nils.goto(site.url + page)
    nils.get_by_text("It is mine").click()
    nils.get_by_label("Why is it yours?").fill("My team pays for it.")
    nils.get_by_role("button", name="Contest it", exact=True).click()
    expect(nils.get_by_role("status")).to_have_text("Mara Lind is told that you claim it too.")
    nils.context.close()

    site.enter(window, Role.ADMIN, page)
    expect(owner).to_contain_text("Nils Holm says that it is theirs: “My team pays for it.”")
    browsing.look(window, "tool-contested")
    owner.get_by_label("Nils Holm").check()
    owner.get_by_label("Why?").fill("Their budget, their tool.")
    owner.get_by_role("button", name="Settle it").click()
    expect(window.get_by_role("status")).to_have_text("Settled: Nils Holm answers for it.")
    window.get_by_role("link", name="History").first.click()
    expect(window.get_by_role("region", name="What happened")).to_contain_text("Ada Admin settled it")
    browsing.look(window, "tool-history")


def test_hand_over_and_accept(window: Page, site: Site, second: Callable[[str], Page], brand: Brand) -> None:
    page = f"/tools/{site.company.canva}"
    site.enter(window, Role.MARKETING, page)
    window.get_by_role("button", name="Claim it").click()
    window.get_by_text("Hand it over").click()
    window.get_by_label("To whom?").select_option(label="Nils Holm")
    window.get_by_role("button", name="Offer it to them").click()
    expect(window.get_by_role("status")).to_contain_text("It is offered to Nils Holm")
    nils = second(brand.nils)
    nils.goto(site.url + page)
    nils.get_by_role("button", name="Accept it").click()
    expect(nils.get_by_role("status")).to_have_text("You answer for Canva Teams now.")
    nils.context.close()


def test_decline_with_a_reason(window: Page, site: Site, brand: Brand) -> None:
    site.enter(window, Role.MARKETING, f"/tools/{brand.machine}")
    window.get_by_text("It is not ours").first.click()
    window.get_by_label("Why not?").select_option(label="It is the same as another tool")
    window.get_by_label("Anything we should know?").fill("It is the old name of Brevo.")
    window.get_by_role("button", name="Say so").click()
    expect(window.get_by_role("alert")).to_have_text("Name the tool that it duplicates, and only then.")
    expect(window.get_by_label("Anything we should know?")).to_have_value("It is the old name of Brevo.")
    browsing.look(window, "tool-declining")
    window.get_by_label("If it is the same as another tool").select_option(label="Brevo")
    window.get_by_role("button", name="Say so").click()
    expect(window.get_by_role("status")).to_have_text("Mail machine is no longer offered to Marketing.")
    expect(window.get_by_role("region", name="Who answers for it")).to_contain_text("Not of Marketing")


def test_the_review_in_short_and_the_other_tabs(window: Page, site: Site, brand: Brand) -> None:
    with writing(site.engine) as connection:
        ivo = users.user_at(connection, "ivo@acme.example").id
        caller = Caller("Ivo Berg", frozenset({Role.IT}), NOW + timedelta(days=1), user_id=ivo)
        desk = Desk(
            connection, actor=caller.actor, now=NOW - timedelta(days=1), reassess=reassess, house=HouseRules()
        )
        desk.open_by(caller, site.company.hubspot, Cause.FLAG, "")
    site.enter(window, Role.IT, f"/tools/{site.company.hubspot}")
    decision = window.get_by_role("region", name="The decision")
    expect(decision).to_contain_text("It is under review, and waits for your side.")
    expect(decision.get_by_role("link", name="Give your side’s answer")).to_be_visible()
    browsing.look(window, "tool-in-review")
    for tab, heading in (
        ("People", "By name, the latest use first"),
        ("Permissions", "Who allowed it, the newest first"),
        ("Cost", "Every charge, the latest first"),
        ("Evidence", "All evidence, the latest first"),
    ):
        window.get_by_label("About this tool").get_by_role("link", name=tab).click()
        expect(window.get_by_role("heading", name=heading)).to_be_visible()
        browsing.look(window, f"tool-{tab.lower()}")


def test_this_is_wrong_and_undone(window: Page, site: Site, brand: Brand) -> None:
    site.enter(window, Role.IT, f"/tools/{brand.machine}?tab=evidence")
    window.get_by_role("region", name="Where it was found").get_by_role(
        "link", name=re.compile("This is wrong.*Letter press shop")
    ).click()
    expect(window.get_by_label("“Letter press shop” in paper")).to_be_checked()
    browsing.look(window, "tool-wrong")
    window.get_by_label("Name of the product").press_sequentially("mailc", delay=20)  # fetched as one types
    window.get_by_role("button", name="It is Mailchimp").click()
    expect(window.get_by_role("heading", name="1 piece moves")).to_be_visible()
    browsing.look(window, "tool-wrong-preview")
    window.get_by_label("Why?").fill("It says so on the tin.")
    window.get_by_role("button", name="Move it").click()
    expect(window.get_by_role("status")).to_contain_text("It belongs to “Mailchimp” now.")
    said = window.get_by_role("region", name="What people said about it")
    expect(said).to_contain_text("It says so on the tin.")
    browsing.look(window, "tool-taught")
    said.get_by_role("link", name="Undo").click()
    expect(window.get_by_role("heading", name="1 piece moves")).to_be_visible()
    browsing.look(window, "tool-undo")
    window.get_by_role("button", name="Undo it").click()
    expect(window.get_by_role("status")).to_contain_text("That is undone")
    expect(window.get_by_role("region", name="Where it was found")).to_contain_text("Letter press shop")


def test_merge_and_claim_without_javascript(plain_window: Page, site: Site, brand: Brand) -> None:
    window = plain_window
    site.enter(window, Role.MARKETING, f"/tools/{brand.machine}?tab=evidence")
    window.get_by_role("link", name="It is the same as another tool").click()
    window.get_by_label("Name of the other tool").fill("github")
    window.get_by_role("button", name="Search").click()
    window.get_by_role("link", name=re.compile("See what would move.*GitHub")).click()
    expect(window.get_by_role("region", name="Mail machine becomes part of GitHub")).to_contain_text(
        "→ GitHub"
    )
    browsing.fits(window)
    browsing.picture(window, "tool-merge")
    window.get_by_role("button", name="Merge them").click()
    expect(window.get_by_role("heading", name="GitHub", level=1)).to_be_visible()
    expect(window.get_by_role("status")).to_contain_text("“Mail machine” is part of “GitHub” now.")
    window.get_by_role("link", name="Evidence", exact=True).click()
    window.get_by_role("region", name="What people said about it").get_by_role("link", name="Undo").click()
    window.get_by_role("button", name="Undo it").click()
    window.goto(f"{site.url}/tools/{brand.machine}")
    expect(window.get_by_role("heading", name="Mail machine", level=1)).to_be_visible()
    window.get_by_role("button", name="Claim it").click()
    expect(window.get_by_role("status")).to_have_text("You answer for Mail machine now.")
