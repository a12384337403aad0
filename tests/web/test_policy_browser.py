"""The policy in a real browser: read in words, changed as a text, tried, kept and switched on."""

import pytest
from playwright.sync_api import Page, expect

from app.policy.reading import shipped_text
from app.security.schemas import Role
from tests.support import browsing
from tests.web.conftest import Site

pytestmark = pytest.mark.browser
STRICTER = shipped_text().replace("people, at_least: 100", "people, at_least: 1")
BROKEN = STRICTER.replace("full:\n    it: {items", "full:\n    it: {itmes", 1)


def test_a_change_is_tried_kept_and_switched_on(window: Page, site: Site) -> None:
    site.enter(window, Role.ADMIN, "/policy")
    expect(window.get_by_role("heading", name="Which lane a tool takes")).to_be_visible()
    browsing.look(window, "policy")
    browsing.visit(window, site.url + "/policy")

    window.get_by_role("link", name="Propose a change").click()
    text = window.get_by_label("The policy as a text")
    text.fill(BROKEN)
    window.get_by_role("button", name="Try it on the last 90 days").click()
    line = BROKEN[: BROKEN.index("itmes")].count("\n") + 1
    expect(window.get_by_role("alert")).to_contain_text(
        f"Line {line}, lanes.full.it: there is no 'itmes' here"
    )
    expect(text).to_have_value(BROKEN)
    browsing.look(window, "policy-error")

    text.fill(STRICTER)
    window.get_by_role("button", name="Try it on the last 90 days").click()
    expect(window.get_by_role("status")).to_contain_text("would have been treated differently")
    expect(window.locator(".tried")).to_contain_text("Canva")
    browsing.look(window, "policy-tried")

    window.get_by_role("button", name="Keep it as a new version").click()
    expect(window.get_by_role("alert")).to_contain_text("Say in a note why the policy is changed")
    window.get_by_label("Why it is changed").fill("Every tool that somebody uses is looked at")
    window.get_by_role("button", name="Keep it as a new version").click()
    expect(window.get_by_role("status")).to_contain_text("Version 1 was kept. It does not hold yet.")
    window.get_by_role("button", name="Switch it on").click()
    expect(window.get_by_role("status")).to_contain_text("From now on, version 1 holds.")
    expect(window.locator(".rules")).to_contain_text("at least 1")


def test_both_sides_try_and_only_administrators_set(plain_window: Page, site: Site) -> None:
    site.enter(plain_window, Role.MARKETING, "/policy/change?version=0")
    expect(plain_window.get_by_role("button", name="Keep it as a new version")).to_have_count(0)
    plain_window.get_by_role("button", name="Try it on the last 90 days").click()
    expect(plain_window.get_by_role("heading", name="What would have been different")).to_be_visible()
    plain_window.goto(site.url + "/policy/versions/0")
    expect(plain_window.get_by_role("button", name="Switch it on")).to_have_count(0)
    site.enter(plain_window, Role.READER, "/policy")
    expect(plain_window.get_by_role("link", name="Propose a change")).to_have_count(0)
