"""What was stored before a migration is there after it, and after taking it back."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.engine import Engine

from app.db import alembic_config, make_engine, reading, upgrade, writing
from app.models import claim_events, passes, report_subscriptions, tools
from app.security import users
from app.security.schemas import UserIn
from tests.claims.support import Office
from tests.support import seed

AT = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)


@pytest.fixture
def before(database_url: str) -> Iterator[Engine]:
    """A database as the first migration leaves it, with a source, two tools and their evidence."""
    engine = make_engine(database_url)
    with writing(engine) as connection:
        made = seed.Seed(connection)
        source = made.source()
        tools = [made.tool(name) for name in ("HubSpot", "Canva")]
        made.app(source, tools[0], "HubSpot CRM")
        made.app(source, None, "Our own", internal=True)
    command.downgrade(alembic_config(database_url), "0001")
    with writing(engine) as connection:
        old = sa.Table("expenses", sa.MetaData(), autoload_with=connection)
        for ref, tool, merchant, descriptor, confidence in (
            ("e1", 0, "HubSpot", "HUBSPOT INC. 8884827768 MA", 0.9),
            ("e2", 0, "HubSpot Inc", None, 0.95),
            ("e3", 1, "PayPal", "PAYPAL *CANVA 4029357733", 0.8),
            ("e4", 1, "PayPal", "PAYPAL *CANVA 4029357734", 0.8),
            ("e5", 1, "HubSpot", None, 0.5),
        ):
            connection.execute(
                sa.insert(old).values(
                    source_id=source,
                    ref=ref,
                    tool_id=tools[tool],
                    occurred_on=date(2026, 10, 5),
                    amount_minor=100,
                    currency="USD",
                    merchant=merchant,
                    descriptor=descriptor,
                    state="posted",
                    replaced=False,
                    rule="merchant",
                    confidence=confidence,
                    why=f"because of {ref}",
                    content="",
                    first_seen=AT,
                    last_seen=AT,
                )
            )
    yield engine
    engine.dispose()


def rows(engine: Engine, text: str) -> list[tuple[Any, ...]]:
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(sa.text(text))]


def test_expenses_hang_on_merchants_and_go_back(before: Engine, database_url: str) -> None:
    upgrade(database_url)
    assert rows(
        before,
        "SELECT m.key, t.name, m.confidence, m.why, count(e.id), m.tool_id = m.matched_tool_id "
        "FROM merchants m JOIN tools t ON t.id = m.tool_id JOIN expenses e ON e.merchant_id = m.id "
        "GROUP BY m.id, m.key, t.name, m.confidence, m.why ORDER BY m.key, t.name",
    ) == [
        ("name:canva", "Canva", 0.8, "because of e3", 2, True),
        ("name:hubspot", "Canva", 0.5, "because of e5", 1, True),
        ("name:hubspot", "HubSpot", 0.95, "because of e2", 2, True),
    ]
    assert rows(before, "SELECT name FROM apps WHERE matched_tool_id = tool_id") == [("HubSpot CRM",)]
    assert rows(before, "SELECT count(*) FROM tools WHERE listed AND merged_into IS NULL") == [(2,)]
    command.downgrade(alembic_config(database_url), "0001")
    assert rows(
        before,
        "SELECT e.ref, t.name, e.why FROM expenses e JOIN tools t ON t.id = e.tool_id ORDER BY e.ref",
    ) == [
        ("e1", "HubSpot", "because of e2"),
        ("e2", "HubSpot", "because of e2"),
        ("e3", "Canva", "because of e3"),
        ("e4", "Canva", "because of e3"),
        ("e5", "Canva", "because of e5"),
    ]
    upgrade(database_url)
    assert rows(before, "SELECT count(*) FROM merchants") == [(3,)]


def test_many_lines_of_one_tool_do_not_take_for_ever(before: Engine, database_url: str) -> None:
    # Each prints a reference of its own: what is looked for by text would be looked for once a line.
    with writing(before) as connection:
        old = sa.Table("expenses", sa.MetaData(), autoload_with=connection)
        first = connection.execute(sa.select(old).where(old.c.ref == "e1")).mappings().one()
        same = {name: value for name, value in first.items() if name != "id"}
        connection.execute(
            sa.insert(old),
            [same | {"ref": f"r{n}", "descriptor": f"HUBSPOT INC. {n:010d} MA"} for n in range(20_500)],
        )
    begun = time.monotonic()
    upgrade(database_url)
    assert time.monotonic() - begun < 30
    assert rows(
        before,
        "SELECT m.key, m.tool_id, count(*) FROM merchants m JOIN expenses e ON e.merchant_id = m.id "
        "GROUP BY m.id, m.key, m.tool_id HAVING count(*) > 2",
    ) == [("name:hubspot", first["tool_id"], 20_502)]


def test_the_log_of_claims_is_kept_when_it_learns_a_new_kind_of_line(
    engine: Engine, database_url: str
) -> None:
    office = Office(engine)
    office.claims(office.mara)
    office.contests(office.nils)
    with writing(engine) as connection:
        passed = {"policy_version": 1, "rule": 0, "given_at": AT, "expires_on": AT.date(), "people_cap": 1}
        connection.execute(sa.insert(passes).values(tool_id=office.github, reasons=[], **passed))
        connection.execute(sa.update(tools).values(governance="provisional"))
    before = office.rows(claim_events)
    engine.dispose()
    command.downgrade(alembic_config(database_url), "0010")
    stands = "SELECT name, governance FROM tools ORDER BY name"
    assert rows(engine, stands) == [("GitHub", "unreviewed"), ("HubSpot", "provisional")]
    engine.dispose()
    upgrade(database_url)
    assert office.rows(claim_events) == before
    for statement in (sa.update(claim_events).values(user_id=None), sa.delete(claim_events)):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), writing(engine) as connection:
            connection.execute(statement)


def test_who_gets_the_report_in_a_language_gets_all_mail_in_it(engine: Engine, database_url: str) -> None:
    with writing(engine) as connection:
        made = [
            users.create_user(
                connection, UserIn(email=f"{name}@acme.example", name=name, roles=[]), actor="test", now=AT
            ).id
            for name in ("ann", "ben")
        ]
        wanted = {"day": 1, "locale": "de_AT", "sent_for": AT.date(), "created_at": AT, "updated_at": AT}
        connection.execute(sa.insert(report_subscriptions).values(user_id=made[0], **wanted))
    engine.dispose()
    command.downgrade(alembic_config(database_url), "0017")
    upgrade(database_url)
    with reading(engine) as connection:
        assert [users.locale_of(connection, user) for user in made] == ["de_AT", None]
