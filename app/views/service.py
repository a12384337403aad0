"""Saved lists: kept, shared, changed by their maker, forgotten."""

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from app.api.schemas import Listing
from app.errors import Conflict, FieldError, Forbidden, NotFound
from app.language import N_, _
from app.security import audit
from app.security.schemas import Caller, Role
from app.views import repository
from app.views.repository import Row
from app.views.schemas import ViewChange, ViewIn, ViewOut, ViewUser

MOST = 100
"""So many lists one person may keep."""
_SHOWN = 500
_SHARERS = (Role.MARKETING, Role.IT)


def list_views(connection: Connection, caller: Caller) -> Listing[ViewOut]:
    """The caller's own lists, and those that others share, by name."""
    rows = repository.seen_by(connection, caller.user_id, _SHOWN)
    return Listing(items=[_shown(row, caller) for row in rows])


def get_view(connection: Connection, view_id: int, caller: Caller) -> ViewOut:
    """One list.

    Raises:
        NotFound: there is none, or it is somebody else's and not shared.
    """
    return _shown(_seen(connection, view_id, caller), caller)


def create_view(connection: Connection, wanted: ViewIn, caller: Caller, now: datetime) -> ViewOut:
    """Keep a list under a name.

    Raises:
        Forbidden: the caller is a service, or may not share.
        Conflict: the caller has one of this name, or too many.
    """
    if caller.user_id is None:
        raise Forbidden(_("Only people keep lists: use a token of your own, not a service's."))
    if wanted.shared:
        _must_share(caller)
    repository.lock_user(connection, caller.user_id)
    if repository.count_of(connection, caller.user_id) >= MOST:
        raise Conflict(_("You keep %(most)s lists already: remove one first.", most=MOST))
    _must_be_new(connection, caller.user_id, wanted.name)
    values = wanted.model_dump()
    view_id = repository.insert(connection, user_id=caller.user_id, created_at=now, updated_at=now, **values)
    audit.record(connection, caller.actor, "view.create", f"view:{view_id}", after=values, at=now)
    return get_view(connection, view_id, caller)


def change_view(
    connection: Connection, view_id: int, change: ViewChange, caller: Caller, now: datetime
) -> ViewOut:
    """Rename a list, share it or not, or let it show something else.

    Raises:
        NotFound: there is none, or it is somebody else's and not shared.
        Forbidden: it is somebody else's, or the caller may not share.
        Conflict: the caller has another one of this name.
    """
    row = _own(connection, view_id, caller)
    wanted = {k: v for k, v in change.model_dump().items() if v is not None and v != row._mapping[k]}
    if wanted.get("shared"):
        _must_share(caller)
    if "name" in wanted:
        repository.lock_user(connection, row.user_id)
        _must_be_new(connection, row.user_id, wanted["name"])
    if wanted:
        repository.change(connection, view_id, **wanted, updated_at=now)
        before = {name: row._mapping[name] for name in wanted}
        audit.record(
            connection, caller.actor, "view.change", f"view:{view_id}", before=before, after=wanted, at=now
        )
    return get_view(connection, view_id, caller)


def delete_view(connection: Connection, view_id: int, caller: Caller, now: datetime) -> None:
    """Forget a list: one's own; an administrator those that others share, too.

    Raises:
        NotFound: there is none, or it is somebody else's and not shared.
        Forbidden: it is somebody else's.
    """
    row = _seen(connection, view_id, caller)
    if row.user_id != caller.user_id and not caller.may(Role.ADMIN):
        raise Forbidden(_(_WHOSE, name=row.name, by=row.user_name))
    repository.delete(connection, view_id)
    audit.record(connection, caller.actor, "view.delete", f"view:{view_id}", before=_values(row), at=now)


_WHOSE = N_("“%(name)s” is kept by %(by)s: only they change it. Save one of your own instead.")


def _seen(connection: Connection, view_id: int, caller: Caller) -> Row:
    row = repository.view(connection, view_id)
    # Who may not see it is told the same as if it were not there.
    if row is None or not (row.shared or (caller.user_id is not None and row.user_id == caller.user_id)):
        raise NotFound(
            _("There is no saved list %(view_id)s, or its maker does not share it.", view_id=view_id)
        )
    return row


def _own(connection: Connection, view_id: int, caller: Caller) -> Row:
    row = _seen(connection, view_id, caller)
    if row.user_id != caller.user_id:
        raise Forbidden(_(_WHOSE, name=row.name, by=row.user_name))
    return row


def _must_share(caller: Caller) -> None:
    if not caller.may(*_SHARERS):
        raise Forbidden(
            _("Sharing a list takes the role 'marketing' or 'it'. Keep it for yourself, or ask them.")
        )


def _must_be_new(connection: Connection, user_id: int, name: str) -> None:
    if repository.named(connection, user_id, name) is not None:
        raise Conflict(
            _("You have a list called “%(name)s” already.", name=name),
            fields=[FieldError("name", _("is taken already"))],
        )


def _values(row: Row) -> dict[str, Any]:
    return {"name": row.name, "query": row.query, "shared": row.shared}


def _shown(row: Row, caller: Caller) -> ViewOut:
    return ViewOut(
        id=row.id,
        **_values(row),
        by=ViewUser(user_id=row.user_id, name=row.user_name),
        own=caller.user_id is not None and row.user_id == caller.user_id,
        link=f"/tools?saved={row.id}",
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
