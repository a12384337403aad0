"""Every query of saved lists."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.models import saved_views, users

Row = sa.Row[*tuple[Any, ...]]
Rows = Sequence[Row]


def _with_names() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(saved_views, users.c.name.label("user_name")).join_from(
        saved_views, users, users.c.id == saved_views.c.user_id
    )


def seen_by(connection: Connection, user_id: int | None, limit: int) -> Rows:
    """The lists of a user and those that others share, by name."""
    seen = saved_views.c.shared
    if user_id is not None:
        seen = sa.or_(seen, saved_views.c.user_id == user_id)
    query = _with_names().where(seen)
    return connection.execute(
        query.order_by(sa.func.lower(saved_views.c.name), saved_views.c.id).limit(limit)
    ).all()


def view(connection: Connection, view_id: int) -> Row | None:
    """One list."""
    return connection.execute(_with_names().where(saved_views.c.id == view_id)).one_or_none()


def count_of(connection: Connection, user_id: int) -> int:
    """How many lists a user keeps."""
    query = sa.select(sa.func.count()).select_from(saved_views).where(saved_views.c.user_id == user_id)
    return connection.scalar(query) or 0


def lock_user(connection: Connection, user_id: int) -> None:
    """Let nobody else keep a list for this user until the transaction ends."""
    connection.execute(sa.select(users.c.id).where(users.c.id == user_id).with_for_update(key_share=True))


def named(connection: Connection, user_id: int, name: str) -> int | None:
    """The list of a user with this name."""
    query = sa.select(saved_views.c.id)
    return connection.scalar(query.where(saved_views.c.user_id == user_id, saved_views.c.name == name))


def insert(connection: Connection, **values: Any) -> int:
    """Store a list; its id."""
    key = connection.execute(sa.insert(saved_views).values(**values)).inserted_primary_key
    assert key is not None
    return key[0]


def change(connection: Connection, view_id: int, **values: Any) -> None:
    """Change a list."""
    connection.execute(sa.update(saved_views).where(saved_views.c.id == view_id).values(**values))


def delete(connection: Connection, view_id: int) -> None:
    """Forget a list."""
    connection.execute(sa.delete(saved_views).where(saved_views.c.id == view_id))
