"""Who comes in by the company's login: the user behind an account at the provider, and their roles."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from app.language import N_, _
from app.security import audit, repository, users
from app.security.openid import Identity
from app.security.schemas import Role, UserIn, role_values
from app.settings import Settings

ACTOR = "openid"
"""Who gives and takes roles when groups say so."""
_ASK = N_("Ask the people who run Penumbra to let you in.")


@dataclass(frozen=True)
class Entry:
    """How a login ended: with a user, or with a sentence that says why not."""

    user_id: int | None
    refusal: str = ""


def enter(connection: Connection, who: Identity, settings: Settings, now: datetime) -> Entry:
    """Let somebody in whom the provider vouches for, with the roles that their groups give.

    The account is known by issuer and subject. At the first login it is tied to the user with the same
    address, if the provider has verified the address; without such a user one is made.

    A refusal is no error: what it changed (a lost role takes tokens and sessions along) is to be kept.
    """
    roles = _roles(who, settings)
    row = repository.user_of_identity(connection, who.issuer, who.subject)
    if row is None:
        if who.email is None or not who.verified:
            return Entry(
                None,
                _(
                    "Your company's login service does not vouch for your e-mail address. %(ask)s",
                    ask=_(_ASK),
                ),
            )
        row = repository.user_by_email(connection, who.email)
        if row is not None and repository.has_identity(connection, row.id, who.issuer):
            return Entry(
                None,
                _("Your address belongs to another account of your company's login. %(ask)s", ask=_(_ASK)),
            )
        if row is None and not roles:
            return Entry(None, _("None of your groups has a role in Penumbra. %(ask)s", ask=_(_ASK)))
        if row is not None and not row.active:
            return Entry(None, _("You no longer have access. %(ask)s", ask=_(_ASK)))
        user_id = row.id if row is not None else _new(connection, who, roles, now)
        repository.insert_identity(
            connection, user_id=user_id, issuer=who.issuer, subject=who.subject, created_at=now
        )
        audit.record(
            connection,
            ACTOR,
            "user.tie",
            f"user:{user_id}",
            {"issuer": who.issuer, "subject": who.subject},
            at=now,
        )
        row = repository.user(connection, user_id, lock=True)
        assert row is not None
    if not row.active:
        return Entry(None, _("You no longer have access. %(ask)s", ask=_(_ASK)))
    held = row.roles
    if settings.oidc_roles and role_values(roles) != held:
        held = role_values(roles)
        repository.update_user(connection, row.id, roles=held)
        audit.record(
            connection,
            ACTOR,
            "user.change",
            f"user:{row.id}",
            before={"roles": row.roles},
            after={"roles": held},
            at=now,
        )
    if not held:
        repository.delete_session(connection, user_id=row.id)
        return Entry(None, _("None of your groups has a role in Penumbra any more. %(ask)s", ask=_(_ASK)))
    repository.update_user(connection, row.id, last_login_at=now)
    return Entry(row.id)


def _roles(who: Identity, settings: Settings) -> list[Role]:
    """What the groups give; groups that are not listed give nothing."""
    given = {Role(role) for group in who.groups for role in settings.oidc_roles.get(group, ())}
    if not given and settings.oidc_default_role:
        given = {Role(settings.oidc_default_role)}
    return sorted(given)


def _new(connection: Connection, who: Identity, roles: list[Role], now: datetime) -> int:
    assert who.email is not None
    wanted = UserIn(email=who.email, name=who.name or who.email.partition("@")[0], roles=roles)
    return users.create_user(connection, wanted, actor=ACTOR, now=now).id
