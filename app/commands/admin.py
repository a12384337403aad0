"""`penumbra demo`, `token`, `db` and `doctor`: trying Penumbra, and looking after an installation."""

import stat
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated

import sqlalchemy as sa
import typer

from app.commands.base import Home, home, out, print_json
from app.commands.serve import is_migrated
from app.db import reading, upgrade, writing
from app.identify import default_knowledge_base
from app.models import sources
from app.security import service as security
from app.security.schemas import Role
from app.security.secrets import KEY_FILE
from connectors.registry import connector_names, get_connector

token_group = typer.Typer(
    no_args_is_help=True, help="API tokens: for scripts, and for logging in to the pages."
)
db_group = typer.Typer(no_args_is_help=True, help="The database.")


def demo(
    once: Annotated[bool, typer.Option("--once", help="Print what was found and exit.")] = False,
    port: Annotated[int, typer.Option(help="Where to serve the pages and the API.")] = 8400,
) -> None:
    """Show the main job on a simulated company.

    Starts the company's vendors on loopback, scans every one over real HTTP, prints what was found beside
    the truth, then serves the pages and the API. Keeps its data in .demo (or PENUMBRA_DATA_DIR).
    """
    from app.sandbox.demo import run_demo

    raise typer.Exit(run_demo(once=once, port=port))


@token_group.command("create")
def token_create(
    name: Annotated[str, typer.Option(help="Whose token it is, or what for.")],
    role: Annotated[Role, typer.Option(help="What it may do.")] = Role.READER,
    days: Annotated[int, typer.Option(help="When it ends, in days.")] = security.DEFAULT_DAYS,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Make a token. It is shown once; only its digest is kept."""
    with home() as here:
        with writing(here.engine) as connection:
            token, text = security.create_token(connection, name, role, days=days, actor=here.actor)
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


@db_group.command("upgrade")
def db_upgrade() -> None:
    """Bring the database up to date. Safe to run again; two at once wait for each other."""
    with home(migrate=False) as here:
        upgrade(here.settings.url)
        out.print("The database is up to date.")


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Look for what is wrong with this installation. Exit status 1 when something is."""
    findings: list[dict[str, object]] = []

    def look(what: str, check: Callable[[], str]) -> None:
        try:
            findings.append({"what": what, "ok": True, "detail": check()})
        except Exception as error:  # noqa: BLE001 - a doctor reports every ill, whatever it is
            findings.append({"what": what, "ok": False, "detail": str(error).splitlines()[0]})

    with home(migrate=False) as here:
        look("database", lambda: _database(here))
        look("secret key", lambda: _key(here))
        look("knowledge base", lambda: f"{len(default_knowledge_base().products)} products")
        look("connectors", _connectors)
        look("sources", lambda: _sources(here))
    if as_json:
        print_json(findings)
    else:
        for f in findings:
            out.print(f"{'ok ' if f['ok'] else 'BAD'}  {f['what']}: {f['detail']}", markup=False)
    raise typer.Exit(0 if all(f["ok"] for f in findings) else 1)


def _database(here: Home) -> str:
    if not is_migrated(here):
        raise RuntimeError("not up to date; run: penumbra db upgrade")
    return here.engine.dialect.name


def _key(here: Home) -> str:
    here.secrets.open(here.secrets.seal({}))
    if here.settings.secret_key:
        return "from PENUMBRA_SECRET_KEY"
    path = here.settings.data_dir / KEY_FILE
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise RuntimeError(f"others on this machine can read {path}; run: chmod 600 {path}")
    return str(path)


def _connectors() -> str:
    names = connector_names()
    for name in names:
        get_connector(name)
    return ", ".join(names)


def _sources(here: Home) -> str:
    with reading(here.engine) as connection:
        rows = connection.execute(
            sa.select(sources.c.name, sources.c.health, sources.c.health_text).order_by(sources.c.name)
        ).all()
    ill = [f"{r.name}: {r.health_text}" for r in rows if r.health == "attention"]
    if ill:
        raise RuntimeError(" | ".join(ill))
    return f"{len(rows)} connected, none needs attention"
