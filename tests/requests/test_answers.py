"""What somebody hears who asks before buying: each answer at its edge."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from app import models
from app.db import writing
from app.identify import default_knowledge_base
from app.requests.partners import BUSINESS_DAY, Contact, LaneChoice, Subject
from app.security.schemas import Side
from app.teaching.schemas import MergeIn
from app.teaching.service import Classroom
from tests.conftest import NOW
from tests.requests.support import EMAIL, LENT, Company

# Each question that is asked of a database is asked of both in `test_requests`.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def company(engine: Engine) -> Company:
    return Company(engine)


# --- which tool it is --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "what", ["Sendinblue", "https://www.sendinblue.com/pricing?x=1", "Sendinblue - Prod"]
)
def test_a_product_under_its_former_name_is_told_by_its_new_one(company: Company, what: str) -> None:
    tool = company.product("brevo", people=3)
    found = company.ask(what)
    assert (found.identity.tool_id, found.identity.name, found.identity.known) == (tool, "Brevo", "catalog")
    if " - " not in what:
        assert found.renamed == "Sendinblue is called Brevo now."
    assert company.ask("Brevo").renamed is None


@pytest.mark.parametrize(
    "what", ["HubSpot", "app.hubspot.com/login/42?next=%2F", "hubspot https://hubspot.com", "<HUBSPOT.COM>."]
)
def test_a_name_a_host_and_an_address_with_a_path_are_one_tool(company: Company, what: str) -> None:
    tool = company.product("hubspot")
    found = company.ask(what)
    assert (found.identity.tool_id, found.identity.certain) == (tool, True)
    assert "hubspot" in found.identity.why.lower()
    assert "/login" not in found.identity.why


def test_what_only_the_knowledge_base_knows(company: Company) -> None:
    found = company.ask("Mailchimp")
    assert (found.identity.known, found.identity.product, found.identity.tool_id) == (
        "knowledge_base",
        "mailchimp",
        None,
    )
    assert found.identity.category == default_knowledge_base().products["mailchimp"].category
    assert "no source shows" in found.identity.why
    assert (found.standing.governance, found.standing.may_use) == (None, "undecided")
    assert found.headline == "Nobody has decided on Mailchimp yet: ask before you buy it."


def test_what_nobody_knows_is_said_so_with_what_its_words_suggest(company: Company) -> None:
    found = company.ask("Quuxly newsletter")
    assert (found.identity.known, found.identity.product, found.identity.name) == (
        "unknown",
        None,
        "Quuxly newsletter",
    )
    assert "Nobody here knows it yet" in found.identity.why
    assert found.identity.category == EMAIL
    assert any("“newsletter”" in reason for reason in found.identity.reasons)
    plain = company.ask("Quuxly")
    assert plain.identity.category is None
    assert plain.overlap.count == 0
    assert "Nobody knows yet what kind of tool" in plain.overlap.words


def test_an_ordinary_word_is_the_likely_tool_not_the_certain_one(company: Company) -> None:
    found = company.ask("Segment")
    assert (found.identity.product, found.identity.certain) == ("segment", False)
    assert "ordinary word" in found.identity.why
    assert company.ask("segment.com").identity.certain


def test_a_shops_address_is_read_by_what_its_path_names(company: Company) -> None:
    found = company.ask("https://chromewebstore.google.com/detail/grammarly/kbfnbcaeplbcioakkpcpgfkobkghlhen")
    assert (found.identity.product, found.identity.certain) == ("grammarly", False)
    assert company.ask("https://frobnix.io/vs/mailchimp").identity.product is None, "a maker's own page"


@pytest.mark.parametrize(
    ("what", "warned"),
    [
        ("Hubsp0t", "written to look like HubSpot"),
        ("https://hubspot-login.com/x", "carries the name of HubSpot"),
        ("Mailchim", "one letter away from Mailchimp"),
        ("HubSpot https://free-crm.top", "not by the maker of HubSpot"),
    ],
)
def test_a_look_alike_is_warned_of_and_never_taken_for_the_real_one(
    company: Company, what: str, warned: str
) -> None:
    company.product("hubspot", governance="sanctioned")
    found = company.ask(what)
    assert found.identity.product is None
    assert found.identity.tool_id is None
    assert warned in found.warnings[0]
    assert found.headline.startswith("Look twice before you use ")
    assert company.ask("HubSpot").warnings == []


def test_a_tool_that_only_this_company_knows_is_found_by_name_and_by_domain(company: Company) -> None:
    own = company.tool("Frobnix", domain="frobnix.io", key="unknown:domain:frobnix.io", people=4)
    company.tool("frobnix", people=1)
    hidden = company.tool("Quuxly", domain="quuxly.io", listed=False)
    for what in ("FROBNIX", "https://app.frobnix.io/a/b", "frobnix.io"):
        found = company.ask(what)
        assert (found.identity.tool_id, found.identity.certain) == (own, True), what
    assert "4 people here use it" in company.ask("Frobnix").standing.why
    for what in ("Quuxly", "quuxly.io"):
        assert company.ask(what).identity.tool_id != hidden, "nothing is left of it"


def test_what_people_taught_holds_over_the_matcher(company: Company) -> None:
    brevo, other = company.product("brevo"), company.tool("Mail machine", governance="sanctioned")
    with writing(company.engine) as connection:
        room = Classroom(connection, default_knowledge_base(), actor="user:1", now=NOW)
        room.merge(brevo, 1, MergeIn(into=other))
    assert company.ask("Sendinblue").identity.tool_id == other


# --- where it stands ---------------------------------------------------------------------------


def test_a_sanctioned_tool_has_the_reason_and_nothing_left_to_decide(company: Company) -> None:
    tool = company.product("brevo", governance="sanctioned")
    review = company.review(tool, terms={"outcome": "sanctioned"}, rationale="It does what we need")
    found = company.ask("Brevo")
    assert found.headline == "Yes, you may use Brevo: it is sanctioned."
    assert found.standing.why == (
        f"IT and marketing decided that in review {review} on 18 November 2026: It does what we need."
    )
    assert found.road is None


def test_open_conditions_are_told_and_settled_ones_are_not(company: Company) -> None:
    tool = company.product("brevo", governance="sanctioned_with_conditions")
    terms = {"outcome": "sanctioned_with_conditions"}
    review = company.review(tool, terms=terms)
    company.condition(review, "it", "Single sign-on.", date(2027, 3, 1))
    company.condition(review, "marketing", "A data map", date(2026, 11, 1), "kept")
    found = company.ask("Brevo")
    assert [(c.side, c.text, c.due) for c in found.standing.conditions] == [
        ("it", "Single sign-on.", date(2027, 3, 1))
    ]
    assert "Still promised: IT: Single sign-on, by 1 March 2027." in found.standing.words
    assert found.standing.may_use == "with_conditions"


def test_a_provisional_tool_says_until_when(company: Company) -> None:
    tool = company.product("brevo", governance="provisional")
    company.review(tool, terms={"outcome": "provisional"}, expires_on=date(2026, 12, 31))
    found = company.ask("Brevo")
    assert found.standing.words == "It is sanctioned provisionally, until 31 December 2026."
    assert (found.standing.may_use, found.standing.expires_on) == ("for_now", date(2026, 12, 31))


@pytest.mark.parametrize(
    ("waiting", "words"),
    [
        (("it", "marketing"), "It waits for IT and marketing."),
        (("it",), "It waits for IT."),
        (("arbiters",), "It waits for the arbiters."),
        ((), "It waits for nobody at the moment."),
    ],
)
def test_a_tool_in_review_says_whom_it_waits_for(
    company: Company, waiting: tuple[str, ...], words: str
) -> None:
    tool = company.product("brevo", governance="in_review")
    review = company.review(tool, "open", waiting=waiting, lane="full")
    found = company.ask("Brevo")
    assert found.standing.words == f"It is being reviewed. {words}"
    assert (found.standing.review, found.standing.waiting_on) == (review, list(waiting))
    assert found.road is not None
    assert found.road.lane == "full", "its own lane, not the one policy would choose now"


@pytest.mark.parametrize("governance", ["retiring", "retired"])
def test_a_retired_tool_says_why_and_what_to_use_instead(company: Company, governance: str) -> None:
    old = company.product("mailchimp", governance=governance)
    first = company.tool("Mail machine", governance="sanctioned")
    terms = {"outcome": "migrate", "to_tool_id": first, "by": "2026-12-31"}
    company.review(old, terms=terms, rationale="Twice the price.")
    found = company.ask("https://mailchimp.com")
    assert found.headline == "No, Mailchimp is not to be used; use Mail machine instead."
    assert found.standing.instead is not None
    assert found.standing.instead.tool_id == first
    assert found.standing.why.endswith("Twice the price.")
    successor = company.product("brevo", governance="sanctioned")
    with writing(company.engine) as connection:
        table = models.tools
        connection.execute(
            sa.update(table).where(table.c.id == first).values(merged_into=successor, listed=False)
        )
    assert company.ask("Mailchimp").headline.endswith("use Brevo instead.")


def test_a_dismissed_tool_says_its_own_reason_and_a_bare_fact_says_that_there_is_none(
    company: Company,
) -> None:
    company.review(
        company.product("brevo", governance="dismissed"),
        terms={"outcome": "dismissed", "reason": "A freelancer's account"},
    )
    company.product("hubspot", governance="retired")
    assert company.ask("Brevo").standing.why.endswith(": A freelancer's account.")
    assert company.ask("Brevo").standing.may_use == "set_aside"
    bare = company.ask("HubSpot").standing
    assert (bare.words, bare.why) == ("It is retired.", "The catalog says so; no reason is written down.")


def test_a_log_that_says_less_than_expected_still_answers(company: Company) -> None:
    tool = company.product("brevo", governance="retired")
    company.review(tool, terms={"outcome": "migrate", "to_tool_id": 987654, "reason": 7})
    found = company.ask("Brevo")
    assert (found.standing.instead, found.standing.words) == (None, "It is retired.")


# --- who, what else, how long ------------------------------------------------------------------


def test_the_owners_are_named_and_nobody_is_said_to_be_nobody(company: Company) -> None:
    tool = company.product("brevo")
    assert company.ask("Brevo").owners.words == "Nobody answers for it yet."
    assert company.ask("Mailchimp").owners.words == "Nobody here owns it, since nobody here has it."

    def owners_of(_connection: Connection, tool_id: int) -> list[Contact]:
        assert tool_id == tool
        return [Contact("Mara", "mara@acme.example"), Contact("Ida", None, "steward")]

    found = company.ask("Brevo", replace(LENT, owners_of=owners_of))
    assert found.owners.words == "Ask Mara (owner, mara@acme.example) and Ida (steward)."


def test_what_overlaps_is_the_sanctioned_first_then_by_people(company: Company) -> None:
    company.product("brevo", governance="unreviewed", people=3, spend_minor=900, spend_currency="USD")
    company.product("mailchimp", governance="sanctioned", people=2, spend_minor=120_000, spend_currency="EUR")
    many = {"category": EMAIL, "people": 40}
    company.tool("Free mail", **many)
    company.tool("Old mail", governance="retiring", **many)
    company.tool("Asleep", evidence="dormant", **many)
    company.tool("Asleep but sanctioned", evidence="dormant", governance="sanctioned", category=EMAIL)
    company.tool("Set aside", governance="dismissed", **many)
    company.tool("Hidden", listed=False, **many)
    company.tool("Elsewhere", category="SR-CRM", people=99)
    found = company.ask("Quuxly newsletter").overlap
    assert [t.name for t in found.tools] == [
        "Mailchimp",
        "Asleep but sanctioned",
        "Free mail",
        "Brevo",
        "Old mail",
    ]
    assert (found.count, found.paid) == (5, 2)
    assert found.words.startswith(
        "You already pay for 2 tools for Email Marketing: Mailchimp (sanctioned, 2 people, "
        "1,200.00 EUR in 12 months), Brevo (unreviewed, 3 people, 9.00 USD in 12 months). You also have"
    )
    assert "Mailchimp" not in [t.name for t in company.ask("Mailchimp").overlap.tools], "not with itself"


def test_long_lists_are_cut_and_counted(company: Company) -> None:
    for number in range(12):
        company.tool(f"Mail {number:02}", category=EMAIL, people=number)
    found = company.ask("Quuxly newsletter").overlap
    assert (found.count, len(found.tools), found.tools[0].name) == (12, 10, "Mail 11")
    assert found.words.endswith(", and 7 more.")


def test_how_long_it_takes_is_told_from_three_reviews_on(company: Company) -> None:
    tool = company.tool("Something")
    for days in (1, 30):
        company.review(tool, days=days)
    road = company.ask("Quuxly").road
    assert road is not None
    assert (road.history, road.decided) == (None, 2)
    assert "no history yet: only 2 reviews decided" in road.words
    assert "5 business days for IT and 5 business days for marketing" in road.words
    company.review(tool, days=2.5)
    company.review(tool, days=400, closed=NOW - timedelta(days=366))
    company.review(tool, days=90, lane="full")
    company.review(tool, "withdrawn", days=80)
    road = company.ask("Quuxly").road
    assert road is not None
    assert road.history is not None
    assert (road.history.reviews, road.history.median_days, road.history.p90_days) == (3, 3, 30)
    assert "half were decided within 3 days, 9 in 10 within 30 days" in road.words


def test_the_lane_is_the_policys(company: Company) -> None:
    asked: list[Subject] = []

    def lane_of(_connection: Connection, subject: Subject, _now: object) -> LaneChoice:
        asked.append(subject)
        return LaneChoice("fast", ("It reads no data.",), {Side.IT: BUSINESS_DAY, Side.MARKETING: 1})

    tool = company.product("brevo")
    road = company.ask("Brevo", replace(LENT, lane_of=lane_of)).road
    assert road is not None
    assert (road.lane, road.reasons) == ("fast", ("It reads no data.",))
    assert road.words.endswith("1 business day for IT and 1 business day for marketing.")
    company.ask("Mailchimp", replace(LENT, lane_of=lane_of))
    assert [(s.tool_id, s.product) for s in asked] == [(tool, "brevo"), (None, "mailchimp")]
