"""The schedule: what is due is queued once, what is queued is run, what was left is taken over."""

import asyncio
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.models import expenses, scans, sign_in_days, sources
from app.scans import checkpoints
from app.scans.schedule import Schedule, delete_older
from app.scans.service import request_scan, request_stop
from connectors.base import Mode
from connectors.observations import AppSeen, ExpenseSeen, Observation, PersonSeen, SignInSeen
from tests.support.scanning import NOW, Scanner
from tests.support.scripted import scripted


def _schedule(scanner: Scanner) -> Schedule:
    return Schedule(scanner.runner, at_once=2, personal_data_days=400, clock=scanner.clock)


def _due(scanner: Scanner, moment: Any = NOW) -> None:
    with writing(scanner.engine) as connection:
        connection.execute(sa.update(sources).values(next_scan_at=moment))


async def _beat(schedule: Schedule) -> None:
    """One beat, and everything it started."""
    await schedule.tick()
    await asyncio.gather(*schedule._running)


def _states(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(sa.select(scans.c.state).order_by(scans.c.id)))


def test_a_source_that_is_due_is_scanned_once_and_then_waits_its_turn(engine: Engine):
    scanner, script = scripted(engine, people=Mode.SNAPSHOT)
    script.pages["people"] = [[PersonSeen(ref="1", email="ada@acme.example")]]
    schedule = _schedule(scanner)
    asyncio.run(_beat(schedule))
    assert _states(engine) == [], "nothing was due"
    _due(scanner)
    asyncio.run(_beat(schedule))
    asyncio.run(_beat(schedule))
    assert _states(engine) == ["complete"]
    assert scanner.source()["next_scan_at"] == NOW + timedelta(minutes=60)
    scanner.clock.forward(minutes=61)
    asyncio.run(_beat(schedule))
    assert _states(engine) == ["complete", "complete"]


def test_a_source_that_is_switched_off_is_left_alone(engine: Engine):
    scanner, _ = scripted(engine, people=Mode.SNAPSHOT)
    with writing(engine) as connection:
        connection.execute(sa.update(sources).values(next_scan_at=NOW, enabled=False))
    asyncio.run(_beat(_schedule(scanner)))
    assert _states(engine) == []


def test_two_processes_queue_a_due_moment_once(engine: Engine):
    scanner, _ = scripted(engine, people=Mode.SNAPSHOT)
    _due(scanner)
    with writing(engine) as connection:
        assert checkpoints.hold(connection, "scheduler", "one", NOW, timedelta(seconds=10))
        assert not checkpoints.hold(connection, "scheduler", "two", NOW, timedelta(seconds=10))
        later = NOW + timedelta(seconds=11)
        assert checkpoints.hold(connection, "scheduler", "two", later, timedelta(seconds=10))
    # Even when both hold themselves for the scheduler, the due moment is taken once.
    with writing(engine) as connection:
        due = checkpoints.due_sources(connection, NOW)
        assert [checkpoints.take_tick(connection, *due[0]) for _ in range(2)] == [True, False]


def test_a_scan_whose_runner_died_is_taken_over(engine: Engine):
    scanner, script = scripted(engine, people=Mode.SNAPSHOT)
    script.pages["people"] = [[PersonSeen(ref="1", email="ada@acme.example")]]
    with writing(engine) as connection:
        request_scan(connection, scanner.source_id, "hand", NOW)
    with writing(engine) as connection:
        checkpoints.claim(connection, "elsewhere:1:x", NOW, timedelta(minutes=5))
    schedule = _schedule(scanner)
    asyncio.run(_beat(schedule))
    assert _states(engine) == ["running"], "its lease still holds"
    scanner.clock.forward(minutes=6)
    asyncio.run(_beat(schedule))
    assert _states(engine) == ["complete"]


def test_a_scan_that_is_stopped_keeps_what_it_read_and_goes_on_later(engine: Engine):
    scanner, script = scripted(engine, people=Mode.SNAPSHOT)
    people: list[list[Observation]] = [[PersonSeen(ref=str(n), email=f"p{n}@acme.example")] for n in range(3)]
    script.pages["people"] = people
    with writing(engine) as connection:
        scan = request_scan(connection, scanner.source_id, "hand", NOW)
    taken = scanner.runner.claim(scan)
    assert taken is not None
    with writing(engine) as connection:
        assert request_stop(connection, scan)
    asyncio.run(scanner.runner.run(taken))
    assert _states(engine) == ["partial"]
    assert scanner.source()["health"] == "waiting"
    rest = scanner.scan()
    assert rest["state"] == "complete"
    assert rest["generation"] == taken["generation"]
    with writing(engine) as connection:
        assert not request_stop(connection, scan), "an ended scan cannot be stopped"


def test_closing_leaves_a_running_scan_to_be_taken_up(engine: Engine):
    scanner, script = scripted(engine, people=Mode.SNAPSHOT)
    script.pages["people"] = [[PersonSeen(ref=str(n), email=f"p{n}@acme.example")] for n in range(50)]
    with writing(engine) as connection:
        request_scan(connection, scanner.source_id, "hand", NOW)

    async def start_and_close() -> None:
        schedule = _schedule(scanner)
        schedule.start()
        await schedule.tick()
        await schedule.close()

    asyncio.run(start_and_close())
    assert _states(engine) in (["running"], ["complete"])
    scanner.clock.forward(minutes=10)
    asyncio.run(_beat(_schedule(scanner)))
    assert _states(engine) == ["complete"]


def test_old_personal_data_is_deleted_and_the_rest_is_kept(engine: Engine):
    scanner, script = scripted(
        engine, connector="ramp", people=Mode.SNAPSHOT, log=Mode.INCREMENTAL, charges=Mode.WINDOW
    )
    old, new = NOW - timedelta(days=401), NOW - timedelta(days=399)
    script.pages |= {
        "people": [[PersonSeen(ref="1", email="ada@acme.example")]],
        "log": [
            [AppSeen(ref="a", name="HubSpot"), SignInSeen("1", "a", "1", old), SignInSeen("2", "a", "1", new)]
        ],
        "charges": [[_charge("old", old.date()), _charge("new", new.date())]],
    }
    scanner.scan()
    with writing(engine) as connection:
        assert delete_older(connection, NOW - timedelta(days=400)) == 2
    assert [r["day"] for r in scanner.rows(sign_in_days)] == [new.date()]
    assert [r["ref"] for r in scanner.rows(expenses)] == ["new"]


def _charge(ref: str, day: date) -> ExpenseSeen:
    return ExpenseSeen(ref=ref, occurred_on=day, amount_minor=100, currency="USD", merchant="Mailchimp")
