"""Spend and renewals in a real browser: a contract is entered, seen in the calendar, changed and deleted."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from app import models
from app.db import writing
from app.security.schemas import Role
from app.spend.periods import add_months
from tests.support import browsing
from tests.support.seed import Seed
from tests.web.conftest import Site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def spent(site: Site) -> None:
    """A year of charges in several categories, a price that rose, and a yearly charge to come."""
    with writing(site.engine) as connection:
        seed = Seed(connection)
        for n, (name, category, department) in enumerate(
            [
                ("Brevo", "CE-EMAIL", "Marketing"),
                ("Ahrefs", "CE-SEO", "Growth"),
                ("Figma", "Design", "Brand"),
                ("Zapier", "Automation", "Operations"),
                ("Typeform", "Surveys", "Growth"),
                ("Loom", "Video", "Sales"),
                ("Hotjar", "Analytics", "Product"),
            ],
            1,
        ):
            spend = {"USD": 120_000 * n}
            tool = seed.tool(
                name,
                category=category,
                spend=spend,
                spend_minor=120_000 * n,
                spend_currency="USD",
                people=3 * n,
            )
            for back in range(12):
                seed.expense(
                    site.company.ramp,
                    tool,
                    ref=f"{name} {back}",
                    occurred_on=add_months(date(2026, 11, 3), -back),
                    amount_minor=10_000 * n + 700 * (12 - back),
                    department=department,
                    merchant=name,
                )
            _subscription(
                connection, tool, "yearly" if n % 2 else "monthly", add_months(date(2026, 12, 5), n)
            )


def _subscription(connection: Any, tool: int, period: str, next_on: date) -> None:
    rise = {
        "on": "2026-08-03",
        "before_minor": 10_000,
        "after_minor": 12_500,
        "currency": "USD",
        "percent": 25,
    }
    connection.execute(
        sa.insert(models.tool_subscriptions).values(
            tool_id=tool,
            number=1,
            period=period,
            currency="USD",
            usual_minor=12_500,
            charges=12,
            payers=1,
            first_on=date(2025, 12, 3),
            last_on=date(2026, 11, 3),
            next_on=next_on,
            ended_after=None,
            confidence=0.9,
            reasons=["Charged each year."],
            rises=[rise] if period == "monthly" else [],
            digest="of the test",
        )
    )


def test_what_was_spent_and_a_contract_from_the_first_click_to_the_last(window: Page, site: Site) -> None:
    site.enter(window, Role.MARKETING, "/spend")
    expect(window.get_by_role("heading", name="By month and category")).to_be_visible()
    expect(window.locator("#h-rises ~ ul")).to_contain_text("Ahrefs")
    expect(window.locator("#h-departments ~ ul")).to_contain_text("Growth")
    browsing.look(window, "spend")
    browsing.visit(window, site.url + "/spend")

    window.get_by_role("link", name="Enter a contract").click()
    window.get_by_role("searchbox", name="Of which tool?").fill("canva")
    window.get_by_role("button", name="Find").click()
    browsing.look(window, "spend-choose")
    window.get_by_role("link", name="Canva").click()
    window.get_by_label("Price", exact=True).fill("12.000,50")
    window.get_by_label("First day").fill("2026-02-01")
    window.get_by_label("Renews on").fill("2027-02-01")
    window.get_by_label("Notice, in days").fill("60")
    window.get_by_role("button", name="Enter the contract").click()
    expect(window.get_by_role("alert")).to_contain_text("Price: write an amount such as")
    expect(window.get_by_label("Renews on")).to_have_value("2027-02-01")
    browsing.look(window, "spend-contract")
    window.get_by_label("Price", exact=True).fill("12,000.50")
    window.get_by_role("button", name="Enter the contract").click()

    expect(window.get_by_role("status")).to_contain_text("The contract of Canva was entered.")
    february = window.locator(".year > li").filter(has_text="Feb 2027")
    expect(february).to_contain_text("Canva")
    expect(february).to_contain_text("€12,0")
    expect(window.get_by_role("row", name="Canva By contract")).to_contain_text("Dec 3, 2026")
    browsing.look(window, "spend-renewals")
    browsing.visit(window, site.url + "/spend/renewals")

    window.get_by_role("link", name="By contract").first.click()
    window.get_by_label("Renews on").fill("2027-03-15")
    window.get_by_role("button", name="Save the changes").click()
    expect(window.locator(".year > li").filter(has_text="Mar 2027")).to_contain_text("Canva")
    expect(window.locator(".year > li").filter(has_text="Feb 2027")).not_to_contain_text("Canva")


def test_it_all_works_without_javascript(plain_window: Page, site: Site) -> None:
    site.enter(plain_window, Role.IT, "/spend")
    plain_window.get_by_label("How far back").select_option("24")
    plain_window.get_by_role("button", name="Show").click()
    expect(plain_window.get_by_label("How far back")).to_have_value("24")
    plain_window.goto(f"{site.url}/spend/contracts/new?tool={site.company.github}")
    plain_window.get_by_label("Price", exact=True).fill("900")
    plain_window.get_by_label("Last day").fill("2026-12-31")
    plain_window.get_by_label("At the end").select_option("")
    plain_window.get_by_role("button", name="Enter the contract").click()
    plain_window.get_by_label("Used by").select_option("Engineering")
    plain_window.get_by_role("button", name="Show").click()
    row = plain_window.get_by_role("row", name="GitHub By contract")
    expect(row).to_contain_text("ends, unless renewed")
    row.get_by_role("link", name="By contract").click()
    plain_window.get_by_text("Delete this contract").click()
    plain_window.get_by_role("button", name="Delete it").click()
    expect(plain_window.get_by_role("status")).to_contain_text("The contract of GitHub was deleted.")
    expect(plain_window.locator(".contracts")).not_to_contain_text("GitHub")
