"""Two people of two sides decide on a tool in the browser: on a phone, and without JavaScript too."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from app import models
from app.db import writing
from app.security.schemas import Role
from tests.support import browsing
from tests.web.conftest import Site

pytestmark = pytest.mark.browser


def owned(site: Site, tool_id: int) -> None:
    """Somebody answers for the tool: without an owner marketing's key does not turn."""
    with writing(site.engine) as connection:
        connection.execute(
            sa.update(models.tools).where(models.tools.c.id == tool_id).values(ownership="owned")
        )


def said(page: Page, text: str) -> None:
    expect(page.locator(".said-once")).to_contain_text(text)


def turn(page: Page) -> Locator:
    return page.locator("section.turn")


def assess(page: Page, item: str, verdict: str, notes: str = "") -> None:
    box = turn(page).get_by_role("group", name=item, exact=True)
    box.get_by_text(verdict, exact=True).click()
    if notes:
        box.get_by_label("Notes").fill(notes)


def test_two_people_sign_with_two_keys(window: Page, site: Site) -> None:
    tool = site.company.hubspot
    owned(site, tool)
    site.enter(window, Role.MARKETING, "/reviews")
    expect(window.get_by_role("heading", name="No review yet")).to_be_visible()
    browsing.look(window, "reviews-empty")

    # Marketing starts it from the tool; the policy suggests the lane.
    window.goto(f"{site.url}/tools/{tool}/review")
    expect(window.get_by_role("heading", name="the full lane")).to_be_visible()
    browsing.look(window, "review-start")
    window.get_by_label("What is it needed for").fill("Campaigns to the customers we have.")
    window.get_by_role("button", name="Start the review").click()
    said(window, "Both sides have been told")
    review = window.url
    assert re.search(r"/reviews/\d+$", review)
    for item in ("Requirements", "Outcome and owner", "Budget"):
        assess(window, item, "Fine", f"We looked at {item.lower()}.")
    turn(window).get_by_role("group", name="Budget").get_by_text("Attach evidence").click()
    turn(window).get_by_role("group", name="Budget").get_by_role("checkbox").first.check()
    browsing.look(window, "review-assess")
    turn(window).get_by_role("button", name="Put it on the table").click()
    said(window, "What you found is on the table")
    expect(turn(window).get_by_role("heading")).to_have_text("Nothing is asked of you now")

    # IT looks at it, attaches a permission, and asks.
    site.enter(window, Role.IT, "/reviews?side=it")
    window.get_by_role("link", name="HubSpot").click()
    for item in ("Integration", "Operations", "Vendor management"):
        assess(window, item, "Fine")
    assess(window, "Security", "A concern", "It reads mail.")
    box = turn(window).get_by_role("group", name="Security")
    box.get_by_text("Attach evidence").click()
    box.get_by_role("checkbox", name=re.compile("read all your e-mail")).first.check()
    turn(window).get_by_role("button", name="Put it on the table").click()
    half = window.get_by_role("region", name="IT", exact=True)
    expect(half).to_contain_text("may read all your e-mail")
    window.get_by_label("Ask marketing").fill("Who needs the mailbox?")
    window.get_by_role("button", name="Ask", exact=True).click()
    said(window, "Your clock stands still")

    # Marketing answers on the phone and proposes, with two conditions.
    window.set_viewport_size({"width": 390, "height": 844})
    site.enter(window, Role.MARKETING, review.removeprefix(site.url))
    expect(turn(window).get_by_role("heading")).to_have_text("IT asks you something")
    turn(window).get_by_label("Your answer").fill("Nobody any more.")
    turn(window).get_by_role("button", name="Answer").click()
    expect(turn(window).get_by_role("heading").first).to_have_text("Propose what to do")
    form = window.locator("form.propose")
    form.get_by_text("Approve it with conditions").click()
    form.get_by_label("What is promised").fill("People sign in with the company account")
    form.get_by_label("Who sees to it").select_option("Ivo Berg")
    form.get_by_label("By when").fill("2026-12-24")
    form.get_by_role("button", name="Another condition").click()
    second = form.get_by_role("group", name="Condition 2")
    second.get_by_label("What is promised").fill("A list of who may send")
    second.get_by_label("Who sees to it").select_option("Mara Lind")
    form.get_by_label("Why, for the other side").fill("It earns its keep.")
    form.get_by_label("Turn my side").check()
    # The second condition lacks its day: the form comes back as it was filled in.
    form.get_by_role("button", name="Put it on the table").click()
    alert = window.get_by_role("alert")
    expect(alert).to_contain_text("Condition 2, By when: choose a day to come.")
    expect(second.get_by_label("What is promised")).to_have_value("A list of who may send")
    browsing.look(window, "review-propose")
    second.get_by_label("By when").fill("2026-12-01")
    form.get_by_role("button", name="Put it on the table").click()
    said(window, "Your key is turned")
    window.wait_for_load_state("networkidle")
    browsing.visit(window, review)

    # IT signs in one minute on the phone: what is asked, what the others say, one button.
    window.set_viewport_size({"width": 390, "height": 844})
    site.enter(window, Role.IT, review.removeprefix(site.url))
    expect(turn(window).get_by_role("heading")).to_have_text("IT’s key is asked for")
    expect(turn(window)).to_contain_text("People sign in with the company account")
    expect(turn(window)).to_contain_text("It earns its keep.")
    browsing.look(window, "review-sign")
    turn(window).get_by_label("Why your side agrees").fill("With single sign-on, yes.")
    turn(window).get_by_role("button", name="Turn IT’s key").click()
    said(window, "it is decided")
    window.set_viewport_size({"width": 1280, "height": 900})
    promised = window.locator("#conditions")
    promised.get_by_label("How it was kept").fill("Switched on.")
    browsing.look(window, "review-decided")
    promised.get_by_role("button", name="It was kept").click()
    said(window, "the condition was kept")
    expect(promised.get_by_role("listitem").filter(has_text="company account")).to_contain_text("Kept")

    # The board: the decision with its open promise, and it can be found again.
    window.goto(f"{site.url}/reviews?whose=mine")
    expect(window.get_by_role("region", name="Decided, promises running")).to_contain_text(
        "1 promise is open"
    )
    expect(window.locator("#promises")).to_contain_text("You have promised nothing")
    window.get_by_label("Tool", exact=True).fill("hubspot")
    window.get_by_role("button", name="Search").click()
    expect(window.locator("#decided table")).to_contain_text("Approved with conditions")


