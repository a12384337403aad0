"""The first day: a link, good once and for an hour, by which the first administrator logs in.

It is for the time before the company's login is connected, and for nothing else.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from app.errors import Conflict
from app.language import _
from app.security import audit, repository, users
from app.security.openid import LoginRefused
from app.security.schemas import Role, UserIn
from app.security.service import digest_of

ALIVE = timedelta(hours=1)
ADDRESS = "administrator@localhost"
NAME = "First administrator"


def nobody_yet(connection: Connection) -> bool:
    """Whether nobody could log in at all: no user, and no token."""
    return not repository.any_user(connection) and not repository.any_token(connection)


def make_link(
    connection: Connection,
    *,
    email: str = ADDRESS,
    name: str = NAME,
    openid: bool,
    actor: str,
    now: datetime,
) -> str:
    """Make the link; those made before are dead.

    Args:
        connection: a writing transaction.
        email: the first administrator's address: their own, if the company's login is to know them later.
        name: what they are called.
        openid: whether the company's login is connected.
        actor: who makes it.
        now: the time.

    Returns:
        The path with the secret in it; only its digest is stored.

    Raises:
        Conflict: there is another way in already.
    """
    if why := _closed(connection, openid):
        raise Conflict(why)
    wanted = UserIn(email=email, name=name, roles=[Role.ADMIN])
    repository.end_first_links(connection, now)
    text = secrets.token_urlsafe(32)
    repository.insert_first_link(
        connection,
        digest=digest_of(text),
        email=wanted.email.strip().lower(),
        name=wanted.name,
        created_at=now,
        ends_at=now + ALIVE,
    )
    audit.record(connection, actor, "first_link.create", "first_link", {"email": wanted.email}, at=now)
    return f"/first?link={text}"


def use_link(connection: Connection, text: str, *, openid: bool, now: datetime) -> int:
    """Take the link; makes the first administrator, whose id is given.

    Raises:
        LoginRefused: it was used, is over, or there is another way in by now.
    """
    if why := _closed(connection, openid):
        raise LoginRefused(why)
    row = repository.use_first_link(connection, digest_of(text), now)
    if row is None:
        raise LoginRefused(_("This link was used, or is over: make a new one with `penumbra user first`."))
    wanted = UserIn(email=row.email, name=row.name, roles=[Role.ADMIN])
    user = repository.user_by_email(connection, row.email)
    if user is None:
        user_id = users.create_user(connection, wanted, actor="system", now=now).id
    elif user.active and Role.ADMIN in user.roles:
        user_id = user.id
    else:
        raise LoginRefused(_("%(email)s is no administrator: see `penumbra user change`.", email=row.email))
    repository.update_user(connection, user_id, last_login_at=now)
    return user_id


def _closed(connection: Connection, openid: bool) -> str:
    """Why there is no first day any more; empty on the first day."""
    if openid or any(Role.ADMIN in roles for roles in repository.roles_of_tied_users(connection)):
        return _("The company's login is connected: log in by it.")
    known = [u for u in repository.active_users(connection) if Role.ADMIN in u.roles and u.last_login_at]
    if known:
        return _(
            "There is an administrator already: make a token with "
            "`penumbra token create --name login --role admin --user %(email)s` and log in by it.",
            email=known[0].email,
        )
    return ""
