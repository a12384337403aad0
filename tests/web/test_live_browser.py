"""Two people at one review, each in a window: each sees what the other does, and nothing typed is lost."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from app.db import writing
from app.security.schemas import Role
from tests.support import browsing, seed
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


def tool_named(site: Site, name: str, **values: str) -> int:
    """One more tool, of which there is no review yet."""
    with writing(site.engine) as connection:
        return seed.Seed(connection).tool(name, **values)


def propose(page: Page, site: Site, tool: int) -> str:
    """Marketing opens the review; IT looks at its items and proposes, and has not turned its key yet."""
    review = start(page, site, tool)
    site.enter(page, Role.IT, review.removeprefix(site.url))
    for fine in turn(page).get_by_text("Fine", exact=True).all():
        fine.click()
    turn(page).get_by_role("button", name="Put it on the table").click()
    page.get_by_role("heading", name="Propose an outcome").click()
    form = page.locator("form.propose")
    form.get_by_text("Approve it", exact=True).click()
    form.get_by_label("Why, for the other side").fill("It is harmless.")
    form.get_by_role("button", name="Put it on the table").click()
    said(page, "Your proposal is on the table")
    return review


def come_back(page: Page) -> None:
    """Look at the page again, as after another window: it asks for news at once, not within seconds."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


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
    review = propose(window, site, site.company.canva)
    path = review.removeprefix(site.url)
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


def test_a_key_whose_answer_was_lost_is_shown_as_it_is(browser: Browser, site: Site) -> None:
    context = browser.new_context()  # one that may complain of what does not arrive
    window = context.new_page()
    review = propose(window, site, tool_named(site, "Miro"))
    mine = window.get_by_role("region", name="IT", exact=True).locator(".keyed")
    sign = turn(window).get_by_role("button", name="Turn IT’s key")
    turn(window).get_by_label("Why your side agrees").fill("It reads nothing.\nNot even names.")

    # Nothing arrives, and the page cannot be asked either.
    window.route("**/sign", lambda route: route.abort())
    window.route(review, lambda route: route.abort())
    sign.click()
    expect(window.get_by_role("alert")).to_contain_text("It is not known whether your key is turned")
    expect(mine).to_have_text("Not known whether the key is turned")
    browsing.look(window, "review-unsure")

    # The page can be asked: it was not turned.
    window.unroute(review)
    sign.click()
    expect(window.get_by_role("alert")).to_contain_text("Your key is not turned")
    expect(mine).to_have_text("Key not turned")
    expect(turn(window).get_by_label("Why your side agrees")).to_have_value(
        "It reads nothing.\nNot even names."
    )
    window.unroute("**/sign")

    # The login has ended meanwhile.
    login = context.cookies()
    context.clear_cookies()
    sign.click()
    expect(window.get_by_role("alert")).to_contain_text("you are not logged in any more")
    expect(mine).to_have_text("Key not turned")
    context.add_cookies(login)  # type: ignore[arg-type]

    # It arrives, and only the answer is lost.
    def lose(route: Route) -> None:
        assert route.fetch(max_redirects=0).status == 303
        route.abort()

    window.route("**/sign", lose)
    sign.click()
    expect(window.get_by_role("region", name="IT", exact=True)).to_contain_text("Not even names.")
    expect(mine).to_have_text("Key turned")
    expect(window.locator("#news")).to_have_text("Key turned")
    expect(window.get_by_role("alert")).to_have_count(0)
    expect(sign).to_have_count(0)
    context.close()


