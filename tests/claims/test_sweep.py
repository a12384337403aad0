"""Time goes by and people leave: ownership lapses, once, and says whom that concerns."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from typer.testing import CliRunner

from app.claims import rules
from app.claims.fold import Kind
from app.cli import cli
from app.db import writing
from app.errors import Conflict, Forbidden, Invalid
from app.identify import default_knowledge_base
from app.models import audit_events, claim_events, deliveries, messages, ownerships, people, tools
from app.scans.runner import Runner
from app.scans.schedule import Schedule
from tests.claims.support import ATTEST_DAYS, Office
from tests.conftest import NOW

END = NOW + timedelta(days=ATTEST_DAYS)


@pytest.fixture
def office(engine: Engine) -> Office:
    office = Office(engine)
    office.claims(office.mara)
    return office


def fact(office: Office) -> str:
    return next(t["ownership"] for t in office.rows(tools) if t["id"] == office.hubspot)


def test_an_owner_who_does_not_attest_in_time_owns_it_no_longer(office: Office) -> None:
    assert office.sweeps(END).lapsed == []
    found = office.sweeps(END + timedelta(seconds=1))
    assert [(x.tool.id, x.cause, x.owner.name) for x in found.lapsed] == [
        (office.hubspot, "not_attested", "Mara")
    ]
    assert [user.name for user in found.lapsed[0].tell] == ["Mara"]
    assert fact(office) == "lapsed"
    before = (office.rows(claim_events), office.rows(ownerships), office.rows(audit_events))
    again = office.sweeps(END + timedelta(days=9))
    assert (again.lapsed, again.parts_ended) == ([], 0)
    assert (office.rows(claim_events), office.rows(ownerships), office.rows(audit_events)) == before
    assert office.claims(office.nils, now=END + timedelta(days=9)).ownership == "owned"


def test_an_owner_is_reminded_once_before_their_word_ends(office: Office) -> None:
    def reminders() -> list[dict[str, Any]]:
        return [m for m in office.rows(messages) if m["topic"] == "claim.lapsing"]

    office.sweeps(END - timedelta(days=15))
    assert reminders() == []
    for days in (14, 13, 1):
        office.sweeps(END - timedelta(days=days))
    (message,) = reminders()
    assert message["topic"] == "claim.lapsing"
    of_it = [d["user_id"] for d in office.rows(deliveries) if d["message_id"] == message["id"]]
    assert of_it == [office.mara.id]
    office.act(office.mara, lambda _: rules.attest, now=END - timedelta(days=1))
    office.sweeps(END - timedelta(days=1))
    office.sweeps(END - timedelta(days=1) + timedelta(days=ATTEST_DAYS - 3))
    assert len(reminders()) == 2


def test_who_attests_in_time_keeps_it_and_a_co_owner_may_do_so(office: Office) -> None:
    office.asks(office.nils)
    office.accepts(office.mara, office.nils)
    later = END - timedelta(days=1)
    attested = office.act(office.nils, lambda _: rules.attest, now=later)
    assert attested.attest_by == later + timedelta(days=ATTEST_DAYS)
    assert office.sweeps(END + timedelta(days=1)).lapsed == []


def test_an_owner_who_is_gone_owns_nothing_and_the_others_hear_of_it(office: Office) -> None:
    office.asks(office.nils)
    office.accepts(office.mara, office.nils)
    office.contests(office.olga)
    office.leaves(office.mara)
    found = office.sweeps()
    assert [(x.cause, x.owner.name) for x in found.lapsed] == [("owner_gone", "Mara")]
    assert [user.name for user in found.lapsed[0].tell] == ["Nils", "Olga"]
    assert (fact(office), office.standing().co_owners) == ("lapsed", ())
    assert office.sweeps().lapsed == []
    assert office.claims(office.nils).ownership == "owned"
    office.loses_access(office.nils)
    assert [(x.cause, x.owner.name) for x in office.sweeps().lapsed] == [("owner_gone", "Nils")]


def test_a_user_is_found_in_the_directory_by_their_address(engine: Engine, office: Office) -> None:
    """Olga logged in before any directory was read."""
    office.claims(office.olga, office.github)
    with writing(engine) as connection:
        olga = {"name": "Olga", "kind": "employee", "first_seen": NOW, "last_seen": NOW, "active": True}
        connection.execute(sa.insert(people).values(email="olga@acme.example", **olga))
    assert office.sweeps().lapsed == []
    with writing(engine) as connection:
        gone = sa.update(people).where(people.c.email == "olga@acme.example")
        connection.execute(gone.values(active=False))
    assert [x.owner.name for x in office.sweeps().lapsed] == ["Olga"]


def test_the_parts_of_others_who_are_gone_end_without_a_lapse(office: Office) -> None:
    office.asks(office.nils)
    office.accepts(office.mara, office.nils)
    for who in (office.mara, office.adam):
        with pytest.raises(Forbidden, match="IT alone names the steward"):
            office.names_steward(who, office.ida)
    office.names_steward(office.ida, office.ida)
    assert office.names_steward(office.ivan, None).steward is None
    office.names_steward(office.ida, office.ivan)
    office.contests(office.olga)
    for who in (office.nils, office.ivan):
        office.leaves(who)
    office.loses_access(office.olga)
    found = office.sweeps()
    assert (found.lapsed, found.parts_ended) == ([], 3)
    standing = office.standing()
    assert (standing.owner, standing.parts) == (office.mara.id, [(office.mara.id, "owner")])
    assert office.sweeps().parts_ended == 0


def test_offers_take_each_others_place_and_end_when_who_got_them_leaves(office: Office) -> None:
    office.offers(office.mara, office.olga)
    office.offers(office.mara, office.nils)
    assert fact(office) == "claimed"
    with pytest.raises(Forbidden, match="not offered to you"):
        office.accepts(office.olga)
    office.leaves(office.nils)
    assert office.sweeps().parts_ended == 1
    assert fact(office) == "owned"
    with pytest.raises(Invalid, match="Nils is no longer here"):
        office.offers(office.mara, office.nils)
    office.offers(office.mara, office.olga)
    with pytest.raises(Conflict, match="offered to Olga already"):
        office.offers(office.mara, office.olga)
    office.accepts(office.olga)
    assert office.standing().owner == office.olga.id


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # nothing of it is the database's
def test_the_command_sweeps_and_prints(
    office: Office, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENUMBRA_DATABASE_URL", database_url)
    office.leaves(office.mara)
    ran = CliRunner().invoke(cli, ["claims", "sweep", "--json"])
    assert ran.exit_code == 0, ran.output
    found = orjson.loads(ran.stdout)
    assert [(x["tool"]["name"], x["cause"]) for x in found["lapsed"]] == [("HubSpot", "owner_gone")]
    second = CliRunner().invoke(cli, ["claims", "sweep"])
    assert (second.exit_code, second.stdout) == (0, "Lapsed: 0. Other parts ended: 0.\n")
    last = office.rows(audit_events)[-1]
    assert (last["action"], last["origin"]) == ("ownership.sweep", "command line")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # nothing of it is the database's
def test_a_running_penumbra_sweeps_every_night(office: Office) -> None:
    def load(*_: object) -> None:
        raise AssertionError("nothing is scanned")

    def clock() -> datetime:
        return END + timedelta(days=1)

    runner = Runner(office.engine, default_knowledge_base(), load, clock=clock)  # type: ignore[arg-type]
    asyncio.run(Schedule(runner, at_once=1, personal_data_days=1000, clock=clock).tidy())
    assert (fact(office), office.standing().lapsed) == ("lapsed", True)
    last = office.rows(claim_events)[-1]
    assert (last["kind"], last["user_id"], last["data"]["owner"]) == (Kind.LAPSED, None, office.mara.id)
