"""The simulated company, scanned for real: what is one tool becomes one, what is not stays apart."""

import re
from collections import defaultdict
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.catalog.assess import assess
from app.clock import utc_now
from app.db import reading, writing
from app.identify import default_knowledge_base
from app.models import apps, expenses, merchants, metadata, sources, tools
from app.sandbox.company import Company
from app.sandbox.truth import Truth, truth_of
from app.teaching import offers
from app.teaching.schemas import CorrectIn, MergeIn, UndoIn
from app.teaching.service import Classroom

pytestmark = pytest.mark.timeout(600)
KB = default_knowledge_base()


def traces(engine: Engine) -> list[tuple[str, str, int]]:
    """Every text under which something was seen: the text, the source, and the tool that it was given to."""
    with reading(engine) as connection:
        seen = connection.execute(
            sa.select(apps.c.name, sources.c.name, apps.c.tool_id)
            .join_from(apps, sources)
            .where(apps.c.tool_id.is_not(None))
        ).all()
        for text in (expenses.c.descriptor, expenses.c.merchant):
            seen += connection.execute(
                sa.select(text, sources.c.name, merchants.c.tool_id)
                .join_from(expenses, merchants, merchants.c.id == expenses.c.merchant_id)
                .join(sources, sources.c.id == expenses.c.source_id)
                .where(text.is_not(None))
                .distinct()
            ).all()
    return [(text, source, tool) for text, source, tool in seen]


def planted(truth: Truth) -> list[tuple[re.Pattern[str], str]]:
    """How each planted name is written, with the tool that it is."""
    return [
        (re.compile(re.sub(r"\\\{\w+\\\}", r"\\w+", re.escape(name)), re.IGNORECASE), tool.key)
        for tool in truth.tools
        for name in tool.names
    ]


class Findings:
    """What became of the planted tools: by tool of the truth and by tool of the catalog."""

    def __init__(self, engine: Engine, truth: Truth) -> None:
        self.tools: dict[str, set[int]] = defaultdict(set)
        self.joined: dict[int, set[str]] = defaultdict(set)
        where: dict[str, set[str]] = defaultdict(set)
        written: dict[str, set[str]] = defaultdict(set)
        names = planted(truth)
        for text, source, tool in traces(engine):
            for key in {key for pattern, key in names if pattern.fullmatch(text)}:
                self.tools[key].add(tool)
                self.joined[tool].add(key)
                where[key].add(source)
                written[key].add(text)
        self.thrice = [key for key in self.tools if len(where[key]) >= 3 and len(written[key]) >= 3]

    def in_parts(self) -> dict[str, set[int]]:
        return {key: ids for key, ids in self.tools.items() if len(ids) > 1}


def test_tools_under_several_names_become_one_and_no_two_are_joined(demo: tuple[Engine, Company]) -> None:
    engine, company = demo
    found = Findings(engine, truth_of(company))
    assert len(found.thrice) >= 12, "the company has tools under three names in three sources"
    assert {key: len(found.tools[key]) for key in found.thrice} == dict.fromkeys(found.thrice, 1)
    joined = [keys for keys in found.joined.values() if len(keys) > 1]
    assert joined == []


def test_what_nobody_can_name_is_suggested_and_a_person_joins_it(demo: tuple[Engine, Company]) -> None:
    engine, truth = demo[0], truth_of(demo[1])
    found = Findings(engine, truth)
    unknown = {tool.key for tool in truth.tools if not tool.known}
    in_parts = {key: ids for key, ids in found.in_parts().items() if key in unknown}
    assert len(in_parts) >= 3, "some are written so differently that only a person can tell"
    with reading(engine) as connection:
        offered = offers.suggestions(connection, KB, limit=200).items
    pairs = {frozenset((s.tool.id, s.other.id)) for s in offered if s.other}
    assert {frozenset(ids) for ids in in_parts.values()} <= pairs
    for pair in pairs:
        keys = set().union(*(found.joined.get(tool or 0, set()) for tool in pair))
        assert len(keys) <= 1, "two that differ are not even suggested"
    taught = []
    for one, other in (sorted(ids) for ids in in_parts.values()):
        with writing(engine) as connection:
            version = connection.scalar(sa.select(tools.c.version).where(tools.c.id == other))
            room = Classroom(connection, KB, actor="token:ada", now=utc_now())
            taught.append(room.merge(other, version or 0, MergeIn(into=one)).teaching.id)
    assert not unknown & Findings(engine, truth).in_parts().keys()
    with writing(engine) as connection:
        room = Classroom(connection, KB, actor="token:ada", now=utc_now())
        for teaching in taught:
            room.undo(teaching, UndoIn())
    assert Findings(engine, truth).in_parts() == found.in_parts()


def contents(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Every table but what only grows, and the tools' versions, which must never repeat."""
    with reading(engine) as connection:
        found = {
            table.name: [dict(r) for r in connection.execute(sa.select(table)).mappings()]
            for table in metadata.sorted_tables
            if table.name not in {"teachings", "audit_events", "audit_head", "messages", "deliveries"}
        }
    for tool in found["tools"]:
        del tool["version"], tool["updated_at"]
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


def test_a_merge_and_a_correction_leave_nothing_behind_when_they_are_undone(
    demo: tuple[Engine, Company],
) -> None:
    engine, _ = demo
    # As of now: what follows from time alone (a tool turning dormant) must not look like a trace.
    with writing(engine) as connection:
        assess(connection, KB, list(connection.scalars(sa.select(tools.c.id))), utc_now())
    before = contents(engine)
    by_name = {t["name"]: t for t in before["tools"]}
    canva, mailchimp = by_name["Canva"]["id"], by_name["Mailchimp"]["id"]

    def version(connection: sa.Connection, tool: int) -> int:
        return connection.execute(sa.select(tools.c.version).where(tools.c.id == tool)).scalar_one()

    def undo(number: int) -> None:
        with writing(engine) as connection:
            Classroom(connection, KB, actor="token:ada", now=utc_now()).undo(number, UndoIn())

    with writing(engine) as connection:
        room = Classroom(connection, KB, actor="token:ada", now=utc_now())
        merged = room.merge(canva, version(connection, canva), MergeIn(into=mailchimp))
    assert merged.apps >= 2
    assert merged.merchants >= 1
    with writing(engine) as connection:
        room = Classroom(connection, KB, actor="token:ada", now=utc_now())
        some = connection.scalars(sa.select(apps.c.id).where(apps.c.tool_id == mailchimp)).all()
        wanted = CorrectIn.model_validate({"apps": list(some), "to": {"new": {"name": "Not at all"}}})
        corrected = room.correct(mailchimp, version(connection, mailchimp), wanted)
    undo(merged.teaching.id)
    assert contents(engine) != before
    undo(corrected.teaching.id)
    assert contents(engine) == before
