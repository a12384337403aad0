"""Settings, one's own notifications and the audit trail in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from app.db import writing
from app.notify.outbox import Message, To, put
from app.security.schemas import Role, Side
from tests.conftest import NOW
from tests.support import browsing
from tests.web.conftest import Site

pytestmark = pytest.mark.browser


def test_a_role_is_changed_and_found_in_the_audit_trail(window: Page, site: Site) -> None:
    site.enter(window, Role.ADMIN, "/settings")
    expect(window.get_by_role("row").filter(has_text="Mara Lind")).to_contain_text("Marketing")
    browsing.look(window, "settings-users")
    window.get_by_label("E-mail address").fill("nina@acme.example")
    window.get_by_label("Name", exact=True).fill("Nina Neu")
    window.get_by_role("button", name="Let them in").click()
    expect(window.get_by_role("status")).to_contain_text("Nina Neu may log in now")
    expect(window.get_by_role("heading", name="Nina Neu")).to_be_visible()
    window.get_by_label("Auditor").check()
    browsing.look(window, "settings-user")
    window.get_by_role("button", name="Save").click()
    expect(window.get_by_role("status")).to_contain_text("Nina Neu is changed")
    window.get_by_role("button", name="Take access away").click()
    expect(window.get_by_role("status")).to_contain_text("has no access any more")

    window.goto(site.url + "/audit")
    browsing.look(window, "audit")
    window.get_by_label("Who", exact=True).fill("Ada")
    window.get_by_label("Who", exact=True).press("Enter")
    window.get_by_label("What", exact=True).select_option("Changed a user")  # sent at once by the script
    lines = window.get_by_role("row").filter(has_text="Nina Neu")
    expect(lines).to_have_count(2)
    expect(lines.last).to_contain_text("Marketing → Auditor, Marketing")
    expect(lines.first).to_contain_text("yes → no")
    browsing.look(window, "audit-found")
    browsing.visit(window, window.url)
    window.get_by_role("link", name="Is it untouched?").click()
    window.get_by_role("button", name="Look through all of it now").click()
    expect(window.get_by_role("status", name="Untouched")).to_be_visible()
    browsing.look(window, "audit-chain")
    window.get_by_role("link", name="Audit trail").first.click()
    with window.expect_download() as download:
        window.get_by_role("link", name="Export").click()
    assert download.value.suggested_filename == "audit.json"


def test_channels_tokens_and_the_machine(window: Page, site: Site) -> None:
    site.enter(window, Role.ADMIN, "/settings/channels")
    browsing.look(window, "settings-channels-none")
    window.get_by_role("link", name="Set up Slack").click()
    window.get_by_label("What you call it").fill("marketing-ops")
    window.get_by_label("Webhook address").fill("https://evil.example/T/B/x")
    window.get_by_label("Joint reviews").check()
    browsing.look(window, "settings-channel-new")
    window.get_by_role("button", name="Send a test and save").click()
    expect(window.get_by_role("alert")).to_contain_text("Nothing was saved")
    expect(window.get_by_label("Joint reviews")).to_be_checked()
    browsing.look(window, "settings-channel-wrong")

    window.get_by_role("main").get_by_role("link", name="Notifications").click()
    window.get_by_role("link", name="Tokens").click()
    window.get_by_label("What it is for").fill("nightly export")
    window.get_by_role("button", name="Make a token").click()
    expect(window.get_by_role("status")).to_contain_text("it is not shown again")
    browsing.look(window, "settings-tokens")

    with writing(site.engine) as connection:
        told = Message(
            topic="review.waiting",
            subject="review:1",
            to=To(sides=(Side.MARKETING,)),
            title="The review of HubSpot waits for marketing",
            text="It does.",
            path="/reviews/1",
        )
        put(connection, told, NOW)
    window.get_by_role("link", name="What was sent").click()
    expect(window.get_by_role("row").filter(has_text="Mara Lind")).to_contain_text("Only in the inbox")
    browsing.look(window, "settings-deliveries")
    window.get_by_role("link", name="Retention and machine").click()
    expect(window.get_by_role("heading", name="What is kept for how long")).to_be_visible()
    browsing.look(window, "settings-system")


def test_one_chooses_what_one_hears_without_javascript(window: Page, plain_window: Page, site: Site) -> None:
    plain = plain_window
    site.enter(plain, Role.MARKETING, "/account")
    plain.get_by_label("Your time zone").fill("Europe/Berlin")
    plain.get_by_text("What at once, what weekly").click()
    plain.get_by_label("A joint review waits for your side", exact=True).select_option("At once")
    plain.get_by_role("button", name="Save").click()
    expect(plain.get_by_role("status")).to_contain_text("as you chose")
    expect(plain.get_by_label("Your time zone")).to_have_value("Europe/Berlin")
    site.enter(window, Role.MARKETING, "/account")
    browsing.look(window, "account")
    browsing.visit(window, site.url + "/account")
