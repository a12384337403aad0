"""Overlap in a real browser: from the map to the tools of one category, side by side."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from app.db import writing
from app.security.schemas import Role
from tests.support import browsing
from tests.support.seed import Seed
from tests.web.conftest import Site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def used(site: Site) -> None:
    """Three tools for e-mail, one of them approved, two of which share a person; one for search engines."""
    with writing(site.engine) as connection:
        seed = Seed(connection)
        okta = site.company.okta
        people = [
            seed.account(okta, seed.person(f"Person {n}", f"p{n}@acme.example"), ref=f"of {n}")
            for n in range(4)
        ]
        for name, users, values in (
            ("Brevo", people[:3], {"governance": "sanctioned", "shadow": False, "spend": {"USD": 240_000}}),
            ("Mailjet", people[2:], {"spend": {"USD": 60_000, "EUR": 12_000}}),
            ("Sendy", [], {}),
            ("Ahrefs", people[:1], {"category": "CE-SEO"}),
        ):
            tool = seed.tool(name, **{"category": "CE-EMAIL", **values})
            app = seed.app(okta, tool, name, ref=f"app {name}")
            for account in users:
                seed.sign_ins(app, account, date(2026, 11, 10))


def test_from_the_map_to_the_tools_side_by_side(window: Page, site: Site) -> None:
    site.enter(window, Role.MARKETING, "/overlap")
    row = window.get_by_role("row", name="Email Marketing")
    expect(row).to_contain_text("1 uses several")
    expect(row.get_by_role("link", name="Brevo")).to_be_visible()
    browsing.look(window, "overlap")
    browsing.visit(window, site.url + "/overlap")
    window.get_by_label("Which tools").select_option("all")
    expect(window.get_by_role("link", name="Engineering")).to_be_visible()

    row.get_by_role("link", name="Email Marketing").click()
    expect(window.get_by_role("heading", level=1)).to_have_text("Email Marketing")
    mailjet = window.get_by_role("row", name="Mailjet Not decided yet")
    expect(mailjet).to_contain_text("Brevo 1 person")
    expect(mailjet).to_contain_text("Not decided yet")
    browsing.look(window, "overlap-category")


def test_it_works_without_javascript(plain_window: Page, site: Site) -> None:
    site.enter(plain_window, Role.READER, "/overlap")
    plain_window.get_by_label("Sort by").select_option("spend")
    plain_window.get_by_role("button", name="Show").click()
    expect(plain_window.locator("tbody tr").first).to_contain_text("Email Marketing")
    plain_window.goto(site.url + "/overlap/NOTHING")
    expect(plain_window.get_by_text("No tool in use is of the category")).to_be_visible()
