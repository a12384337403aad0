"""The joint report in a real browser: what both leaders read, for the time choose, on screen and paper."""

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.db import writing
from app.security.schemas import Role
from app.spend.periods import add_months
from tests.support import browsing
from tests.support.seed import Seed
from tests.web.conftest import Site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def spent(site: Site) -> None:
    """Half a year of charges."""
    with writing(site.engine) as connection:
        seed = Seed(connection)
        for n, name in enumerate(("Brevo", "Ahrefs"), 1):
            tool = seed.tool(name, category=name, spend={"EUR": 60_000 * n}, spend_currency="EUR")
            for back in range(6):
                seed.expense(
                    site.company.ramp,
                    tool,
                    ref=f"{name} {back}",
                    occurred_on=add_months(date(2026, 11, 3), -back),
                    amount_minor=10_000 * n,
                    currency="EUR",
                    merchant=name,
                )


def test_both_leaders_read_the_same_report(window: Page, site: Site) -> None:
    seen = []
    for role in (Role.MARKETING, Role.IT):
        site.enter(window, role, "/report")
        expect(window.get_by_role("heading", name="How we work together")).to_be_visible()
        seen.append(window.locator("main").inner_text())
    assert seen[0] == seen[1]
    expect(window.locator("dl.tiles")).to_contain_text("€888")
    browsing.look(window, "report")
    browsing.visit(window, site.url + "/report")

    window.get_by_label("From", exact=True).fill("2026-11-01")
    window.get_by_role("button", name="Show").click()
    expect(window.locator("dl.tiles")).to_contain_text("€300")


def test_it_fits_on_paper(plain_window: Page, site: Site) -> None:
    site.enter(plain_window, Role.READER, "/report?months=12")
    expect(plain_window.get_by_role("link", name="12 months")).to_have_attribute("aria-current", "page")
    plain_window.emulate_media(media="print")
    plain_window.set_viewport_size({"width": 718, "height": 1000})  # A4 less its margins
    browsing.fits(plain_window)
    expect(plain_window.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(plain_window.get_by_label("From", exact=True)).to_be_hidden()
    browsing.picture(plain_window, "report-on-paper")
    options: dict[str, Any] = {"format": "A4", "prefer_css_page_size": True}
    pages = plain_window.pdf(**options).count(b"/Type /Page\n")
    assert 1 <= pages <= 4
