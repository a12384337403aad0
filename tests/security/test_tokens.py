"""Tokens: stored as digests, ended by time and by hand, within seconds."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.errors import Conflict, Forbidden, Invalid, NotFound, Unauthorized
from app.models import api_tokens, audit_events
from app.security import audit
from app.security.schemas import Role
from app.security.service import CACHE_SECONDS, Gate, create_token, list_tokens, require, revoke_token

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW
        self.ticks = 0.0

    def __call__(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return self.ticks

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.ticks += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(engine: Engine, clock: Clock) -> Gate:
    return Gate(engine, clock=clock, monotonic=clock.monotonic)


def make(engine: Engine, name: str = "ci", role: Role = Role.READER, **more: int) -> str:
    with writing(engine) as connection:
        return create_token(connection, name, role, actor="test", now=NOW, **more)[1]


def test_the_text_of_a_token_is_stored_nowhere(engine: Engine) -> None:
    text = make(engine)
    assert text.startswith("pen_")
    assert len(text) == 47
    with reading(engine) as connection:
        stored = [*connection.execute(sa.select(api_tokens)), *connection.execute(sa.select(audit_events))]
    assert text[4:] not in repr(stored)
    assert len(stored) == 2


def test_a_token_ends_after_its_days(engine: Engine, gate: Gate, clock: Clock) -> None:
    text = make(engine, days=1)
    assert gate.verify(text).roles == {Role.READER}
    clock.pass_(24 * 3600 - 1)
    assert gate.verify(text).name == "ci"
    clock.pass_(1)  # remembered, and yet refused
    with pytest.raises(Unauthorized, match="ended on 21 November 2026"):
        gate.verify(text)


def test_a_revoked_token_is_dead_within_five_seconds(engine: Engine, gate: Gate, clock: Clock) -> None:
    text = make(engine)
    gate.verify(text)
    with writing(engine) as connection:
        revoke_token(connection, "ci", actor="test", now=clock.now)
        revoke_token(connection, "ci", actor="test", now=clock.now)  # twice is no error
    assert CACHE_SECONDS < 5
    clock.pass_(CACHE_SECONDS)
    with pytest.raises(Unauthorized, match="revoked"):
        gate.verify(text)
    with pytest.raises(NotFound), writing(engine) as connection:
        revoke_token(connection, "nobody", actor="test")


def test_use_is_noted_once_a_minute_at_most(engine: Engine, gate: Gate, clock: Clock) -> None:
    text = make(engine)
    seen = []
    for _ in range(5):
        gate.verify(text)
        with reading(engine) as connection:
            seen.append(list_tokens(connection)[0].last_used_at)
        clock.pass_(20)
    assert seen == [NOW, NOW, NOW, NOW, NOW + timedelta(seconds=80)]


@pytest.mark.parametrize("text", ["", "pen_", "pen_\x00", "nonsense", "pen_" + "x" * 5000, "pen_\ud800"])
def test_what_is_no_token_is_refused(engine: Engine, gate: Gate, text: str) -> None:
    with pytest.raises(Unauthorized):
        gate.verify(text)


def test_names_are_unique_and_days_limited(engine: Engine) -> None:
    make(engine)
    with pytest.raises(Conflict):
        make(engine)
    for days in (0, 367):
        with pytest.raises(Invalid):
            make(engine, "other", days=days)
    for name in ("", "  ", "a\nb", "x" * 101):
        with pytest.raises(Invalid):
            make(engine, name)


def test_roles_cover_what_they_should() -> None:
    covers = {(a, b) for a in Role for b in Role if a.covers(b)}
    assert covers == {
        (Role.READER, Role.READER),
        (Role.MARKETING, Role.READER),
        (Role.MARKETING, Role.MARKETING),
        (Role.IT, Role.READER),
        (Role.IT, Role.IT),
        (Role.AUDITOR, Role.READER),
        (Role.AUDITOR, Role.AUDITOR),
        *((Role.ADMIN, role) for role in Role),
    }


def test_require_names_the_role_that_is_needed(engine: Engine, gate: Gate) -> None:
    caller = gate.verify(make(engine, role=Role.MARKETING))
    require(caller, Role.READER)
    with pytest.raises(Forbidden, match="'it'"):
        require(caller, Role.IT)


def test_the_audit_trail_takes_no_secret(engine: Engine) -> None:
    with writing(engine) as connection, pytest.raises(ValueError, match="secret"):
        audit.record(connection, "test", "x", "y", {"token": b"secret"})


def test_a_token_is_checked_while_a_scan_is_writing(engine: Engine) -> None:
    with writing(engine) as connection:
        _, text = create_token(connection, "reader", Role.READER, actor="test")
    gate = Gate(engine)
    with writing(engine):
        began = time.monotonic()
        assert gate.verify(text).name == "reader"
        assert time.monotonic() - began < 5
