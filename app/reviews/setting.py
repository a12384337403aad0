"""What lies around a review on its page: what can be attached, whom and what a decision can name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.engine import Connection

from app.catalog.service import describe_all
from app.reviews import page_rows, repository
from app.reviews.answers import Actor, EventOut
from app.reviews.views import event_out
from app.security import users
from app.security.privacy import Veil
from app.security.schemas import Side

TARGETS = 300
"""So many tools are offered to move to; those of the same category come first."""
OFFERED = 4
"""So many of each kind of evidence are offered to be attached."""


@dataclass(frozen=True)
class Piece:
    """A piece of evidence in short; what is not known of its kind is None.

    Attributes:
        ref: as a review names it, `grant:12`.
        kind: app, grant or expense.
        name: of the app or the merchant.
        source: where it was seen.
        may: what a grant allows, in words.
        grade: of a grant.
        everybody: whether a grant holds for everybody.
        amount_minor: of a charge.
        currency: of a charge.
        day: of a charge.
    """

    ref: str
    kind: str
    name: str
    source: str
    may: tuple[str, ...] = ()
    grade: str | None = None
    everybody: bool = False
    amount_minor: int = 0
    currency: str | None = None
    day: date | None = None


@dataclass(frozen=True)
class Target:
    """A tool that people can be sent to."""

    id: int
    name: str
    alike: bool


@dataclass(frozen=True)
class Setting:
    """What lies around a review.

    Attributes:
        owned: whether the tool has an owner.
        merged_into: the tool that it was merged into.
        people: who sits on each side, by name.
        targets: tools that people can be sent to, those of the same category first.
        offered: evidence that can be attached, by reference.
        tools: names of tools, by id, that were proposed to move to.
        names: of users, by id, who were proposed to keep a condition.
    """

    owned: bool
    merged_into: int | None
    people: Mapping[Side, list[Actor]]
    targets: list[Target]
    offered: Mapping[str, Piece]
    tools: Mapping[int, str]
    names: Mapping[int, str]


def whole_log(connection: Connection, review_id: int, veil: Veil) -> list[EventOut]:
    """Everything that happened in a review, the first line first."""
    events = repository.events_of(connection, review_id)
    names = users.names_of(connection, {e.user_id for e in events if e.user_id is not None})
    return [event_out(event, names, veil) for event in events]


def setting_of(
    connection: Connection,
    tool_id: int,
    terms: Iterable[Mapping[str, Any]],
    attached: Iterable[str],
    veil: Veil,
) -> Setting:
    """What lies around a review of a tool.

    Args:
        connection: inside a transaction.
        tool_id: the tool, merged away or not.
        terms: of all that was proposed, as plain values.
        attached: references of evidence that is attached already.
        veil: how the reader sees people.
    """
    tool = page_rows.tool_facts(connection, tool_id)
    rows = page_rows.approved_tools(connection, but=tool_id, category=tool.category, limit=TARGETS)
    known = list(terms)
    moved_to = [t["to_tool_id"] for t in known if "to_tool_id" in t]
    promised_by = {c["owner_user_id"] for t in known for c in t.get("conditions", ())}
    found = page_rows.evidence_offered(connection, tool_id, OFFERED)
    offered = [f"{kind}:{id_}" for kind, ids in found.items() for id_ in ids]
    return Setting(
        owned=tool.ownership == "owned",
        merged_into=tool.merged_into,
        people={
            side: [Actor(user_id=u.id, name=u.name) for u in users.of_side(connection, side)] for side in Side
        },
        targets=[Target(row.id, row.name, bool(row.alike)) for row in rows],
        offered=pieces(connection, [*offered, *attached], veil),
        tools={id_: row.name for id_, row in repository.tools_by_id(connection, moved_to).items()},
        names=users.names_of(connection, promised_by),
    )


def pieces(connection: Connection, refs: Iterable[str], veil: Veil) -> dict[str, Piece]:
    """Pieces of evidence by their references; what is no longer kept is missing."""
    wanted: dict[str, list[int]] = {"app": [], "grant": [], "expense": []}
    for ref in refs:
        kind, _, number = ref.partition(":")
        wanted[kind].append(int(number))
    found = [
        Piece(f"app:{row.id}", "app", row.name, row.source)
        for row in page_rows.apps_by_id(connection, wanted["app"])
    ]
    for row in page_rows.grants_by_id(connection, wanted["grant"]):
        may = tuple(dict.fromkeys(scope.words for scope in describe_all(row.scopes)))
        found.append(
            Piece(
                f"grant:{row.id}",
                "grant",
                row.name,
                row.source,
                may=may,
                grade=row.grade,
                everybody=bool(row.everybody),
            )
        )
    for row in page_rows.expenses_by_id(connection, wanted["expense"]):
        found.append(
            Piece(
                f"expense:{row.id}",
                "expense",
                veil.text(row.merchant, row.person_name) or "",
                row.source,
                amount_minor=row.amount_minor,
                currency=row.currency,
                day=row.occurred_on,
            )
        )
    return {piece.ref: piece for piece in found}
