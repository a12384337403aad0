"""`penumbra user`, `token` and `audit`: who may come in, and what was done."""

import sys
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated

import orjson
import typer
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from app.clock import utc_now
from app.commands.base import Home, all_items, home, out, print_json
from app.db import reading, writing, writing_if_free
from app.errors import Invalid, field_errors
from app.security import audit, first, sessions, trail, users
from app.security import service as security
from app.security.schemas import AuditFilter, Role, UserChange, UserIn

user_group = typer.Typer(
    no_args_is_help=True, help="Users: who may log in, and with which roles. A role is a side of the table."
)
token_group = typer.Typer(
    no_args_is_help=True, help="API tokens: for scripts, and for logging in to the pages."
)
audit_group = typer.Typer(no_args_is_help=True, help="The audit trail: who did what, in a chain of hashes.")
_JSON = typer.Option("--json", help="Print it as JSON.")
_ROLES = typer.Option("--role", help="What they may do; give it once for each role.")


@user_group.command("add")
def user_add(
    email: Annotated[str, typer.Argument(help="Their address; who logs in with it is this user.")],
    name: Annotated[str, typer.Option(help="Their name.")],
    role: Annotated[list[Role], _ROLES],
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Let somebody log in."""
    with home() as here:
        with writing(here.engine) as connection:
            made = users.create_user(connection, _wanted(email, name, role), actor=here.actor, now=utc_now())
            made = users.as_seen(made, here.veil(connection))
        if as_json:
            print_json(made.model_dump(mode="json"))
            return
        out.print(f"Added {made.email} as user {made.id}.", markup=False)


def _wanted(email: str, name: str, roles: list[Role]) -> UserIn:
    try:
        return UserIn(email=email, name=name, roles=roles)
    except ValidationError as error:
        raise Invalid("This cannot be a user:", fields=field_errors(error.errors())) from None


@user_group.command("list")
def user_list(as_json: Annotated[bool, _JSON] = False) -> None:
    """List everybody who may log in."""
    with home() as here:
        with reading(here.engine) as connection:
            veil = here.veil(connection)
            listed = all_items(lambda cursor: users.list_users(connection, cursor=cursor, limit=200))
            found = [users.as_seen(user, veil) for user in listed]
        if as_json:
            print_json([u.model_dump(mode="json") for u in found])
            return
        for u in found:
            state = ", ".join(u.roles) if u.active else "no access"
            out.print(f"{u.id}  {u.email}  {u.name}  {state}", markup=False)


@user_group.command("change")
def user_change(
    email: Annotated[str, typer.Argument(help="Whom.")],
    role: Annotated[list[Role] | None, _ROLES] = None,
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help="Whether they may log in at all.")
    ] = None,
) -> None:
    """Change what somebody may do, or whether they may log in."""
    with home() as here:
        with writing(here.engine) as connection:
            found = users.user_at(connection, email)
            users.change_user(
                connection,
                found.id,
                UserChange(roles=role or None, active=active),
                actor=here.actor,
                now=utc_now(),
            )
        out.print(f"Changed {found.email}.", markup=False)


@user_group.command("first")
def user_first(
    address: Annotated[
        str,
        typer.Option(help="The first administrator's address, so that the company's login knows them later."),
    ] = first.ADDRESS,
    name: Annotated[str, typer.Option(help="Their name.")] = first.NAME,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Print a link that logs in the first administrator: once, and within the hour."""
    with home() as here:
        link = first_link(here, address, name)
        if as_json:
            print_json({"link": link, "minutes": int(first.ALIVE.total_seconds() // 60)})
            return
        out.print(link, markup=False, soft_wrap=True)


def first_link(here: Home, address: str = first.ADDRESS, name: str = first.NAME) -> str:
    """The address at which the first administrator logs in.

    Raises:
        Conflict: there is another way in already.
    """
    settings = here.settings
    wanted = _wanted(address, name, [Role.ADMIN])
    with writing(here.engine) as connection:
        path = first.make_link(
            connection,
            email=wanted.email,
            name=wanted.name,
            openid=bool(settings.oidc_issuer),
            actor=here.actor,
            now=utc_now(),
        )
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - shown, not bound
    return (settings.public_url or f"http://{host}:{settings.port}") + path


@user_group.command("logout")
def user_logout(email: Annotated[str, typer.Argument(help="Whom.")]) -> None:
    """Log somebody out everywhere; their tokens stay."""
    with home() as here:
        with writing(here.engine) as connection:
            found = users.user_at(connection, email)
            ended = sessions.end_all_of(connection, found.id, actor=here.actor, now=utc_now())
        out.print(f"Ended {ended} sessions of {found.email}.", markup=False)


@user_group.command("untie")
def user_untie(email: Annotated[str, typer.Argument(help="Whom.")]) -> None:
    """Forget somebody's account at the company's login; the next one with their address is tied anew."""
    with home() as here:
        with writing(here.engine) as connection:
            found = users.user_at(connection, email)
            untied = users.forget_logins(connection, found.id, actor=here.actor, now=utc_now())
        out.print(f"Untied {untied} accounts from {found.email}.", markup=False)


@token_group.command("create")
def token_create(
    name: Annotated[str, typer.Option(help="Whose token it is, or what for.")],
    role: Annotated[Role, typer.Option(help="What it may do.")] = Role.READER,
    user: Annotated[
        str | None, typer.Option(help="Address of the user whose token it is; without it, it is a service's.")
    ] = None,
    days: Annotated[int, typer.Option(help="When it ends, in days.")] = security.DEFAULT_DAYS,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Make a token. It is shown once; only its digest is kept."""
    with home() as here:
        with writing(here.engine) as connection:
            owner = users.user_at(connection, user).id if user else None
            token, text = security.create_token(
                connection, name, role, days=days, user_id=owner, actor=here.actor
            )
        if as_json:
            print_json(
                {"name": token.name, "role": token.role, "expires_at": token.expires_at, "token": text}
            )
            return
        out.print(text, markup=False, soft_wrap=True)
        if sys.stdout.isatty():
            out.print(f"Keep it safe: it is not shown again. It ends on {token.expires_at:%d %B %Y}.")


@token_group.command("list")
def token_list(as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False) -> None:
    """List tokens by name; the tokens themselves are not kept."""
    with home() as here:
        with reading(here.engine) as connection:
            listed = security.list_tokens(connection)
        if as_json:
            print_json([asdict(t) for t in listed])
            return
        for t in listed:
            state = "revoked" if t.revoked_at else f"ends {t.expires_at:%Y-%m-%d}"
            out.print(f"{t.name}  {t.role}  {state}", markup=False)


@token_group.command("revoke")
def token_revoke(name: Annotated[str, typer.Argument(help="Which token.")]) -> None:
    """End a token; it is refused within five seconds."""
    with home() as here:
        with writing(here.engine) as connection:
            security.revoke_token(connection, name, actor=here.actor)
        out.print(f"Revoked {name}.", markup=False)


@audit_group.command("verify")
def audit_verify(
    head: Annotated[
        str | None, typer.Option(help="A hash that was printed earlier; it must still be in the chain.")
    ] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Look for lines that were changed, taken out or moved. Exit status 1 when there are any.

    Prints the hash of the last line. Note it elsewhere: with --head it proves later that nobody wrote the
    trail anew.
    """
    with home() as here:
        with reading(here.engine) as connection:
            verdict = audit.verify(connection, known_head=head)
        # Whoever may only read the database hears what was found all the same.
        with suppress(DBAPIError), writing_if_free(here.engine) as connection:
            audit.note_look(connection, verdict, actor=here.actor, now=utc_now(), compared=head is not None)
        if as_json:
            print_json(asdict(verdict))
        else:
            for fault in verdict.faults:
                out.print(fault, markup=False)
            whole = "The chain does not hold" if verdict.faults else "The chain is whole"
            out.print(f"{whole}: {verdict.lines} lines, the last one {verdict.head}", markup=False)
        raise typer.Exit(1 if verdict.faults else 0)


@audit_group.command("export")
def audit_export() -> None:
    """Write the audit trail to standard output, a JSON object a line, the newest first."""
    with home() as here, reading(here.engine) as connection:
        lines = all_items(
            lambda cursor: trail.audit_page(
                connection, AuditFilter(), veil=here.veil(connection), cursor=cursor, limit=200
            )
        )
        for line in lines:
            sys.stdout.write(orjson.dumps(line.model_dump(mode="json")).decode() + "\n")
