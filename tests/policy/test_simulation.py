"""What a changed policy would have done: the differences, that nothing is written, and that it is quick."""

import random
import time
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from app.db import make_engine, reading, upsert_columns, writing
from app.models import metadata, tools
from app.policy import service
from app.policy.comparing import SHOWN, Seen, compare
from app.policy.reading import shipped
from app.policy.reopening import Agreed
from app.policy.simulation import simulate
from tests.conftest import NOW
from tests.policy.support import FILES, MAIL, facts, policy
from tests.support import seed

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where what is asked does not depend on the kind of database."""
BEGAN = NOW - timedelta(days=90)
TODAY = NOW.date()


def everything(engine: Engine) -> dict[str, list[Any]]:
    with reading(engine) as connection:
        return {
            name: sorted(map(repr, connection.execute(sa.select(table)).all()))
            for name, table in metadata.tables.items()
        }


@pytest.fixture
def company(engine: Engine) -> seed.Company:
    with writing(engine) as connection:
        made = seed.company(connection)
        connection.execute(sa.update(tools).values(first_seen=BEGAN - timedelta(days=10)))
    return made


def test_nothing_changed_is_no_difference(engine: Engine, company: seed.Company) -> None:
    with reading(engine) as connection:
        result = simulate(connection, shipped(), NOW)
    assert (result.tools, result.compared, result.differing, result.items) == (2, 2, 0, [])
    assert result.active == result.changed
    assert (result.since, result.until, result.policy) == (BEGAN, NOW, 0)


def test_it_writes_nothing(engine: Engine, company: seed.Company) -> None:
    before = everything(engine)
    statements: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    with reading(engine) as connection:
        result = simulate(connection, policy({"rules": [], "passes": [], "reopen": {}}), NOW)
    assert result.differing == 2
    assert all(s.startswith(("SELECT", "BEGIN")) for s in statements), statements
    assert everything(engine) == before


@ONE_DATABASE
def test_lanes_passes_and_times_are_set_beside_each_other(engine: Engine, company: seed.Company) -> None:
    changed = policy({"rules.4.when.all.2.at_most": 0, "passes": [], "lanes.full.it.hours": 40})
    with reading(engine) as connection:
        result = simulate(connection, changed, NOW)
    assert result.active.lanes.model_dump() == {"fast": 1, "standard": 0, "full": 1}
    assert result.changed.lanes.model_dump() == {"fast": 0, "standard": 1, "full": 1}
    assert (result.active.passes, result.changed.passes) == (1, 0)
    assert result.by_kind.model_dump(by_alias=True) == {"lane": 1, "pass": 1, "reopening": 0, "service": 2}
    hubspot, canva = result.items
    assert (hubspot.tool_id, hubspot.what) == (company.hubspot, ("service",))
    assert (hubspot.active.service_seconds.it, hubspot.changed.service_seconds.it) == (56 * 3600, 40 * 3600)
    assert (canva.name, canva.what) == ("Canva", ("lane", "pass", "service"))
    assert canva.active.provisional
    assert canva.active.provisional.people_cap == 10
    assert canva.changed.provisional is None
    assert canva.active.reasons[0].startswith("Few people use it")
    totals = result.changed.service_seconds
    assert (totals.it, totals.marketing) == ((40 + 24) * 3600, (56 + 24) * 3600)


def test_what_came_since_the_period_began_opens_again(engine: Engine, company: seed.Company) -> None:
    with writing(engine) as connection:
        more = seed.Seed(connection, 1000)
        crm = more.app(company.okta, company.canva, "Canva Docs", first_seen=BEGAN - timedelta(days=9))
        people = [more.person(f"P{n}", f"p{n}@acme.example") for n in range(9)]
        accounts = [more.account(company.okta, person) for person in people]
        for n, account in enumerate(accounts):
            first = BEGAN.date() if n < 3 else TODAY
            more.sign_ins(crm, account, first)
            if n < 3:
                more.sign_ins(crm, account, TODAY)
        more.grant(company.okta, crm, accounts[0], MAIL, granted_at=BEGAN - timedelta(days=1))
        more.grant(company.okta, crm, accounts[0], FILES, granted_at=BEGAN + timedelta(days=1))
        more.expense(company.ramp, company.canva, None, occurred_on=BEGAN.date() - timedelta(days=5))
        more.expense(company.ramp, company.canva, None, occurred_on=TODAY, amount_minor=50_000)
    with reading(engine) as connection:
        result = simulate(connection, policy({"reopen": {}}), NOW)
    canva = next(item for item in result.items if item.tool_id == company.canva)
    assert "reopening" in canva.what
    assert [(c.kind.value, c.sentence) for c in canva.active.causes] == [
        ("new_scope", "Since the decision it may also read all your files."),
        ("people", "9 people use it; the decision was for 3."),
        (
            "spend",
            "It cost 500.00 USD (about 450.00 EUR) in 90 days; 49.00 USD (about 44.10 EUR) was agreed.",
        ),
    ]
    assert canva.changed.causes == ()
    assert result.changed.reopened == 0
    assert result.active.causes["people"] == 1


@ONE_DATABASE
def test_what_has_no_date_and_came_with_a_new_source_is_not_new(
    engine: Engine, company: seed.Company
) -> None:
    with writing(engine) as connection:
        more = seed.Seed(connection, 1000)
        late = more.source("late", created_at=NOW - timedelta(days=1))
        app = more.app(late, company.canva, "Canva", publisher="Canva Pty Ltd")
        account = more.account(late, company.anna)
        more.grant(late, app, account, FILES, granted_at=None, first_seen=NOW)
    with reading(engine) as connection:
        assert simulate(connection, policy({"reopen": {}}), NOW).by_kind.reopening == 1  # HubSpot's spend
        result = simulate(connection, policy({"reopen.spend": None}), NOW)
        assert result.changed.causes == {"new_scope": 1}, "HubSpot's, which was granted in September"


@ONE_DATABASE
def test_a_tool_that_was_not_there_was_not_agreed_on(engine: Engine, company: seed.Company) -> None:
    with writing(engine) as connection:
        connection.execute(sa.update(tools).values(first_seen=BEGAN + timedelta(days=1)))
    with reading(engine) as connection:
        result = simulate(connection, shipped(), NOW)
        assert (result.tools, result.compared, result.active.reopened) == (2, 0, 0)
        known = {company.hubspot: Agreed(people=1, spend={"USD": 10**9})}
        result = simulate(connection, shipped(), NOW, agreed=known)
        assert (result.compared, result.active.causes) == (1, {"new_scope": 1})


@ONE_DATABASE
def test_which_tools_are_asked_about(engine: Engine, company: seed.Company) -> None:
    values: list[dict[str, Any]] = [
        {"flagged": False, "flagged_at": None},
        {"last_seen": BEGAN - timedelta(days=1)},
        {"listed": False},
    ]
    for change in values:
        with writing(engine) as connection:
            chosen = sa.update(tools).where(tools.c.id == company.canva)
            before = connection.execute(sa.select(tools).where(tools.c.id == company.canva)).mappings().one()
            connection.execute(chosen.values(**change))
        with reading(engine) as connection:
            assert simulate(connection, shipped(), NOW).tools == 1, change
        with writing(engine) as connection:
            connection.execute(chosen.values(**{name: before[name] for name in change}))
    with writing(engine) as connection:
        github = sa.update(tools).where(tools.c.id == company.github)
        connection.execute(github.values(governance="sanctioned"))
    with reading(engine) as connection:
        assert simulate(connection, shipped(), NOW).tools == 3, "decided on, though never flagged"


@ONE_DATABASE
def test_it_is_set_beside_the_policy_that_is_switched_on(engine: Engine, company: seed.Company) -> None:
    ours = policy({"lanes.full.it.hours": 1})
    with writing(engine) as connection:
        service.create(connection, ours, "Quick.", actor="test", user_id=None, now=NOW)
        service.activate(connection, 1, actor="test", now=NOW)
    with reading(engine) as connection:
        assert simulate(connection, ours, NOW).differing == 0
        result = simulate(connection, shipped(), NOW)
        assert (result.policy, result.by_kind.service) == (1, 1)


def test_the_most_used_tools_are_told_first_and_fifty_of_them() -> None:
    seen = [Seen(facts(tool_id=n, people=n % 60)) for n in range(200)]
    result = compare(
        shipped(), policy({"lanes.fast.it.hours": 1, "lanes.standard.it.hours": 1}), seen, today=TODAY
    )
    assert (result.tools, result.differing, len(result.first)) == (200, 200, SHOWN)
    assert [d.tool_id for d in result.first[:4]] == [59, 119, 179, 58]


def _many(connection: Connection, count: int) -> None:
    """A company of many tools, each with apps, grants, sign-ins and charges."""
    dice = random.Random(5)
    made = seed.Seed(connection)
    source, cards = made.source("corp"), made.source("cards", "ramp")
    people = [made.person(f"P{n}", f"p{n}@acme.example") for n in range(300)]
    accounts = [made.account(source, person) for person in people]
    first = made.tool("Tool")
    app = made.app(source, first, "App")
    grant = made.grant(source, app, accounts[0], MAIL)
    expense = made.expense(cards, first)
    merchant = made.merchant(first, "HUBSPOT INC")
    tables = metadata.tables
    row = connection.execute(sa.select(tools)).mappings().one()
    names = [f"tool-{n}" for n in range(count)]
    ids = list(range(first + 1, first + 1 + count))

    def fill(table: str, values: dict[str, Any], sample: Any) -> None:
        size = len(next(iter(values.values())))
        rest = {k: [v] * size for k, v in sample.items() if k not in values}
        upsert_columns(connection, metadata.tables[table], {**rest, **values}, key=("id",))

    fill(
        "tools",
        {
            "id": ids,
            "key": names,
            "name": names,
            "people": [dice.randrange(200) for _ in ids],
            "first_seen": [BEGAN - timedelta(days=dice.randrange(-20, 200)) for _ in ids],
            "grant_grade": [dice.choice([None, "low", "medium", "high"]) for _ in ids],
        },
        row,
    )

    def sample(table: str, id_: int) -> Any:
        return connection.execute(sa.select(tables[table]).where(tables[table].c.id == id_)).mappings().one()

    app_ids, merchant_ids = [app + 1 + n for n in range(count)], [merchant + 1 + n for n in range(count)]
    fill("apps", {"id": app_ids, "ref": names, "tool_id": ids, "matched_tool_id": ids}, sample("apps", app))
    fill(
        "merchants",
        {"id": merchant_ids, "key": names, "tool_id": ids, "matched_tool_id": ids},
        sample("merchants", merchant),
    )
    fill(
        "grants",
        {
            "id": [grant + 1 + n for n in range(count)],
            "ref": names,
            "app_id": app_ids,
            "account_id": [dice.choice(accounts) for _ in ids],
            "granted_at": [NOW - timedelta(days=dice.randrange(200)) for _ in ids],
            "grade": [dice.choice(["high", "medium", "low"]) for _ in ids],
        },
        sample("grants", grant),
    )
    fill(
        "expenses",
        {
            "id": [expense + 1 + n for n in range(2 * count)],
            "ref": [f"{name}-{n}" for n in range(2) for name in names],
            "merchant_id": merchant_ids * 2,
            "currency": [dice.choice(["USD", "EUR", "XAF"]) for _ in range(2 * count)],
            "occurred_on": [TODAY - timedelta(days=dice.randrange(200)) for _ in range(2 * count)],
        },
        sample("expenses", expense),
    )
    days = [
        (a, accounts[(n * 7 + a) % 300], TODAY - timedelta(days=n * 40)) for a in app_ids for n in range(3)
    ]
    upsert_columns(
        connection,
        tables["sign_in_days"],
        {
            "app_id": [d[0] for d in days],
            "account_id": [d[1] for d in days],
            "day": [d[2] for d in days],
            "count": [1] * len(days),
        },
        key=("app_id", "account_id", "day"),
    )


COUNT = 20_000


def test_twenty_thousand_tools_take_seconds_and_not_minutes(sqlite_template: Any, tmp_path: Any) -> None:
    path = tmp_path / "many.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    engine = make_engine(f"sqlite:///{path}")
    with writing(engine) as connection:
        _many(connection, COUNT)
    changed = policy({"rules.2.when.at_least": 50, "lanes.fast.it.hours": 4, "reopen.people.percent": 20})
    took = 0.0
    for _ in range(2):  # a second time, in case the machine was busy with something else
        began = time.thread_time()
        with reading(engine) as connection:
            result = simulate(connection, changed, NOW)
        took = time.thread_time() - began
        if took < 4:
            break
    engine.dispose()
    assert result.tools == COUNT + 1
    assert result.compared > COUNT // 2
    assert result.differing > COUNT // 10
    assert took < 4, f"{took:.2f} s"