def test_what_has_no_place_any_more_is_shown_with_its_name(
    window: Page, browser: Browser, site: Site
) -> None:
    tool = tool_named(site, "Airtable", identity="unidentified")
    with writing(site.engine) as connection:
        seed.Seed(connection).expense(
            site.company.ramp, tool, merchant="AIRTABLE.COM", descriptor="AIRTABLE.COM"
        )
    review = start(window, site, tool)
    window.get_by_role("heading", name="Propose an outcome").click()
    form = window.locator("form.propose")
    form.get_by_text("Approve it with conditions").click()
    form.get_by_role("button", name="Another condition").click()
    second = form.get_by_role("group", name="Condition 2")
    second.get_by_label("What is promised").fill("A list of who may send")
    second.get_by_label("By when").fill("2026-12-24")
    form.get_by_label("Why, for the other side").fill("It earns its keep.")
    # It is refused, and given back as it was.
    form.get_by_role("button", name="Put it on the table").click()
    expect(window.get_by_role("alert")).to_contain_text("Nothing was sent yet")
    second.get_by_label("Who sees to it").select_option("Mara Lind")
    assess(window, "Requirements", "A concern", "Who asked for it?")
    budget = turn(window).get_by_role("group", name="Budget")
    budget.get_by_text("Fine", exact=True).click()
    budget.get_by_text("Attach evidence").click()
    budget.get_by_role("checkbox").first.check()
    with browsing.opened(browser) as other:
        for role in (Role.MARKETING, Role.IT):
            site.enter(other, role, review.removeprefix(site.url))
            other.get_by_role("heading", name="If you cannot agree").click()
            other.get_by_label("Why it should end").fill("Nobody needs it.")
            other.get_by_role("button", name="Ask to end it").click()
        said(other, "ended without a decision")
    come_back(window)
    news = window.locator("#news")
    expect(news).to_contain_text("Ivo Berg (IT)")
    news.get_by_role("link", name="Show").click()
    expect(window.get_by_role("heading", name="Ended without a decision")).to_be_visible()
    expect(news.locator("p")).to_have_text(
        [
            re.compile("This was not sent"),
            "Requirements: A concern",
            "Notes: Requirements: Who asked for it?",
            "Budget: Fine",
            re.compile(r"^Budget: .*49\.00 to AIRTABLE.* on .*: ticked$"),
            "What should become of Airtable? Approve it with conditions",
            "Condition 2: What is promised: A list of who may send",
            "Condition 2: Who sees to it: Mara Lind",
            "Condition 2: By when: 2026-12-24",
            "Why, for the other side: It earns its keep.",
        ]
    )
    browsing.look(window, "review-no-place")


def test_what_has_no_place_stays_under_what_is_told_later(window: Page, browser: Browser, site: Site) -> None:
    review = start(window, site, tool_named(site, "Notion", identity="unidentified"))
    news = window.locator("#news")
    lost = news.locator(".unsent")
    with browsing.opened(browser) as other:
        site.enter(other, Role.IT, review.removeprefix(site.url))
        other.get_by_label("Ask marketing").fill("Who needs it?")
        other.get_by_role("button", name="Ask", exact=True).click()
        said(other, "Your clock stands still")
        come_back(window)
        news.get_by_role("link", name="Show").click()
        turn(window).get_by_label("Your answer").fill("The writers.")
        assess(window, "Budget", "Fine")
        other.get_by_role("button", name="Take the question back").click()
        said(other, "taken back")
        come_back(window)
        news.get_by_role("link", name="Show").click()
        expect(lost.locator("p")).to_have_text([re.compile("This was not sent"), "Your answer: The writers."])
        fine = turn(window).get_by_role("group", name="Budget").get_by_label("Fine")
        expect(fine).to_be_checked()
        other.get_by_label("Say something").fill("Never mind.")
        other.get_by_role("button", name="Comment", exact=True).click()
        said(other, "Your comment is on the table")
    come_back(window)
    expect(news).to_contain_text("Ivo Berg (IT) wrote a comment")
    expect(lost).to_contain_text("The writers.")
    browsing.look(window, "review-unsent")
    news.get_by_role("button", name="Later").click()
    expect(news).not_to_contain_text("Ivo Berg")
    expect(lost).to_contain_text("The writers.")
    expect(fine).to_be_checked()


def test_a_page_asks_no_more_once_nobody_is_logged_in(window: Page, site: Site) -> None:
    window.clock.install()
    site.enter(window, Role.READER, "/reviews")
    asked: list[str] = []
    window.on("response", lambda answer: asked.append(f"{answer.status} {answer.url}"))
    with window.expect_response("**/reviews/news*"):
        window.clock.run_for(7_000)
    window.context.clear_cookies()
    with window.expect_response("**/reviews/news*") as last:
        window.clock.run_for(10_000)
    assert last.value.status == 303
    window.wait_for_timeout(300)
    before = len(asked)
    window.clock.run_for(600_000)
    window.wait_for_timeout(300)
    assert asked[before:] == []
