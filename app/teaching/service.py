"""Teaching: confirm, correct, split, merge, keep apart, and undo any of them.

Each runs in the caller's one transaction, in which nobody else teaches and no observation is stored: what
it moves, the facts of the tools it moves it between, and the audit trail change together or not at all.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.catalog.service import live_tool
from app.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed
from app.identify import KnowledgeBase
from app.language import _
from app.security import audit
from app.teaching import repository
from app.teaching.choosing import Place, choose, existing, place
from app.teaching.handles import PRODUCT
from app.teaching.moving import Moved, move, tidy_up
from app.teaching.repository import Row
from app.teaching.resolve import Learned, who
from app.teaching.schemas import (
    ConfirmIn,
    CorrectIn,
    Evidence,
    KeepApartIn,
    LearnedOut,
    MergeIn,
    SplitIn,
    Target,
    Taught,
    TeachingOut,
    TeachingQuery,
    ToolRef,
    UndoIn,
    Verb,
)


class Classroom:
    """Where one person teaches: the transaction, who it is, and when.

    Args:
        connection: a writing transaction, opened at the edge.
        kb: the knowledge base.
        actor: who teaches, for the audit trail.
        now: the time.
    """

    def __init__(self, connection: Connection, kb: KnowledgeBase, *, actor: str, now: datetime) -> None:
        self._connection = connection
        self._kb = kb
        self._actor = actor
        self._now = now
        repository.teach_alone(connection)

    def confirm(self, tool_id: int, version: int, wanted: ConfirmIn) -> Taught:
        """Say that a tool is right for its evidence, so that it stays so whatever the matcher learns.

        Raises:
            NotFound, Gone: there is no such tool, or it was merged away.
            PreconditionFailed: it changed since it was read.
            Invalid: some of the evidence is not the tool's, or it has none.
        """
        tool = self._at_version(tool_id, version)
        chosen = choose(self._connection, self._kb, tool, wanted)
        if not chosen.learned:
            raise Invalid(_("“%(name)s” has no evidence that could be confirmed.", name=tool.name))
        here = Place(tool.id, tool.name)
        return self._teach(Verb.CONFIRM, tool, here, chosen.learned, wanted.reason)

    def correct(self, tool_id: int, version: int, wanted: CorrectIn) -> Taught:
        """Say that evidence is another tool's: all that carries the same handles follows, past and future.

        Raises:
            NotFound, Gone: there is no such tool, or it was merged away.
            PreconditionFailed: it changed since it was read.
            Invalid: some of the evidence is not the tool's, none is named, or there is no such target.
            Conflict: the target was merged away, or an earlier teaching that says more holds the evidence.
        """
        return self._give_away(Verb.CORRECT, tool_id, version, wanted, wanted.to, "to")

    def split(self, tool_id: int, version: int, wanted: SplitIn) -> Taught:
        """Take some of a tool's evidence out of it, into another tool or a new one.

        Raises:
            NotFound, Gone: there is no such tool, or it was merged away.
            PreconditionFailed: it changed since it was read.
            Invalid: some of the evidence is not the tool's, none is named, or there is no such target.
            Conflict: the target was merged away, or an earlier teaching that says more holds the evidence.
        """
        return self._give_away(Verb.SPLIT, tool_id, version, wanted, wanted.into, "into")

    def merge(self, tool_id: int, version: int, wanted: MergeIn) -> Taught:
        """Say that a tool is the same as another one: all it has and will get is the other's.

        Raises:
            NotFound, Gone: there is no such tool, or it was merged away already.
            PreconditionFailed: it changed since it was read.
            Invalid: there is no such other tool, or it is the same one.
            Conflict: the other one was merged away.
        """
        tool = self._at_version(tool_id, version)
        other = existing(self._connection, wanted.into, field="into")
        if other.id == tool.id:
            raise _invalid("into", _("a tool cannot be merged into itself"))
        repository.set_merged_into(self._connection, tool.id, other.id)
        return self._teach(Verb.MERGE, tool, Place(other.id, other.name), [], wanted.reason)

    def keep_apart(self, tool_id: int, version: int, wanted: KeepApartIn) -> Taught:
        """Say that a tool is not another one, so that it is not suggested again.

        Raises:
            NotFound, Gone: there is no such tool, or it was merged away.
            PreconditionFailed: it changed since it was read.
            Invalid: there is no such other tool or product.
            Conflict: the other one was merged away.
        """
        tool = self._at_version(tool_id, version)
        if wanted.product is not None:
            if wanted.product not in self._kb.products:
                raise _invalid(
                    "product", _("the knowledge base has no product '%(product)s'", product=wanted.product)
                )
            names = [{"kind": PRODUCT, "value": wanted.product}]
            return self._write(Verb.KEEP_APART, tool, None, names, wanted.reason)
        assert wanted.tool is not None
        other = existing(self._connection, wanted.tool, field="tool")
        if other.id == tool.id:
            raise _invalid("tool", _("a tool cannot be kept apart from itself"))
        there = Place(other.id, other.name)
        return self._write(Verb.KEEP_APART, tool, there, [], wanted.reason)

    def undo(self, teaching_id: int, wanted: UndoIn) -> Taught:
        """Take a teaching back: what it moved goes where it would be without it. Any order will do.

        Raises:
            NotFound: there is no such teaching.
            Conflict: it was undone already.
        """
        row = repository.teaching(self._connection, teaching_id, lock=True)
        if row is None:
            raise NotFound(_("There is no teaching %(teaching_id)s.", teaching_id=teaching_id))
        if row.undone_at is not None:
            text = _("Teaching %(teaching_id)s was undone already, by %(who)s on %(day)s.")
            by = who(repository.named(row.undone_by, row.undoer))
            raise Conflict(text % {"teaching_id": teaching_id, "who": by, "day": row.undone_at.date()})
        before = repository.load_book(self._connection)
        repository.mark_undone(
            self._connection, teaching_id, at=self._now, actor=self._actor, reason=wanted.reason.strip()
        )
        moved = Moved()
        if row.verb != Verb.KEEP_APART:
            if row.verb == Verb.MERGE:
                repository.set_merged_into(self._connection, row.from_tool_id, None)
            teaching, after = repository.as_teaching(row), before.without(teaching_id)
            moved = move(self._connection, self._kb, before, after, teaching, self._now)
            tidy_up(self._connection, moved.tools)
        self._audit("teaching.undo", f"teaching:{teaching_id}", row.verb, moved, wanted.reason)
        return self._answer(teaching_id, moved)

    # --- what all share ----------------------------------------------------------------------

    def _at_version(self, tool_id: int, version: int) -> Row:
        tool = live_tool(self._connection, tool_id)
        if tool.version != version:
            raise PreconditionFailed(
                _(
                    "This tool was changed since you opened it. Open it again to see what is new, then "
                    "do this once more."
                ),
                version=tool.version,
            )
        return tool

    def _give_away(
        self, verb: Verb, tool_id: int, version: int, wanted: Evidence, target: Target, field: str
    ) -> Taught:
        tool = self._at_version(tool_id, version)
        if wanted.is_empty:
            raise Invalid(
                _("Say which evidence you mean; to move all of it, merge the tool."),
                fields=[FieldError("apps", _("name apps, merchants or identifiers of the tool"))],
            )
        chosen = choose(self._connection, self._kb, tool, wanted)
        there = place(self._connection, self._kb, target, chosen, self._now, field=field)
        if there.id == tool.id:
            raise _invalid(field, _("it belongs to “%(name)s” already", name=tool.name))
        taught = self._teach(verb, tool, there, chosen.learned, wanted.reason)
        left = {s.id for s in repository.apps_of_tools(self._connection, [tool.id])}
        paid = {s.id for s in repository.merchants_of_tools(self._connection, [tool.id])}
        stayed = [s.name for s in chosen.apps if s.id in left]
        stayed += [s.name for s in chosen.merchants if s.id in paid]
        if stayed or not (taught.apps or taught.merchants):
            what = f"“{stayed[0]}”" if stayed else _("This evidence")
            raise Conflict(
                _(
                    "%(what)s is held by an earlier teaching that says more, such as one about an id. "
                    "Undo that one first, or name the app itself.",
                    what=what,
                )
            )
        return taught

    def _teach(self, verb: Verb, tool: Row, there: Place, learned: Sequence[Learned], reason: str) -> Taught:
        names: list[dict[str, Any]] = [
            {"kind": x.handle.kind, "value": x.handle.value, **({"only": x.only} if x.only else {})}
            for x in learned
        ]
        return self._write(verb, tool, there, names, reason)

    def _write(
        self,
        verb: Verb,
        tool: Row,
        there: Place | None,
        identifiers: list[dict[str, Any]],
        reason: str,
    ) -> Taught:
        before = repository.load_book(self._connection)
        teaching_id = repository.insert_teaching(
            self._connection,
            at=self._now,
            actor=self._actor,
            verb=verb.value,
            from_tool_id=tool.id,
            to_tool_id=there.id if there else None,
            from_name=tool.name,
            to_name=there.name if there else None,
            identifiers=identifiers,
            reason=reason.strip(),
        )
        moved = Moved()
        if verb is not Verb.KEEP_APART:
            row = repository.teaching(self._connection, teaching_id)
            assert row is not None
            teaching = repository.as_teaching(row)
            after = before.with_one(teaching)
            moved = move(self._connection, self._kb, before, after, teaching, self._now)
        to = f"tool:{there.id}" if there else ""
        self._audit(f"tool.{verb.value}", f"tool:{tool.id}", to, moved, reason)
        return self._answer(teaching_id, moved)

    def _audit(self, action: str, thing: str, what: str, moved: Moved, reason: str) -> None:
        detail = {"what": what, "apps": moved.apps, "merchants": moved.merchants, "reason": reason.strip()}
        if moved.forgotten:
            detail["expenses_forgotten"] = moved.forgotten
        audit.record(self._connection, self._actor, action, thing, detail, at=self._now)

    def _answer(self, teaching_id: int, moved: Moved) -> Taught:
        return Taught(
            teaching=get_teaching(self._connection, teaching_id),
            apps=moved.apps,
            merchants=moved.merchants,
            tools=sorted(moved.tools),
        )


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(
        _("%(field)s: %(message)s.", field=field, message=message), fields=[FieldError(field, message)]
    )


# --- reading ---------------------------------------------------------------------------------


def get_teaching(connection: Connection, teaching_id: int) -> TeachingOut:
    """One teaching.

    Raises:
        NotFound: there is none.
    """
    row = repository.teaching(connection, teaching_id)
    if row is None:
        raise NotFound(_("There is no teaching %(teaching_id)s.", teaching_id=teaching_id))
    return _shown(row)


def list_teachings(
    connection: Connection, wanted: TeachingQuery, *, cursor: str | None = None, limit: int = 50
) -> Listing[TeachingOut]:
    """Teachings, the newest first.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    before = decode_cursor(cursor, "teachings", (int,))[0] if cursor else None
    rows = repository.teaching_list(
        connection,
        tool=wanted.tool,
        verbs=[v.value for v in wanted.verb],
        undone=wanted.undone,
        before=before,
        limit=limit + 1,
    )
    items = [_shown(row) for row in rows[:limit]]
    following = encode_cursor("teachings", (items[-1].id,)) if len(rows) > limit else None
    return Listing(items=items, next=following)


def _shown(row: Row) -> TeachingOut:
    return TeachingOut(
        id=row.id,
        at=row.at,
        by=who(repository.named(row.actor, row.teacher)),
        actor=row.actor,
        verb=Verb(row.verb),
        from_tool=_ref(row.from_tool_id, row.from_name),
        to_tool=_ref(row.to_tool_id, row.to_name),
        identifiers=[
            LearnedOut(kind=kind, value=value)
            for kind, value in dict.fromkeys((i["kind"], i["value"]) for i in row.identifiers)
        ],
        reason=row.reason,
        undone_at=row.undone_at,
        undone_by=who(repository.named(row.undone_by, row.undoer)) if row.undone_by else None,
        undo_reason=row.undo_reason,
    )


def _ref(tool_id: int | None, name: str | None) -> ToolRef | None:
    return None if name is None else ToolRef(id=tool_id, name=name)
