"""Users: who may log in, and what each may do."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.language import _
from app.security import audit, finding, repository
from app.security.privacy import Veil
from app.security.schemas import Role, Side, UserChange, UserIn, UserOut, role_values


def create_user(connection: Connection, wanted: UserIn, *, actor: str, now: datetime) -> UserOut:
    """Let somebody log in.

    Raises:
        Conflict: there is a user with this address.
    """
    email = wanted.email.strip().lower()
    if repository.user_by_email(connection, email):
        raise Conflict(_("There is a user with the address %(email)s already.", email=email))
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
        raise NotFound(_("There is no user %(user_id)s.", user_id=user_id))
    return UserOut.model_validate(row)


def as_seen(user: UserOut, veil: Veil) -> UserOut:
    """A user as a caller sees them: who that is in the directories is told to those who see names."""
    return user.model_copy(update={"person_id": None}) if veil.hides(user.person_id) else user


def user_at(connection: Connection, email: str) -> UserOut:
    """The user with this address.

    Raises:
        NotFound: there is none.
    """
    row = repository.user_by_email(connection, email.strip().lower())
    if row is None:
        raise NotFound(_("There is no user with the address %(email)s.", email=email))
    return UserOut.model_validate(row)


def ids_at(connection: Connection, emails: Collection[str], *, of: Side) -> list[int]:
    """The users of a side with these addresses, by id; who may no longer log in is left out."""
    wanted = [email.strip().lower() for email in emails]
    rows = repository.users_by_email(connection, wanted) if wanted else []
    return [row.id for row in rows if row.active and of.value in row.roles]


def of_side(connection: Connection, side: Side) -> list[UserOut]:
    """Everybody who sits on a side and may log in, by name."""
    rows = [row for row in repository.active_users(connection) if side.value in row.roles]
    return sorted((UserOut.model_validate(row) for row in rows), key=lambda u: (u.name.casefold(), u.id))


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
    """Change a user's name or roles, who they are in the directories, or whether they may log in at all.

    Raises:
        NotFound: there is no such user, or no such person.
        Invalid: somebody would take the administrator's role from themselves.
    """
    row = repository.user(connection, user_id, lock=True)
    if row is None:
        raise NotFound(_("There is no user %(user_id)s.", user_id=user_id))
    values = change.model_dump(exclude_none=True)
    if "person_id" in change.model_fields_set:
        values["person_id"] = change.person_id
        if change.person_id is not None and not finding.person_exists(connection, change.person_id):
            raise NotFound(_("The directories know no person %(person_id)s.", person_id=change.person_id))
    if change.roles is not None:
        values["roles"] = role_values(change.roles)
    loses_admin = Role.ADMIN in row.roles and (
        Role.ADMIN not in values.get("roles", row.roles) or change.active is False
    )
    if actor == f"user:{user_id}" and loses_admin:
        raise Invalid(
            _("You cannot take the administrator's role from yourself."),
            fields=[FieldError("roles", _("another administrator must do that"))],
        )
    before = {name: getattr(row, name) for name in values}
    if values and before != values:
        repository.update_user(connection, user_id, **values)
        audit.record(connection, actor, "user.change", f"user:{user_id}", before=before, after=values, at=now)
    if change.active is False:
        repository.delete_session(connection, user_id=user_id)
    return get_user(connection, user_id)


def find_users(connection: Connection, text: str, *, limit: int = 50) -> list[UserOut]:
    """Users whose name or address holds a text, the first one first."""
    return [UserOut.model_validate(row) for row in finding.users_like(connection, text.strip(), limit)]


def person_at(connection: Connection, email: str) -> int:
    """Who has this address in the directories.

    Raises:
        NotFound: nobody.
    """
    found = repository.person_by_email(connection, email.strip().lower())
    if found is None:
        raise NotFound(_("The directories know nobody with the address %(email)s.", email=email.strip()))
    return found


def names_of(connection: Connection, user_ids: Collection[int]) -> dict[int, str]:
    """The names of some users, for showing who did something."""
    return {row.id: row.name for row in repository.users_by_id(connection, user_ids)}


def note_login(connection: Connection, user_id: int, now: datetime) -> None:
    """Note that somebody logged in."""
    repository.update_user(connection, user_id, last_login_at=now)


def locale_of(connection: Connection, user_id: int) -> str | None:
    """In which language somebody is written to, and how days and numbers are written: `de_AT`, if known."""
    row = repository.user(connection, user_id)
    return row.locale if row is not None else None


def write_in(connection: Connection, user_id: int, locale: str) -> None:
    """Write to somebody for this locale from now on."""
    repository.update_user(connection, user_id, locale=locale)


def note_locale(connection: Connection, user_id: int, locale: str) -> None:
    """Note in which language somebody reads the pages, if it is not known yet how to write to them."""
    if locale_of(connection, user_id) is None:
        write_in(connection, user_id, locale)


def forget_logins(connection: Connection, user_id: int, *, actor: str, now: datetime) -> int:
    """Untie a user from the company's login: the next login with their address is tied anew.

    For an address that was given to somebody else, or an account that was made anew.

    Returns:
        How many accounts they were tied to.
    """
    untied = repository.delete_identities(connection, user_id)
    if untied:
        repository.delete_session(connection, user_id=user_id)
        audit.record(connection, actor, "user.untie", f"user:{user_id}", {"accounts": untied}, at=now)
    return untied


def follow_directory(connection: Connection, now: datetime) -> int:
    """Let users follow their persons: who is gone in the directories loses access here.

    Somebody whom the directories did not know before is tied to their person by address. Who comes back is
    not let in by that alone: an administrator decides.

    Returns:
        How many lost access.
    """
    for row in repository.users_without_person(connection):
        repository.update_user(connection, row.id, person_id=row.found)
    gone = repository.users_gone(connection)
    for row in gone:
        repository.update_user(connection, row.id, active=False)
        ended = repository.delete_session(connection, user_id=row.id)
        audit.record(
            connection,
            "system",
            "user.change",
            f"user:{row.id}",
            {"why": "no longer active in the directory", "sessions_ended": len(ended)},
            before={"active": True},
            after={"active": False},
            at=now,
        )
    return len(gone)
