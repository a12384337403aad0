"""Queries by which an administrator finds users and the persons behind them."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.models import people, users
from app.security.repository import Rows


def users_like(connection: Connection, text: str, limit: int) -> Rows:
    """Users whose name or address holds a text, by id."""
    found = [column.icontains(text, autoescape=True) for column in (users.c.name, users.c.email)]
    return connection.execute(sa.select(users).where(sa.or_(*found)).order_by(users.c.id).limit(limit)).all()


def person_exists(connection: Connection, person_id: int) -> bool:
    """Whether the directories know such a person."""
    return connection.execute(sa.select(people.c.id).where(people.c.id == person_id)).first() is not None
