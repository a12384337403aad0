"""A tool month by month, on both databases."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.engine import Engine

from app.catalog.over_time import last_months, tool_months
from app.db import reading, writing
from app.errors import NotFound
from tests.conftest import NOW
from tests.support.seed import Seed


def test_people_and_money_by_month(engine: Engine) -> None:
    with writing(engine) as connection:
        seed = Seed(connection)
        source = seed.source()
        tool, other = seed.tool("Brevo"), seed.tool("Other")
        app, elsewhere = seed.app(source, tool, "Brevo"), seed.app(source, other, "Other")
        old, new, both, payer = (seed.account(source, seed.person(n)) for n in "ABCD")
        early = seed.account(source, seed.person("E"))
        seed.sign_ins(app, old, date(2025, 3, 31))  # before the twelve months, and again in the last one
        seed.sign_ins(app, old, date(2026, 11, 1), count=9)
        seed.sign_ins(app, old, date(2026, 11, 30))
        seed.sign_ins(elsewhere, new, date(2026, 10, 31))
        at = datetime(2026, 10, 31, 23, 59, tzinfo=UTC)
        seed.grant(source, app, new, "email", granted_at=at)
        seed.consent(source, app, both, "email", at=at)
        seed.consent(source, app, early, "email", at=at, granted=False)
        seed.assignment(source, app, both, assigned_at=datetime(2026, 11, 1, tzinfo=UTC))
        seed.assignment(source, app, early, via_group=True)
        seed.expense(source, tool, payer, occurred_on=date(2025, 12, 1), amount_minor=500)
        seed.expense(source, tool, payer, occurred_on=date(2026, 11, 2), amount_minor=900)
        seed.expense(source, tool, payer, occurred_on=date(2026, 11, 3), amount_minor=-200, state="refund")
        seed.expense(source, tool, None, occurred_on=date(2026, 11, 4), amount_minor=70, currency="EUR")
        seed.expense(source, tool, early, occurred_on=date(2026, 11, 4), amount_minor=9, state="declined")
        seed.expense(source, tool, None, occurred_on=date(2026, 11, 4), amount_minor=9, replaced=True)
        seed.expense(source, tool, None, occurred_on=date(2025, 11, 30), amount_minor=9)
    with reading(engine) as connection:
        items = tool_months(connection, tool, now=NOW).items
        with pytest.raises(NotFound):
            tool_months(connection, 999, now=NOW)
    assert [m.month for m in items] == last_months(date(2026, 11, 20), 12)
    told = {f"{m.month:%Y-%m}": (m.people, m.new_people, m.spend) for m in items if m.people or m.spend}
    assert told == {
        "2025-12": (1, 1, {"USD": 500}),
        "2026-10": (2, 2, {}),
        "2026-11": (3, 0, {"USD": 700, "EUR": 70}),
    }


def test_months_go_back_over_the_year() -> None:
    assert last_months(date(2026, 2, 28), 4) == [
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]
