"""Versions, facts and alerts, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from app.db import reading, writing
from app.errors import Conflict, Gone, Invalid, NotFound
from app.models import audit_events, policies, policy_alerts, tools
from app.policy import service
from app.policy.document import Policy
from app.policy.reading import plain, shipped
from app.policy.reopening import Agreed, CauseKind
from tests.conftest import NOW
from tests.policy.support import MAIL, policy
from tests.support import seed

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where what is asked does not depend on the kind of database."""
OURS = policy({"lanes.fast.it.hours": 4, "sides.it.calendar.zone": "Asia/Tokyo"})


def keep(engine: Engine, made: Policy = OURS, note: str = "Shorter.") -> int:
    with writing(engine) as connection:
        return service.create(connection, made, note, actor="test", user_id=None, now=NOW).version


def switch(engine: Engine, version: int) -> None:
    with writing(engine) as connection:
        service.activate(connection, version, actor="test", now=NOW)


def test_the_shipped_one_holds_until_another_is_switched_on(engine: Engine) -> None:
    with reading(engine) as connection:
        assert service.current(connection) == service.Current(0, shipped())
    assert keep(engine) == 1
    with reading(engine) as connection:
        assert service.current(connection).version == 0, "keeping a version does not switch it on"
    switch(engine, 1)
    with reading(engine) as connection:
        held = service.current(connection)
        assert (held.version, held.policy) == (1, OURS)
        assert str(service.calendar_of(connection, "it").zone) == "Asia/Tokyo"
        assert str(service.calendar_of(connection, "marketing").zone) == "UTC"
    switch(engine, 0)
    with reading(engine) as connection:
        assert service.current(connection).version == 0
        assert service.get_policy(connection, 1).active_from == NOW
        assert not service.get_policy(connection, 1).active


@ONE_DATABASE
def test_switching_and_keeping_are_on_the_audit_trail(engine: Engine) -> None:
    keep(engine)
    switch(engine, 1)
    with reading(engine) as connection:
        rows = connection.execute(sa.select(audit_events).order_by(audit_events.c.seq)).all()
    assert [(r.action, r.object, r.actor) for r in rows] == [
        ("policy.create", "policy:1", "test"),
        ("policy.activate", "policy:1", "test"),
    ]
    assert rows[0].after == {"document": plain(OURS)}
    assert (rows[1].before, rows[1].after) == ({"active": 0}, {"active": 1})


@ONE_DATABASE
def test_what_cannot_be_is_refused(engine: Engine) -> None:
    with pytest.raises(Conflict, match="Version 0 of the policy is active already"):
        switch(engine, 0)
    with pytest.raises(NotFound, match="no version 7"):
        switch(engine, 7)
    with pytest.raises(Invalid, match="Say in a note"):
        keep(engine, note="  ")
    with pytest.raises(Invalid, match="surrogate"):
        keep(engine, note="Because of \ud800.")
    with reading(engine) as connection, pytest.raises(NotFound):
        service.choose_for(connection, 99, NOW)


def test_two_that_are_switched_on_at_once_leave_one(engine: Engine) -> None:
    versions = [keep(engine) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda version: switch(engine, version), versions))
    with reading(engine) as connection:
        active = connection.scalars(sa.select(policies.c.version).where(policies.c.active)).all()
    assert len(active) == 1


