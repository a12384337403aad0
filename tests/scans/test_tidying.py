"""What happens once a day: old personal data goes, and time alone makes tools dormant."""

import asyncio
import threading
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from app.db import writing
from app.models import expenses, messages, tools
from app.policy import service
from app.scans import schedule
from app.scans.schedule import Schedule
from connectors.base import Mode
from connectors.observations import ExpenseSeen
from tests.policy.support import policy
from tests.support.scanning import NOW, Scanner
from tests.support.scripted import scripted


def _statement(engine: Engine) -> Scanner:
    """A source that is read once and never again, as an imported file is."""
    scanner, script = scripted(engine, connector="files", charges=Mode.WINDOW)
    charge = ExpenseSeen(
        ref="t1", occurred_on=NOW.date(), amount_minor=5000, currency="USD", merchant="Mailchimp"
    )
    script.pages["charges"] = [[charge]]
    scanner.scan()
    return scanner


def _schedule(scanner: Scanner, days: int) -> Schedule:
    return Schedule(scanner.runner, at_once=1, personal_data_days=days, clock=scanner.clock)


def test_a_tool_that_no_scan_looks_at_any_more_becomes_dormant(engine: Engine):
    scanner = _statement(engine)
    assert scanner.rows(tools)[0]["flagged"]
    scanner.clock.forward(days=100)
    asyncio.run(_schedule(scanner, 1000).tidy())
    tool = scanner.rows(tools)[0]
    assert (tool["evidence"], tool["flagged"], tool["spend_minor"]) == ("dormant", False, 5000)
    scanner.clock.forward(days=300)
    asyncio.run(_schedule(scanner, 1000).tidy())
    assert scanner.rows(tools)[0]["spend_minor"] == 0


def test_a_scan_gives_what_the_policy_passes_and_a_night_ends_it(engine: Engine):
    with writing(engine) as connection:
        wanted = policy({"passes.0.automatic": True, "passes.0.spend_cap": None, "passes.0.days": 5})
        made = service.create(connection, wanted, "why", actor="test", user_id=None, now=NOW)
        service.activate(connection, made.version, actor="test", now=NOW)
    scanner = _statement(engine)
    tool = scanner.rows(tools)[0]
    assert (tool["governance"], tool["flagged"], tool["shadow"]) == ("provisional", False, False)
    assert [m["topic"] for m in scanner.rows(messages)] == ["pass.given"], "nobody waits"
    scanner.clock.forward(days=6)
    asyncio.run(_schedule(scanner, 1000).tidy())
    tool = scanner.rows(tools)[0]
    assert (tool["governance"], tool["flagged"]) == ("unreviewed", True)
    assert [m["topic"] for m in scanner.rows(messages)] == ["pass.given", "pass.ended"]


def test_a_tool_goes_with_the_last_evidence_that_may_be_kept(engine: Engine):
    scanner = _statement(engine)
    scanner.clock.forward(days=31)
    asyncio.run(_schedule(scanner, 30).tidy())
    assert scanner.rows(expenses) == []
    assert scanner.rows(tools) == []


def test_tidying_up_does_not_hold_up_requests(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    scanner = _statement(engine)
    threads: list[threading.Thread] = []
    delete = schedule.delete_older

    def watched(connection: Any, before: datetime) -> int:
        threads.append(threading.current_thread())
        return delete(connection, before)

    monkeypatch.setattr(schedule, "delete_older", watched)
    asyncio.run(_schedule(scanner, 30).tidy())
    assert threads
    assert threading.current_thread() not in threads