def test_the_same_without_javascript(plain_window: Page, site: Site) -> None:
    window, tool = plain_window, site.company.canva
    owned(site, tool)
    site.enter(window, Role.IT, f"/tools/{tool}/review")
    expect(window.get_by_role("heading", name="the fast lane")).to_be_visible()
    window.get_by_label("What is it needed for").fill("Pictures.")
    window.get_by_role("button", name="Start the review").click()
    review = window.url.removeprefix(site.url)
    window.get_by_label("Ask marketing").fill("Whose is it?")
    window.get_by_role("button", name="Ask", exact=True).click()
    said(window, "Your question is asked")
    assess(window, "Security", "Fine")
    turn(window).get_by_role("button", name="Put it on the table").click()

    site.enter(window, Role.MARKETING, review)
    turn(window).get_by_label("Your answer").fill("The brand team’s.")
    turn(window).get_by_role("button", name="Answer").click()
    form = window.locator("form.propose")
    window.locator("#propose summary").first.click()  # its own item is not looked at yet
    form.get_by_text("Approve it with conditions").click()
    form.get_by_label("What is promised").fill("A list of who may publish")
    form.get_by_label("Why, for the other side").fill("Cheap and liked.")
    form.get_by_role("button", name="Another condition").click()  # one more row, nothing is sent yet
    expect(form.get_by_role("group", name="Condition 2")).to_be_visible()
    expect(form.get_by_label("What is promised").first).to_have_value("A list of who may publish")
    first = form.get_by_role("group", name="Condition 1")
    first.get_by_label("Who sees to it").select_option("Mara Lind")
    first.get_by_label("By when").fill("2026-12-24")
    form.get_by_role("button", name="Put it on the table").click()
    said(window, "Your proposal is on the table")

    # Items and key in one go.
    assess(window, "Outcome and owner", "Fine", "The brand team.")
    turn(window).get_by_label("Why your side agrees").fill("We need it.")
    turn(window).get_by_role("button", name="Save, and turn marketing’s key").click()
    said(window, "Your key is turned")
    site.enter(window, Role.IT, review)
    turn(window).get_by_label("Why your side agrees").fill("Low risk.")
    turn(window).get_by_role("button", name="Turn IT’s key").click()
    said(window, "it is decided")

    site.enter(window, Role.MARKETING, review)
    window.locator("#conditions").get_by_role("button", name="It was kept").click()
    expect(window.locator("#conditions")).to_contain_text("Kept")