def test_two_that_are_kept_at_once_are_two(engine: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        versions = list(pool.map(lambda _: keep(engine), range(8)))
    assert sorted(versions) == list(range(1, 9))


def test_the_database_itself_allows_one_active_version(engine: Engine) -> None:
    switch(engine, keep(engine))
    keep(engine)
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(sa.update(policies).values(active=True))


@ONE_DATABASE
def test_versions_are_listed_page_by_page(engine: Engine) -> None:
    for _ in range(4):
        keep(engine)
    for limit in (1, 2, 3, 4, 5, 6):
        seen, cursor = [], None
        with reading(engine) as connection:
            while True:
                page = service.list_policies(connection, cursor=cursor, limit=limit)
                assert len(page.items) <= limit
                seen += [item.version for item in page.items]
                cursor = page.next
                if cursor is None:
                    break
        assert seen == [4, 3, 2, 1, 0]


def test_facts_are_what_the_catalog_knows(engine: Engine) -> None:
    with writing(engine) as connection:
        made = seed.company(connection)
        more = seed.Seed(connection)
        hubspot, since = made.hubspot, NOW.date() - timedelta(days=90)
        for day, minor in ((since, 1), (since + timedelta(days=1), 20), (NOW.date(), 300)):
            more.expense(made.ramp, hubspot, None, ref=f"on {day}", occurred_on=day, amount_minor=minor)
        more.expense(made.ramp, hubspot, None, ref="replaced", replaced=True)
        more.expense(made.ramp, hubspot, None, ref="pending", state="pending")
        more.app(made.okta, hubspot, "HubSpot Sales", publisher="HubSpot, Inc.")
        more.app(made.okta, hubspot, "HubSpot Old", publisher="Old Name", gone_at=NOW)
    with reading(engine) as connection:
        found = service.facts_of(connection, [hubspot, made.canva, 999], NOW)
    assert found.keys() == {hubspot, made.canva}
    facts = found[hubspot]
    assert facts.spend == {"USD": 9800 + 320, "EUR": -1250}
    assert facts.scopes == {MAIL}
    assert facts.publishers == {"HubSpot, Inc."}
    assert (facts.people, facts.departments, facts.grant_grade) == (2, {"Marketing": 2}, "high")
    assert found[made.canva].scopes == frozenset(), "what is gone is gone"


@ONE_DATABASE
def test_many_tools_take_few_queries(engine: Engine) -> None:
    with writing(engine) as connection:
        ids = [seed.Seed(connection, n * 10).tool(f"Tool {n}") for n in range(30)]
    queries: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *a: queries.append(a[2]))
    with reading(engine) as connection:
        assert len(service.facts_of(connection, ids, NOW)) == 30
    assert len([q for q in queries if q.startswith("SELECT")]) == 4


def test_a_merged_tool_has_moved(engine: Engine) -> None:
    with writing(engine) as connection:
        made = seed.company(connection)
        connection.execute(sa.update(tools).where(tools.c.id == made.canva).values(merged_into=made.hubspot))
    with reading(engine) as connection:
        assert service.choose_for(connection, made.hubspot, NOW).lane == "full"
        assert service.pass_for(connection, made.hubspot, NOW) is None
        for ask in (service.choose_for, service.pass_for, service.lane_for):
            with pytest.raises(Gone):
                ask(connection, made.canva, NOW)


# --- alerts ------------------------------------------------------------------------------------


def test_a_cause_is_told_once_until_it_is_settled(engine: Engine) -> None:
    with writing(engine) as connection:
        made = seed.company(connection)
        now = service.facts_of(connection, [made.hubspot], NOW)[made.hubspot]
        agreed = {made.hubspot: Agreed.on(replace(now, scopes=frozenset(), ownership="owned"))}
        asked = {
            "missed": {made.hubspot: ["SSO by 1 November"]},
            "renewals": {made.hubspot: date(2026, 12, 1)},
        }
        found = service.look_again(connection, agreed, NOW, **asked)
        assert [c.kind for c in found[made.hubspot]] == ["new_scope", "condition_missed", "renewal"]
    with writing(engine) as connection:
        assert service.look_again(connection, agreed, NOW, **asked) == {}
        standing = service.standing_alerts(connection, made.hubspot)
        assert [a.cause for a in standing] == ["new_scope", "condition_missed", "renewal"]
        assert service.standing_alerts(connection, made.canva) == []
    with writing(engine) as connection:
        settled = service.settle_alerts(
            connection, made.hubspot, actor="test", now=NOW, causes=[CauseKind.RENEWAL, CauseKind.PEOPLE]
        )
        assert settled == [CauseKind.RENEWAL]
        again = service.look_again(connection, agreed, NOW, **asked)
        assert [c.kind for c in again[made.hubspot]] == ["renewal"]
        assert len(service.settle_alerts(connection, made.hubspot, actor="test", now=NOW)) == 3
        assert service.settle_alerts(connection, made.hubspot, actor="test", now=NOW) == []
    with reading(engine) as connection:
        rows = connection.execute(sa.select(policy_alerts.c.settled_at)).all()
        assert [r.settled_at for r in rows] == [NOW] * 4, "what was told stays on record"
        lines = connection.scalars(sa.select(audit_events.c.action)).all()
        assert lines == ["alert.settle", "alert.settle"]


def test_two_that_look_at_once_tell_a_cause_once(engine: Engine) -> None:
    with writing(engine) as connection:
        made = seed.company(connection)
    agreed = {made.hubspot: Agreed(people=100, spend={"USD": 10**9, "EUR": 10**9})}

    def look(_: int) -> int:
        with writing(engine) as connection:
            return sum(map(len, service.look_again(connection, agreed, NOW).values()))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(look, range(4))) == 1
