"""`penumbra demo`, `db` and `doctor`: trying Penumbra, and looking after an installation."""

import stat
from collections.abc import Callable
from typing import Annotated

import sqlalchemy as sa
import typer

from app.commands.base import Home, home, out, print_json
from app.commands.serve import is_migrated
from app.db import reading, upgrade
from app.identify import default_knowledge_base
from app.models import sources
from app.notify import service as notify
from app.reviews.replay import replay
from app.security.secrets import KEY_FILE
from connectors.registry import connector_names, get_connector

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
        look("channels", lambda: _channels(here))
        look("reviews", lambda: _reviews(here))
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


def _channels(here: Home) -> str:
    with reading(here.engine) as connection:
        found = notify.list_channels(connection, here.secrets)
    ill = [f"{c.name}: {c.health_text}" for c in found if c.enabled and c.health == "attention"]
    if ill:
        raise RuntimeError(" | ".join(ill))
    waiting = sum(c.waiting for c in found)
    return f"{len(found)} set up, {waiting} deliveries wait" if found else "none set up"


def _reviews(here: Home) -> str:
    with reading(here.engine) as connection:
        count, faults = replay(connection)
    if faults:
        raise RuntimeError(" | ".join(faults))
    return f"{count}, each as its log says"
