"""What the engine concludes from scans that were broken off, put off, or passed something over."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from app.db import reading, writing
from app.models import apps, assignments, scans
from app.scans import checkpoints
from app.scans.service import request_scan
from connectors.base import Mode, Signal
from connectors.errors import NotAvailable, RetryLater
from connectors.identifiers import APP_NAME, Identifier
from connectors.observations import AppSeen, AssignmentSeen, PersonSeen, SignOn
from tests.support.scanning import Scanner
from tests.support.scripted import Script, scripted

ADA = PersonSeen(ref="u1", email="ada@acme.example", name="Ada")


def _app(ref: str, name: str = "HubSpot") -> AppSeen:
    return AppSeen(ref=ref, name=name, identifiers=(Identifier(APP_NAME, name),), sign_on=SignOn.CONSENT)


def _gone(scanner: Scanner, table: sa.Table) -> list[Any]:
    return [r for r in scanner.rows(table) if r["gone_at"] is not None]


def test_an_optional_list_that_was_passed_over_is_read_from_its_beginning(engine: Engine):
    scanner, script = scripted(engine, integrations=Mode.SNAPSHOT, apps=Mode.SNAPSHOT)
    script.optional.add("integrations")
    whole: list[Any] = [[_app("i1"), _app("i2")], [_app("i3")]]
    script.pages |= {"integrations": whole, "apps": [[_app("a1")]]}
    scanner.scan()
    scanner.clock.forward(hours=1)
    script.pages |= {
        "integrations": [NotAvailable("not in this edition")],
        "apps": [RetryLater("busy", seconds=600)],
    }
    assert scanner.scan()["error_kind"] == "retry_later"
    scanner.clock.forward(hours=1)
    script.pages |= {"integrations": whole, "apps": [[_app("a1")]]}
    assert scanner.scan()["state"] == "complete"
    assert _gone(scanner, apps) == []


def _broken_off(engine: Engine) -> tuple[Scanner, Script, dict[str, Any]]:
    """A scan whose process died after the first of two pages."""
    scanner, script = scripted(engine, apps=Mode.SNAPSHOT)
    script.pages["apps"] = [[_app("a1")], Cut()]
    with writing(engine) as connection:
        id_ = request_scan(connection, scanner.source_id, "hand", scanner.clock())
    taken = scanner.runner.claim(id_)
    assert taken is not None
    with pytest.raises(Died):
        asyncio.run(_dying(scanner, taken))
    return scanner, script, taken


class Died(Exception):
    """Stands for the end of a process."""


class Cut(Exception):
    """Makes the reader fail at the second page."""


async def _dying(scanner: Scanner, taken: dict[str, Any]) -> None:
    def die(*_: Any) -> None:
        raise Died

    scanner.runner._conclude = die  # type: ignore[method-assign]
    try:
        await scanner.runner.run(taken)
    finally:
        del scanner.runner._conclude


@pytest.mark.parametrize(("hours", "begins_again"), [(1, False), (30, True)])
def test_a_full_read_that_broke_off_long_ago_is_begun_again(engine: Engine, hours: int, begins_again: bool):
    scanner, script, broken = _broken_off(engine)
    scanner.clock.forward(hours=hours)
    # By now the vendor lists an app on the first page that had not been there.
    script.pages["apps"] = [[_app("a1"), _app("a2")], [_app("a3")]]
    taken = scanner.runner.claim(broken["id"])
    assert taken is not None
    assert (taken["generation"] > broken["generation"]) is begins_again
    asyncio.run(scanner.runner.run(taken))
    refs = {r["ref"] for r in scanner.rows(apps)}
    assert refs == ({"a1", "a2", "a3"} if begins_again else {"a1", "a3"})
    if begins_again:
        assert {r["last_seen"] for r in scanner.rows(apps)} == {scanner.clock()}


@pytest.mark.parametrize("seconds", [1e13, float("inf"), float("nan"), 0.0])
def test_a_vendor_that_asks_for_a_senseless_wait_is_asked_again_within_a_day(engine: Engine, seconds: float):
    scanner, script = scripted(engine, apps=Mode.SNAPSHOT)
    script.pages["apps"] = [RetryLater("busy", seconds=seconds)]
    assert scanner.scan()["error_kind"] == "retry_later"
    wait = scanner.source()["next_scan_at"] - scanner.clock()
    assert timedelta(minutes=1) <= wait <= timedelta(days=1)


def _assigned(engine: Engine) -> tuple[Scanner, Script]:
    scanner, script = scripted(
        engine, people=Mode.SNAPSHOT, apps=Mode.SNAPSHOT, links=Mode.SNAPSHOT, log=Mode.INCREMENTAL
    )
    script.signals["links"] = Signal.ASSIGNMENTS
    script.pages |= {"people": [[ADA]], "apps": [[_app("a1")]]}
    return scanner, script


def test_an_assignment_known_only_from_a_log_goes_when_the_next_list_does_not_have_it(engine: Engine):
    scanner, script = _assigned(engine)
    script.pages["log"] = [[AssignmentSeen(app_ref="a1", person_ref="u1", self_assigned=True)]]
    scanner.scan()
    assert _gone(scanner, assignments) == [], "it may be newer than the list that this scan read"
    scanner.clock.forward(hours=1)
    script.pages["log"] = []
    scanner.scan()
    assert len(_gone(scanner, assignments)) == 1


def test_an_assignment_known_only_from_a_log_stays_where_nothing_lists_assignments(engine: Engine):
    scanner, script = scripted(engine, people=Mode.SNAPSHOT, apps=Mode.SNAPSHOT, log=Mode.INCREMENTAL)
    script.pages |= {
        "people": [[ADA]],
        "apps": [[_app("a1")]],
        "log": [[AssignmentSeen(app_ref="a1", person_ref="u1", self_assigned=True)]],
    }
    scanner.scan()
    scanner.clock.forward(hours=1)
    script.pages["log"] = []
    scanner.scan()
    assert _gone(scanner, assignments) == []


def test_a_reference_to_somebody_never_listed_does_not_keep_the_rest_of_a_list_for_ever(engine: Engine):
    scanner, script = _assigned(engine)
    stray = AssignmentSeen(app_ref="a1", person_ref="u9")
    script.pages["links"] = [[stray, AssignmentSeen(app_ref="a1", person_ref="u1")]]
    assert scanner.scan()["skipped"] == 1
    scanner.clock.forward(hours=1)
    script.pages["links"] = [[stray]]
    assert scanner.scan()["skipped"] == 1
    assert len(_gone(scanner, assignments)) == 1


def test_a_sign_of_life_that_fails_once_does_not_end_the_scan(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    scanner, script = scripted(engine, apps=Mode.SNAPSHOT)
    script.pages["apps"] = [[_app("a1")]]
    scanner.runner._lease = timedelta(milliseconds=150)
    renew = checkpoints.renew
    beats = []

    def failing(connection: Any, scan_id: int, fence: int, until: Any) -> bool:
        beats.append(until)
        if len(beats) == 1:
            raise OperationalError("", {}, Exception("database is locked"))
        return renew(connection, scan_id, fence, until)

    async def main() -> None:
        with writing(engine) as connection:
            id_ = request_scan(connection, scanner.source_id, "hand", scanner.clock())
        taken = scanner.runner.claim(id_)
        assert taken is not None
        heart = asyncio.create_task(scanner.runner._keep_alive(taken))
        monkeypatch.setattr(checkpoints, "renew", failing)
        await asyncio.wait({heart}, timeout=1)
        assert not heart.done(), "the scan would end here"
        assert len(beats) > 1
        heart.cancel()

    asyncio.run(main())
    with reading(engine) as connection:
        assert connection.scalar(sa.select(scans.c.state)) == "running"
