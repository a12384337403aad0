"""The API's description in a browser: found by typing, read by keyboard, and without a script."""

import pytest
from playwright.sync_api import Page, expect

from app.security.schemas import Role
from tests.support import browsing
from tests.web.conftest import Site

pytestmark = pytest.mark.browser


def test_an_operation_is_found_by_typing(window: Page, site: Site) -> None:
    browsing.log_in(window, site.url, site.tokens[Role.READER])
    browsing.visit(window, f"{site.url}/api/docs")
    browsing.look(window, "api")
    window.get_by_role("searchbox").fill("merge tools")
    found = window.get_by_role("link", name="POST /api/v1/tools/{tool_id}/merge")
    expect(found).to_be_visible()
    expect(window.get_by_role("heading", name="Scans")).to_be_hidden()
    found.focus()
    window.keyboard.press("Enter")
    expect(window.get_by_role("heading", name="POST /api/v1/tools/{tool_id}/merge")).to_be_in_viewport()
    browsing.look(window, "api-area")
    window.get_by_role("region", name="POST /api/v1/tools/{tool_id}/merge").get_by_role(
        "link", name="Taught"
    ).click()
    expect(window.get_by_role("heading", name="Taught", exact=True)).to_be_in_viewport()
    browsing.look(window, "api-names")
    browsing.visit(window, f"{site.url}/api/docs/reviews/names")
    browsing.visit(window, f"{site.url}/api/docs/reviews")
    browsing.look(window, "api-reviews")


def test_the_search_works_without_a_script(plain_window: Page, site: Site) -> None:
    site.enter(plain_window, Role.READER, "/api/docs")
    plain_window.get_by_role("searchbox").fill("renewals")
    plain_window.get_by_role("button", name="Search").click()
    expect(plain_window.get_by_role("link", name="GET /api/v1/renewals")).to_be_visible()
    expect(plain_window.get_by_role("heading", name="Scans")).to_have_count(0)
