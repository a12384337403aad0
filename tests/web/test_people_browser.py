"""People and permissions in a real browser: a leaver's permission, followed to its tool and its person."""

import pytest
from playwright.sync_api import Page, expect

from app.db import writing
from app.security.schemas import Role
from tests.support import browsing
from tests.support.seed import Seed
from tests.web.conftest import Site

pytestmark = pytest.mark.browser


def test_a_leavers_permission_is_found_and_followed(window: Page, site: Site) -> None:
    site.enter(window, Role.IT, "/grants")
    expect(window.get_by_role("table", name="Permissions, the newest first")).to_be_visible()
    browsing.look(window, "grants")
    browsing.visit(window, site.url + "/grants")

    window.get_by_text("Narrow down").click()
    window.get_by_label("People", exact=True).select_option(label="Who have left")
    window.wait_for_url("**leavers=true**")
    window.get_by_label("Impact").select_option(label="High impact")
    window.wait_for_url("**grade=high**")
    window.get_by_label("What it allows, in words").fill("read mail")
    window.get_by_role("button", name="Search").click()
    expect(window.get_by_role("status")).to_contain_text("1 permission")
    expect(window.get_by_role("link", name="Lee Dorn")).to_be_visible()
    browsing.look(window, "grants-narrowed")

    views = window.get_by_role("navigation", name="Views")
    views.get_by_role("link", name="By tool").click()
    expect(window.get_by_role("row", name="HubSpot")).to_contain_text("1 time")
    views.get_by_role("link", name="By permission").click()
    expect(window.get_by_role("row", name="read all your e-mail")).to_contain_text("1 of somebody who left")
    browsing.look(window, "grants-by-permission")
    window.get_by_role("link", name="HubSpot").first.click()
    expect(window.get_by_role("heading", name="HubSpot", level=1)).to_be_visible()

    window.go_back()
    views.get_by_role("link", name="One by one").click()
    window.get_by_role("link", name="Lee Dorn").click()
    expect(window.get_by_role("heading", name="Has left, and access is still in force")).to_be_visible()
    expect(window.get_by_text("Ask IT to do it.")).to_be_hidden()
    browsing.look(window, "person-left")
    browsing.visit(window, window.url)


def test_the_map_leads_to_the_permissions_behind_a_mark(window: Page, site: Site) -> None:
    with writing(site.engine) as connection:
        writer = Seed(connection, _count=5000)
        app = writer.app(site.company.okta, site.company.canva, "Canva for everything")
        everything = ("drive", "contacts", "calendar", "chat.messages", "adwords", "analytics", "youtube")
        scopes = [f"https://www.googleapis.com/auth/{name}" for name in everything]
        writer.grant(site.company.okta, app, None, *scopes, "okta.users.read", consent="admin")
    site.enter(window, Role.MARKETING, "/grants?view=map")
    expect(window.get_by_role("columnheader", name="Mail")).to_be_visible()
    browsing.look(window, "grants-map")
    row = window.get_by_role("row", name="HubSpot")
    row.get_by_role("link", name="read all your e-mail").press("Enter")
    expect(window.get_by_role("status")).to_contain_text("2 permissions")
    window.get_by_role("link", name="take away").click()
    expect(window.get_by_role("status")).not_to_contain_text("HubSpot")


def test_people_without_javascript(plain_window: Page, site: Site) -> None:
    window = plain_window
    site.enter(window, Role.READER, "/people")
    expect(window.get_by_role("link", name="Anna Berg")).to_be_visible()
    window.get_by_label("Search people").fill("dorn")
    window.get_by_role("button", name="Apply").click()
    expect(window.get_by_role("link", name="Anna Berg")).to_be_hidden()
    window.get_by_role("link", name="1 permission").click()
    expect(window.get_by_role("status")).to_contain_text("Lee Dorn")
    window.get_by_text("Narrow down").click() if window.get_by_label("Publisher").is_hidden() else None
    window.get_by_label("Impact").select_option(label="Low impact")
    window.get_by_role("button", name="Apply").click()
    expect(window.get_by_role("heading", name="No permission fits")).to_be_visible()


def test_people_look_well(window: Page, site: Site) -> None:
    site.enter(window, Role.MARKETING, "/people")
    browsing.look(window, "people")
    browsing.visit(window, site.url + "/people")
    window.get_by_role("link", name="Left, with live access").first.click()
    expect(window.get_by_role("row", name="Lee Dorn")).to_be_visible()
    window.goto(f"{site.url}/people/{site.company.anna}")
    browsing.look(window, "person")
