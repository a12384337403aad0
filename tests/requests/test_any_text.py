"""Whatever somebody types when they ask before buying, an answer comes, and it comes at once."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from app import models
from app.db import upsert, writing
from app.identify import default_knowledge_base
from tests.requests.support import EMAIL, Company
from tests.support.seed import START

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def company(engine: Engine) -> Company:
    return Company(engine)


PIECES = st.sampled_from(
    [
        "https://",
        "hubspot.com",
        "/",
        "?",
        "Sendinblue",
        " ",
        "\x00",
        "@",
        ".",
        "xn--",
        "Segment",
        "Ⓗub",
        "\u200b",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(what=st.one_of(st.text(max_size=600), st.lists(PIECES, max_size=8).map("".join)))
def test_any_text_gives_an_answer(company: Company, what: str) -> None:
    found = company.ask(what)
    assert found.headline
    assert found.identity.name
    assert found.identity.why
    assert found.standing.words
    assert found.overlap.words
    assert found.owners.words
    assert all("\x00" not in text for text in (found.what, found.identity.name, found.headline))


def test_nothing_is_stored_by_asking(company: Company) -> None:
    before = [company.count(t) for t in (models.tools, models.requests, models.audit_events)]
    company.ask("Mailchimp")
    company.ask("Quuxly")
    assert [company.count(t) for t in (models.tools, models.requests, models.audit_events)] == before


def test_half_of_a_surrogate_pair_is_left_out(company: Company) -> None:
    assert company.ask("Bre\ud800vo").identity.name


def test_the_day_a_tool_came_is_its_why(company: Company) -> None:
    company.product("brevo", first_seen=START)
    assert company.ask("Brevo").identity.why.endswith("Brevo is in the catalog since 1 September 2026.")


def test_an_answer_among_20000_tools_takes_no_time(company: Company) -> None:
    company.tool("Pattern", category=EMAIL, people=3, spend_minor=100, spend_currency="EUR")
    (pattern,) = company.rows(models.tools)
    categories = [EMAIL, *default_knowledge_base().categories]
    rows = [
        {
            **pattern,
            "id": number + 10,
            "key": f"unknown:name:tool{number}",
            "name": f"Tool {number}",
            "sort_name": f"tool {number}",
            "category": categories[number % 30],
            "people": number % 90,
        }
        for number in range(20_000)
    ]
    with writing(company.engine) as connection:
        upsert(connection, models.tools, rows, key=("id",))
    for what in ("Quuxly newsletter", "Mailchimp", "https://app.frobnix.io/x", "Tool 19999"):
        took = []
        for _ in range(5):
            begun = time.process_time()
            found = company.ask(what)
            took.append(time.process_time() - begun)
        assert found.headline
        assert min(took) < 0.05, (what, took)
    assert company.ask("Quuxly newsletter").overlap.count > 1_000
