"""The audit trail: kept with the deed or not at all, and a chain in which no line can be tampered with."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from app.db import reading, writing
from app.models import audit_events, audit_head
from app.security import audit
from app.security.schemas import Role
from tests.conftest import NOW


def write(engine: Engine, count: int = 5, *, first: int = 0) -> None:
    for n in range(first, first + count):
        with writing(engine) as connection:
            detail: dict[str, Any] = {
                "n": n,
                "share": 1.0,
                "words": "Übergrößenträger",
                "list": [1, {"b": None}],
            }
            audit.record(connection, "test", "thing.do", f"thing:{n}", detail, after={"n": n}, at=NOW)


def faults(engine: Engine, **kwargs: Any) -> tuple[str, ...]:
    with reading(engine) as connection:
        return audit.verify(connection, **kwargs).faults


def test_a_chain_that_nobody_touched_is_whole(engine: Engine) -> None:
    assert faults(engine) == ()
    write(engine, 1200)
    with reading(engine) as connection:
        verdict = audit.verify(connection)
    assert (verdict.lines, verdict.faults) == (1200, ())
    write(engine, 1, first=1200)
    assert faults(engine, known_head=verdict.head) == ()


@pytest.mark.parametrize("number", [1e16, -1e17, 1e19, 1e30, -0.0, 1e-7, 2.0**63, 1e300, 2**63, -(2**63)])
def test_the_chain_is_whole_whatever_number_is_written(engine: Engine, number: float) -> None:
    with writing(engine) as connection:
        audit.record(connection, "test", "thing.do", "thing:1", {"deep": [{"n": number}]}, at=NOW)
    assert faults(engine) == ()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "somebody else"),
        ("action", "thing.undo"),
        ("object", "thing:9"),
        ("at", NOW.replace(microsecond=1)),
        ("origin", "10.0.0.1"),
        ("detail", {"n": 2, "share": 1.0}),
        ("after", {"n": 3}),
        ("before", {}),
        ("hash", "0" * 64),
    ],
)
def test_a_changed_line_is_found(engine: Engine, column: str, value: Any) -> None:
    write(engine)
    with writing(engine) as connection:
        connection.execute(sa.update(audit_events).where(audit_events.c.seq == 3).values({column: value}))
    found = faults(engine)
    assert found
    assert found[0].startswith("Line 3 was changed")


@pytest.mark.parametrize(
    ("seqs", "sentence"),
    [
        ((1,), "Line 1 is missing."),
        ((3,), "Line 3 is missing."),
        ((2, 3, 4), "Lines 2 to 4 are missing."),
        ((5,), "Line 5 is missing."),
        ((1, 2, 3, 4, 5), "Lines 1 to 5 are missing."),
    ],
)
def test_a_line_that_was_taken_out_is_found(engine: Engine, seqs: tuple[int, ...], sentence: str) -> None:
    write(engine)
    with writing(engine) as connection:
        connection.execute(sa.delete(audit_events).where(audit_events.c.seq.in_(seqs)))
    assert faults(engine) == (sentence,)


def test_lines_that_changed_places_are_found(engine: Engine) -> None:
    write(engine)
    with writing(engine) as connection:
        _swap(connection, 2, 4)
    assert [f[:7] for f in faults(engine)] == ["Line 2 ", "Line 3 ", "Line 4 ", "Line 5 "]


def _swap(connection: Connection, one: int, other: int) -> None:
    for old, new in ((one, -1), (other, one), (-1, other)):
        connection.execute(sa.update(audit_events).where(audit_events.c.seq == old).values(seq=new))


def test_a_trail_that_was_written_anew_is_found_by_a_hash_kept_elsewhere(engine: Engine) -> None:
    write(engine)
    with reading(engine) as connection:
        head = audit.verify(connection).head
    with writing(engine) as connection:
        connection.execute(sa.delete(audit_events))
        connection.execute(sa.update(audit_head).values(seq=0, hash=audit.START))
    write(engine, 4)
    assert faults(engine) == ()
    assert "written anew" in faults(engine, known_head=head)[0]


def test_a_deed_that_was_rolled_back_leaves_no_line(engine: Engine) -> None:
    write(engine, 1)
    with engine.connect() as connection:
        audit.record(connection, "test", "thing.do", "thing:9")
        connection.rollback()
    write(engine, 1, first=1)
    with reading(engine) as connection:
        assert [row.object for row in connection.execute(sa.select(audit_events))] == ["thing:0", "thing:1"]
    assert faults(engine) == ()


def test_writers_at_once_make_one_chain(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: write(engine, 10, first=10 * n), range(8)))
    with reading(engine) as connection:
        verdict = audit.verify(connection)
    assert (verdict.lines, verdict.faults) == (80, ())


async def test_auditors_read_the_trail_and_others_do_not(
    anonymous: httpx.AsyncClient, client: httpx.AsyncClient, tokens: dict[Role, str]
) -> None:
    made = await client.post(
        "/api/v1/users", json={"email": "Mara@acme.example", "name": "Mara", "roles": ["marketing"]}
    )
    assert made.status_code == 201, made.text
    await client.patch(f"/api/v1/users/{made.json()['id']}", json={"roles": ["marketing", "reader"]})
    for role in Role:
        anonymous.headers["Authorization"] = f"Bearer {tokens[role]}"
        allowed = role in {Role.AUDITOR, Role.ADMIN}
        for address in ("/audit", "/audit/verify", "/audit/export", "/users"):
            answer = await anonymous.get(f"/api/v1{address}")
            assert answer.status_code == (200 if allowed else 403), (role, address)
    page = (await client.get("/api/v1/audit", params={"object": f"user:{made.json()['id']}"})).json()
    newest, oldest = page["items"]
    assert (oldest["action"], oldest["actor"], oldest["origin"]) == (
        "user.create",
        "token:admin token",
        "127.0.0.1",
    )
    assert (newest["before"], newest["after"]) == (
        {"roles": ["marketing"]},
        {"roles": ["marketing", "reader"]},
    )
    everything = (await client.get("/api/v1/audit/export")).json()
    assert [line["seq"] for line in everything] == list(range(len(everything), 0, -1))
    verdict = (await client.get("/api/v1/audit/verify")).json()
    assert (verdict["whole"], verdict["lines"], verdict["head"]) == (
        True,
        len(everything),
        everything[0]["hash"],
    )
    first = (await client.get("/api/v1/audit", params={"limit": 2})).json()
    second = (await client.get("/api/v1/audit", params={"limit": 2, "cursor": first["next"]})).json()
    assert [line["seq"] for line in first["items"] + second["items"]] == [
        len(everything) - n for n in range(4)
    ]


async def test_lines_are_filtered_by_several_actors_and_by_a_group_of_actions(
    client: httpx.AsyncClient, engine: Engine
) -> None:
    with writing(engine) as connection:
        for actor, action in (
            ("user:1", "source.create"),
            ("user:2", "source.delete"),
            ("user:3", "sourcex.create"),
        ):
            audit.record(connection, actor, action, "source:1", at=NOW)

    async def found(query: str) -> list[str]:
        lines = (await client.get(f"/api/v1/audit?{query}")).json()["items"]
        return [line["actor"] for line in lines if line["object"] == "source:1"]

    assert await found("action=source.*") == ["user:2", "user:1"]
    assert await found("action=source.create") == ["user:1"]
    assert await found("action=source.create&action=sourcex.*") == ["user:3", "user:1"]
    assert await found("actor=user:1&actor=user:3") == ["user:3", "user:1"]
    assert await found("action=source_*") == []
    assert (await client.get("/api/v1/audit?actor=")).status_code == 422
