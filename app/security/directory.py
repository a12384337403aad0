"""What veils need to know of the directories and of users."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.models import people, users


def user_addresses(connection: Connection) -> Sequence[str]:
    """The addresses of all users, in lower case."""
    return connection.scalars(sa.select(users.c.email)).all()


def department_sizes(connection: Connection) -> dict[str, int]:
    """How many people each department has; who has left is not counted."""
    here = sa.or_(people.c.active.is_(None), people.c.active)
    query = (
        sa.select(people.c.department, sa.func.count())
        .where(people.c.department.is_not(None), here)
        .group_by(people.c.department)
    )
    return dict(connection.execute(query).all())
