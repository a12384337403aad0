"""Two people at one review, each in a window: each sees what the other does, and nothing typed is lost."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from app.security.schemas import Role
from tests.support import browsing
from tests.web.conftest import Site
from tests.web.test_reviews_browser import assess, owned, said, turn

pytestmark = pytest.mark.browser


def start(page: Page, site: Site, tool: int) -> str:
    """Marketing opens the review and says what it finds."""
    owned(site, tool)
    site.enter(page, Role.MARKETING, f"/tools/{tool}/review")
    page.get_by_label("What is it needed for").fill("Campaigns.")
    page.get_by_role("button", name="Start the review").click()
    said(page, "Both sides have been told")
    return re.sub(r"#.*", "", page.url)


def test_what_the_other_does_is_told_and_nothing_typed_is_lost(
    window: Page, browser: Browser, site: Site
) -> None:
    review = start(window, site, site.company.hubspot)
    with browsing.opened(browser) as other:
        site.enter(other, Role.IT, review.removeprefix(site.url))
        with browsing.opened(browser) as board:
            site.enter(board, Role.IT, "/reviews")
            for item in ("Requirements", "Outcome and owner", "Budget"):
                assess(window, item, "Fine")
            # IT is writing meanwhile.
            other.get_by_label("Ask marketing").fill("Who needs the mail")
            turn(window).get_by_role("button", name="Put it on the table").click()
            said(window, "What you found is on the table")
            expect(board.locator("#news")).to_contain_text("Mara Lind (Marketing) assessed")
            expect(board.locator("#news")).to_contain_text("HubSpot")
            browsing.look(board, "board-news")
            board.locator("#news").get_by_role("button", name="Later").click()
            expect(board.locator("#news")).to_be_empty()
            board.reload()
        news = other.locator("#news")
        expect(news).to_contain_text("Mara Lind (Marketing) assessed")
        expect(news).to_have_attribute("role", "status")
        expect(other.get_by_label("Ask marketing")).to_have_value("Who needs the mail")
        browsing.look(other, "review-news")
        half = other.get_by_role("region", name="Marketing", exact=True)
        expect(half).to_contain_text("Not looked at yet")
        news.get_by_role("link", name="Show").click()
        expect(half).not_to_contain_text("Not looked at yet")
        expect(news).to_contain_text("what you are writing was left as it is")
        field = other.get_by_label("Ask marketing")
        expect(field).to_have_value("Who needs the mail")
        field.fill("Who needs the mailbox?")
        other.get_by_role("button", name="Ask", exact=True).click()
        said(other, "Your clock stands still")
        expect(window.locator("#news")).to_contain_text("Ivo Berg (IT) asked marketing")


def test_a_key_is_shown_turned_at_once_and_turned_back_if_refused(
    window: Page, browser: Browser, site: Site
) -> None:
    tool = site.company.canva
    review = start(window, site, tool)
    path = review.removeprefix(site.url)
    site.enter(window, Role.IT, path)
    for fine in turn(window).get_by_text("Fine", exact=True).all():
        fine.click()
    turn(window).get_by_role("button", name="Put it on the table").click()
    window.get_by_role("heading", name="Propose an outcome").click()
    form = window.locator("form.propose")
    form.get_by_text("Approve it", exact=True).click()
    form.get_by_label("Why, for the other side").fill("It is harmless.")
    form.get_by_role("button", name="Put it on the table").click()
    said(window, "Your proposal is on the table")
    mine = window.get_by_role("region", name="IT", exact=True).locator(".keyed")

    # Something between answers instead of the server: the key turns back, and nothing is lost.
    window.route("**/sign", lambda route: route.fulfill(status=409, content_type="text/html", body=""))
    turn(window).get_by_label("Why your side agrees").fill("It reads nothing.")
    turn(window).get_by_role("button", name="Turn IT’s key").click()
    expect(window.get_by_role("alert")).to_contain_text("the server could not be reached")
    expect(mine).to_have_text("Key not turned")
    window.unroute("**/sign")

    # Marketing says something meanwhile: the server refuses, says why, and the page is up to date.
    with browsing.opened(browser) as other:
        site.enter(other, Role.MARKETING, path)
        other.get_by_label("Say something").fill("Wait for the new terms.")
        other.get_by_role("button", name="Comment", exact=True).click()
        said(other, "Your comment is on the table")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    window.route("**/sign", hold)
    turn(window).get_by_role("button", name="Turn IT’s key").click()
    expect(mine).to_have_text("Key turned")
    expect(turn(window).get_by_label("Why your side agrees")).to_be_hidden()
    held[0].continue_()
    window.unroute("**/sign")
    for alert in (window.get_by_role("alert").first, turn(window).get_by_role("alert")):
        expect(alert).to_contain_text("Something happened in this review")
    expect(mine).to_have_text("Key not turned")
    expect(window.locator("main")).to_contain_text("Wait for the new terms.")
    expect(turn(window).get_by_label("Why your side agrees")).to_have_value("It reads nothing.")
    browsing.look(window, "review-refused")

    turn(window).get_by_role("button", name="Turn IT’s key").click()
    said(window, "Your key is turned")
    expect(mine).to_have_text("Key turned")
    assert window.url == review, "the page was not left"
