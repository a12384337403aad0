"""Users follow the directory: who is deactivated there loses access here at the end of the scan."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.errors import Unauthorized
from app.models import audit_events, people, sessions, users
from app.security.schemas import Role, SessionKind, UserIn
from app.security.service import Gate, create_token
from app.security.sessions import SessionGate, begin
from app.security.users import create_user
from connectors.okta.connector import OktaConnector
from connectors.okta.simulator import OktaSimulator
from connectors.okta.world import OktaWorld, okta_id, user_record
from connectors.simulation import serve
from tests.support.scanning import NOW, Scanner


def one(engine: Engine, *columns: Any) -> Any:
    with reading(engine) as connection:
        return connection.execute(sa.select(*columns).where(users.c.email == "mara@acme.example")).one()


def test_who_leaves_the_company_loses_access(engine: Engine) -> None:
    staff = [
        user_record(okta_id("00u", n), f"{name}@acme.example", name.title(), "Acme", at=NOW)
        for n, name in enumerate(("mara", "tom"), 1)
    ]
    world = OktaWorld("acme.okta.com", users=list(staff))
    with writing(engine) as connection:
        for name in ("mara", "tom", "guest"):
            wanted = UserIn(email=f"{name}@acme.example", name=name, roles=[Role.IT])
            made = create_user(connection, wanted, actor="test", now=NOW)
            assert made.person_id is None  # the directory was not read yet
            if name == "mara":
                _, text = create_token(connection, "hers", Role.IT, user_id=made.id, actor="test", now=NOW)
                cookie = begin(connection, SessionKind.OPENID, user_id=made.id, now=NOW)
    simulator = OktaSimulator(world, now=lambda: NOW)
    with serve(simulator.app) as url:
        config = {"base_url": url, "api_token": "00simulated-token", "rate_share": 1000}
        scanner = Scanner(engine, OktaConnector, lambda: config)
        assert scanner.scan()["state"] == "complete"
        assert SessionGate(engine, clock=lambda: NOW).find(cookie) is not None
        person = one(engine, users.c.person_id).person_id
        with reading(engine) as connection:
            email = sa.select(people.c.email).where(people.c.id == person)
            assert connection.scalar(email) == "mara@acme.example"

        world.users[0] = {**staff[0], "status": "DEPROVISIONED"}
        assert scanner.scan()["state"] == "complete"
        assert not one(engine, users.c.active).active
        with pytest.raises(Unauthorized, match="no longer has access"):
            Gate(engine, clock=lambda: NOW).verify(text)
        with reading(engine) as connection:
            assert connection.scalar(sa.select(sa.func.count()).select_from(sessions)) == 0
            line = connection.execute(
                sa.select(audit_events).where(audit_events.c.action == "user.change")
            ).one()
            assert (line.actor, line.before, line.after) == ("system", {"active": True}, {"active": False})
            others = sa.select(users.c.email).where(users.c.active).order_by(users.c.email)
            assert connection.scalars(others).all() == ["guest@acme.example", "tom@acme.example"]
        assert SessionGate(engine, clock=lambda: NOW).find(cookie) is None

        # Who comes back is let in by an administrator, not by the directory.
        world.users[0] = staff[0]
        assert scanner.scan()["state"] == "complete"
        assert not one(engine, users.c.active).active


def test_a_source_that_fails_or_goes_locks_nobody_out(engine: Engine) -> None:
    staff = [user_record(okta_id("00u", 1), "mara@acme.example", "Mara", "Acme", at=NOW)]
    with writing(engine) as connection:
        create_user(
            connection,
            UserIn(email="mara@acme.example", name="Mara", roles=[Role.IT]),
            actor="test",
            now=NOW,
        )
    simulator = OktaSimulator(OktaWorld("acme.okta.com", users=staff), now=lambda: NOW)
    with serve(simulator.app) as url:
        config: dict[str, Any] = {"base_url": url, "api_token": "00simulated-token", "rate_share": 1000}
        scanner = Scanner(engine, OktaConnector, lambda: config)
        scanner.scan()
        config["api_token"] = "00wrong"
        assert scanner.scan()["state"] == "failed"
    assert one(engine, users.c.active).active
    with writing(engine) as connection:
        connection.execute(sa.delete(people))
    assert one(engine, users.c.active, users.c.person_id) == (True, None)
