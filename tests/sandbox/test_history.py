"""What the demo's people did with what was found: every part of the work is there, once, and at its time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from app.catalog.assess import assess
from app.commands.tools import list_tools
from app.db import reading, writing
from app.identify import default_knowledge_base
from app.joining import house_rules
from app.models import (
    claim_events,
    contracts,
    deliveries,
    metadata,
    requests,
    review_events,
    reviews,
    saved_views,
    teachings,
)
from app.reviews.board import scoreboard
from app.reviews.board_answers import ScoreboardQuery
from app.reviews.card_answers import CardQuery
from app.reviews.cards import board
from app.reviews.columns import Column
from app.reviews.replay import replay
from app.reviews.sweeping import sweep
from app.sandbox import history
from app.sandbox.company import Company
from app.sandbox.demo import as_flagged
from app.sandbox.history.cast import people_of
from app.sandbox.truth import compare, truth_of
from app.security.privacy import OPEN
from tests.support.seed import Seed

pytestmark = pytest.mark.timeout(600)
KB = default_knowledge_base()
OUTCOMES = {
    "sanctioned",
    "sanctioned_with_conditions",
    "provisional",
    "migrate",
    "retire",
    "dismissed",
}


def reassess(connection: Connection, tool_ids: Any, now: datetime) -> int:
    return assess(connection, KB, tool_ids, now)


def play(connection: Connection, company: Company, tools: dict[str, int]) -> bool:
    return history.play(connection, company, tools, kb=KB, reassess=reassess, actor="cli:test")


def column(connection: Connection, query: Any) -> list[Any]:
    return list(connection.scalars(query))


def rows(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        for table in metadata.sorted_tables
    }


def noon(company: Company) -> datetime:
    return datetime.combine(company.as_of, datetime.min.time(), UTC) + timedelta(hours=12)


def test_every_column_of_the_board_has_a_review(demo: tuple[Engine, Company]) -> None:
    engine, company = demo
    with reading(engine) as connection:
        calendars = house_rules().calendars(connection)
        cards = board(connection, CardQuery(), calendars=calendars, veil=OPEN, now=noon(company)).items
    assert {card.column for card in cards} == set(Column)
    waiting = [{wait.party.value for wait in card.waits} for card in cards]
    assert {"it"} in waiting
    assert {"marketing"} in waiting
    assert {card.late and wait.party.value for card in cards for wait in card.waits} >= {"it", "marketing"}
    assert [card.tool.name for card in cards if card.questions] == ["Mailchimp"]


def test_all_that_people_can_do_was_done(demo: tuple[Engine, Company]) -> None:
    engine, _ = demo
    with reading(engine) as connection:
        assert set(column(connection, sa.select(reviews.c.outcome))) == {None, *OUTCOMES}
        assert set(column(connection, sa.select(claim_events.c.kind))) >= {
            "claimed",
            "co_owner_added",
            "co_own_asked",
            "contested",
            "declined",
            "handed_over",
            "steward_named",
        }
        happened = set(column(connection, sa.select(review_events.c.kind)))
        assert happened >= {"asked", "answered", "commented", "condition_kept", "condition_missed"}
        assert set(column(connection, sa.select(requests.c.state))) == {"open", "reviewed"}
        assert column(connection, sa.select(teachings.c.verb)) == ["correct"]
        assert len(column(connection, sa.select(contracts.c.id))) == 3
        assert column(connection, sa.select(saved_views.c.shared)) == [True, True]
        assert replay(connection)[1] == []


def test_it_happened_over_two_months_and_nothing_in_the_future(demo: tuple[Engine, Company]) -> None:
    engine, company = demo
    first = company.end - timedelta(days=65)
    with reading(engine) as connection:
        moments = [
            *column(connection, sa.select(claim_events.c.at)),
            *column(connection, sa.select(review_events.c.at)),
        ]
        numbers = scoreboard(connection, ScoreboardQuery(), noon(company), veil=OPEN)
    assert all(first < moment < company.end for moment in moments)
    assert len({moment.date() for moment in moments}) > 25
    assert all(moment.weekday() < 5 and 9 <= moment.hour < 17 for moment in moments)
    assert [spread.reviews for spread in numbers.waited] != [0] * len(numbers.waited)


def test_nothing_of_it_counts_beside_the_truth(demo: tuple[Engine, Company]) -> None:
    engine, company = demo
    with reading(engine) as connection:
        found = list_tools(connection)
    taken_up = [t for t in found if t["governance"] != "unreviewed"]
    assert len(taken_up) > 15
    truth = truth_of(company)
    verdict = compare(as_flagged(found), truth)
    assert (verdict.recall, verdict.precision) == (1.0, 1.0)
    assert compare([{**t, "flagged": t["flagged"]} for t in found], truth).recall < 1.0, "they were flagged"


def test_a_second_demo_adds_nothing_to_it_and_hours_later_nothing_has_run_out(
    demo: tuple[Engine, Company],
) -> None:
    engine, company = demo
    with engine.connect() as connection, connection.begin() as transaction:
        before = rows(connection)
        tools = {t["name"]: t["id"] for t in list_tools(connection)}
        assert not play(connection, company, tools)
        assert rows(connection) == before
        swept = sweep(connection, noon(company), reassess=reassess, house=house_rules())
        assert (swept.missed, swept.expired, swept.reopened) == (0, 0, [])
        transaction.rollback()


class Catalog(dict[str, int]):
    """A catalog that has whatever is asked for."""

    def __init__(self, seed: Seed) -> None:
        super().__init__()
        self._seed = seed
        self._source = seed.source()

    def __missing__(self, name: str) -> int:
        self[name] = self._seed.tool(name)
        self._seed.app(self._source, self[name], name)
        return self[name]


def test_it_is_the_same_on_both_databases_and_is_played_once(engine: Engine, company: Company) -> None:
    with writing(engine) as connection:
        seed = Seed(connection)
        for person, _ in people_of(company).values():
            seed.person(person.name, person.email, department=person.department_name)
        catalog = Catalog(seed)
        assert play(connection, company, catalog)
    with reading(engine) as connection:
        after = rows(connection)
        assert (after["users"], after["reviews"], after["contracts"], after["requests"]) == (8, 18, 3, 2)
        assert set(column(connection, sa.select(reviews.c.outcome))) == {None, *OUTCOMES}
        # No channel is set up: what people were told is kept for them.
        assert set(column(connection, sa.select(deliveries.c.state))) == {"kept"}
    with writing(engine) as connection:
        assert not play(connection, company, catalog)
        assert rows(connection) == after
