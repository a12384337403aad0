"""A pass of the policy in a real browser: seen on each page, and refused from the board."""

import pytest
from playwright.sync_api import Page, expect

from app.security.schemas import Role
from tests.support import browsing
from tests.web.conftest import Site
from tests.web.test_passes import passed

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def linktree(site: Site) -> int:
    return passed(site.engine)[0]


def test_a_pass_is_seen_on_each_page_and_refused(window: Page, site: Site, linktree: int) -> None:
    for name, path in (("list", "/tools?view=all"), ("tool", f"/tools/{linktree}"), ("report", "/report")):
        site.enter(window, Role.MARKETING, path)
        expect(window.locator("main")).to_contain_text("Linktree")
        browsing.look(window, f"pass-{name}")
    site.enter(window, Role.MARKETING, "/tools?view=all")
    expect(window.locator(f'tr[data-id="{linktree}"]')).to_contain_text("Allowed by the policy")

    site.enter(window, Role.MARKETING, "/reviews")
    window.get_by_text("Refuse this pass: Linktree").click()
    window.get_by_label("Why Linktree needs a review").fill("It posts in our name.")
    browsing.look(window, "pass-board")
    window.get_by_role("button", name="Refuse it and open the review").click()
    expect(window.get_by_role("heading", name="Linktree")).to_be_visible()
    expect(window.locator(".need")).to_contain_text("It posts in our name.")
    window.goto(f"{site.url}/tools/{linktree}")
    expect(window.locator("main")).not_to_contain_text("Allowed by the policy until")
