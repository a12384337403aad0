"""The record of a decision as a page: what it shows, to whom, and that it says so when it is not whole."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from app import models
from app.db import writing
from app.security.schemas import Role
from app.security.service import create_token
from app.settings import Settings
from tests.reviews.support import Review, Table, table_of
from tests.support.serving import caller

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def table(engine: Engine, settings: Settings) -> Iterator[Table]:
    with table_of(engine, settings) as table:
        yield table


@contextmanager
def browser(table: Table, role: Role = Role.READER) -> Iterator[httpx.Client]:
    with writing(table.engine) as connection:
        _, token = create_token(connection, f"page {role}", role, actor="test", now=table.now)
    with caller(table.url) as client:
        assert client.post("/login", data={"token": token}).status_code == 303
        yield client


def decided(table: Table) -> Review:
    table.set_tool(table.company.hubspot, ownership="owned")
    review = Review(table, table.company.hubspot, cause="flag")
    review.ok("ida", "assess", item="security", verdict="concern", notes=f"It reads mail. {EVIL}")
    review.assess_all()
    review.ok("ida", "ask", to="marketing", text="Who needs the mailbox?")
    number = review.last["questions"][0]["number"]
    table.pass_time(hours=3)
    review.ok("mara", "answer", question=number, text="Nobody any more.")
    review.ok("mara", "attach", link="https://acme.example/bid", title="The bid")
    promise = {"side": "it", "owner_user_id": table.users["ida"], "text": "Set up SSO", "due": "2026-12-31"}
    number = review.propose("mara", outcome="sanctioned_with_conditions", conditions=[promise])
    table.person("max", Role.MARKETING)
    review.ok("max", "dissent", rationale="Too dear.")
    review.sign("ida", number)
    review.sign("mara", number)
    return review


def test_all_that_was_decided_is_on_the_page(table: Table) -> None:
    review = decided(table)
    with browser(table) as client:
        answer = client.get(f"/reviews/{review.id}/record")
    assert answer.status_code == 200
    text = answer.text
    for words in (
        "Decision on HubSpot",
        "Approved with conditions",
        "ida agrees.",
        "mara agrees.",
        "Too dear.",
        "It reads mail.",
        "Who needs the mailbox?",
        "Nobody any more.",
        "https://acme.example/bid",
        "Set up SSO",
        "31 Dec 2026",
        "23 Nov 2026, 12:00 UTC",
        "waited for 3 hours of business time",
        "$98.00",
    ):
        assert words in text, words
    assert EVIL not in text
    assert "&lt;script&gt;" in text
    assert not any(name in text for name in ("Anna", "Lee Dorn")), "people are counted, not named"
    assert f"each of the {review.last['version']} events above" in text
    assert re.search(r"The decision is line \d+ of the audit trail", text)
    assert 'href="/static/record.css?v=' in text
    assert "@page { size: A4" in httpx.get(f"{table.url}/static/record.css").text


def test_it_is_shown_to_whoever_may_read_the_record_and_to_nobody_else(table: Table) -> None:
    review = decided(table)
    away = httpx.get(f"{table.url}/reviews/{review.id}/record")
    assert away.headers["location"] == f"/login?next=/reviews/{review.id}/record"
    for role in Role:
        with browser(table, role) as client:
            assert client.get(f"/reviews/{review.id}/record").status_code == 200


def test_what_is_not_decided_has_no_record(table: Table) -> None:
    open_ = Review(table, table.company.canva)
    with browser(table) as client:
        for address, said in (
            (f"/reviews/{open_.id}/record", "has no decision"),
            ("/reviews/99/record", "no review 99"),
        ):
            answer = client.get(address)
            assert (answer.status_code, said in answer.text) == (404, True)
        assert client.get("/reviews/x/record").status_code == 404


@pytest.mark.parametrize("how", ["change", "delete"])
def test_a_trail_that_does_not_fit_is_told(table: Table, how: str) -> None:
    review = decided(table)
    lines = models.audit_events
    mine = sa.and_(lines.c.object == f"review:{review.id}", lines.c.action == "review.dissented")
    with writing(table.engine) as connection:
        for statement in _without_guard(connection):
            connection.exec_driver_sql(statement)
        if how == "delete":
            connection.execute(sa.delete(lines).where(mine))
        else:
            connection.execute(sa.update(lines).where(mine).values(actor="user:99"))
    with browser(table) as client:
        text = client.get(f"/reviews/{review.id}/record").text
    assert "It is not: the audit trail does not fit it." in text
    assert ("has no line in the audit trail" if how == "delete" else "was changed") in text


def _without_guard(connection: Connection) -> list[str]:
    """What takes the triggers away that refuse to change the trail."""
    if connection.dialect.name != "sqlite":
        return ["ALTER TABLE audit_events DISABLE TRIGGER ALL"]
    named = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_events'"
    return [f"DROP TRIGGER {row[0]}" for row in connection.exec_driver_sql(named).all()]


def test_a_plan_and_the_tool_used_instead_are_on_it(table: Table) -> None:
    table.set_tool(table.company.canva, governance="sanctioned")
    review = Review(table, table.company.hubspot)
    review.decide(outcome="migrate", to_tool_id=table.company.canva, by="2026-12-31")
    made = table.clients["ida"].post(f"/api/v1/reviews/{review.id}/remediation", json={"due": "2026-12-24"})
    assert made.status_code == 201, made.text
    with browser(table) as client:
        text = client.get(f"/reviews/{review.id}/record").text
    for words in ("Another tool is used instead", "Canva", "The plan", "Cancel what", "24 Dec 2026"):
        assert words in text, words
