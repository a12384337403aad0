"""Users: who may log in, and what each may do."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.security import audit, repository
from app.security.schemas import Role, UserChange, UserIn, UserOut, role_values


def create_user(connection: Connection, wanted: UserIn, *, actor: str, now: datetime) -> UserOut:
    """Let somebody log in.

    Raises:
        Conflict: there is a user with this address.
    """
    email = wanted.email.strip().lower()
    if repository.user_by_email(connection, email):
        raise Conflict(f"There is a user with the address {email} already.")
    values = {
        "email": email,
        "name": wanted.name.strip(),
        "roles": role_values(wanted.roles),
        "active": True,
        "person_id": repository.person_by_email(connection, email),
    }
    user_id = repository.insert_user(connection, **values, created_at=now)
    audit.record(connection, actor, "user.create", f"user:{user_id}", after=values, at=now)
    return get_user(connection, user_id)


def get_user(connection: Connection, user_id: int) -> UserOut:
    """One user.

    Raises:
        NotFound: there is none.
    """
    row = repository.user(connection, user_id)
    if row is None:
        raise NotFound(f"There is no user {user_id}.")
    return UserOut.model_validate(row)


def user_at(connection: Connection, email: str) -> UserOut:
    """The user with this address.

    Raises:
        NotFound: there is none.
    """
    row = repository.user_by_email(connection, email.strip().lower())
    if row is None:
        raise NotFound(f"There is no user with the address {email}.")
    return UserOut.model_validate(row)


def list_users(connection: Connection, *, cursor: str | None = None, limit: int = 50) -> Listing[UserOut]:
    """All users, the first one first.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    after = decode_cursor(cursor, "users_all", (int,))[0] if cursor else None
    rows = repository.users_page(connection, after=after, limit=limit + 1)
    items = [UserOut.model_validate(row) for row in rows[:limit]]
    return Listing(
        items=items, next=encode_cursor("users_all", (items[-1].id,)) if len(rows) > limit else None
    )


def change_user(
    connection: Connection, user_id: int, change: UserChange, *, actor: str, now: datetime
) -> UserOut:
    """Change a user's name or roles, or whether they may log in at all.

    Raises:
        NotFound: there is no such user.
        Invalid: somebody would take the administrator's role from themselves.
    """
    row = repository.user(connection, user_id, lock=True)
    if row is None:
        raise NotFound(f"There is no user {user_id}.")
    values = change.model_dump(exclude_none=True)
    if change.roles is not None:
        values["roles"] = role_values(change.roles)
    loses_admin = Role.ADMIN in row.roles and (
        Role.ADMIN not in values.get("roles", row.roles) or change.active is False
    )
    if actor == f"user:{user_id}" and loses_admin:
        raise Invalid(
            "You cannot take the administrator's role from yourself.",
            fields=[FieldError("roles", "another administrator must do that")],
        )
    before = {name: getattr(row, name) for name in values}
    if values and before != values:
        repository.update_user(connection, user_id, **values)
        audit.record(connection, actor, "user.change", f"user:{user_id}", before=before, after=values, at=now)
    return get_user(connection, user_id)


def names_of(connection: Connection, user_ids: Collection[int]) -> dict[int, str]:
    """The names of some users, for showing who did something."""
    return {row.id: row.name for row in repository.users_by_id(connection, user_ids)}
