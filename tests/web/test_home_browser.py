"""The front door in a real browser, for each role."""

import pytest
from playwright.sync_api import Page, expect

from app.security.schemas import Role
from tests.support import browsing
from tests.web.conftest import Site

pytestmark = pytest.mark.browser


def test_home_says_what_is_asked_of_each_role(window: Page, site: Site) -> None:
    site.enter(window, Role.MARKETING)
    expect(window.get_by_role("heading", name="What needs you")).to_be_visible()
    expect(window.get_by_role("heading", name="Found in your teams")).to_be_visible()
    expect(window.get_by_role("heading", name="The most powerful permissions")).to_be_hidden()
    browsing.look(window, "home-marketing")
    browsing.visit(window, site.url + "/")

    site.enter(window, Role.IT)
    expect(window.get_by_role("heading", name="Reviews waiting on IT")).to_be_visible()
    expect(window.get_by_role("heading", name="People who left, with live access")).to_be_visible()
    browsing.look(window, "home-it")

    window.set_viewport_size({"width": 390, "height": 800})
    expect(window.get_by_role("link", name="Policy")).to_be_hidden()
    window.get_by_role("button", name="Menu").press("Enter")
    expect(window.get_by_role("link", name="Policy")).to_be_visible()
    browsing.fits(window)
    browsing.picture(window, "menu")
    window.keyboard.press("Escape")
    expect(window.get_by_role("link", name="Policy")).to_be_hidden()
