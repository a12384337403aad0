"""The joint report in a real browser: what both leaders read, for the time choose, on screen and paper."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from app.db import writing
from app.models import channels
from app.security.schemas import Role
from app.spend.periods import add_months
from tests.conftest import NOW
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


def test_it_is_ordered_by_mail(window: Page, site: Site) -> None:
    with writing(site.engine) as connection:
        connection.execute(
            sa.insert(channels).values(
                name="mail",
                kind="email",
                config={"host": "mail.acme.example", "sender": "penumbra@acme.example"},
                secrets=b"",
                topics=[],
                enabled=True,
                created_at=NOW,
                updated_at=NOW,
            )
        )
    site.enter(window, Role.MARKETING, "/report")
    window.get_by_text("Get it by e-mail").click()
    window.get_by_label("Each month, on day").fill("3")
    browsing.look(window, "report-mail")
    window.get_by_role("button", name="Get it each month").click()
    expect(window.locator(".said-once")).to_contain_text("the next one on Dec 3, 2026")
    window.get_by_text("By e-mail: the next one comes on").click()
    window.get_by_role("button", name="Send this one to me now").click()
    expect(window.locator(".said-once")).to_contain_text("on its way to you")
    window.goto(f"{site.url}/account")
    expect(window.get_by_role("region", name="The joint report by e-mail")).to_contain_text("Dec 3, 2026")
    browsing.look(window, "account-report")
