"""`penumbra serve`: the pages, the API, and the schedule in one process."""

import asyncio
import contextlib
import gc
import logging
from typing import Annotated

import typer
import uvicorn
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app import logs
from app.commands.access import first_link
from app.commands.base import Home, fail, home, out
from app.db import alembic_config, reading
from app.joining import house_rules, owners_of
from app.notify.deliver import notifier_of
from app.notify.schedule import Beat
from app.scans.schedule import Schedule
from app.security import first


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (PENUMBRA_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (PENUMBRA_PORT).")] = None,
    scans: Annotated[bool, typer.Option(help="Also run scheduled and queued scans in this process.")] = True,
) -> None:
    """Serve the pages and the API, and scan sources when they are due."""
    with home() as here:
        if not is_migrated(here):
            fail("the database is not up to date; run: penumbra db upgrade")
        _say_how_to_come_in(here, host, port)
        run_server(here, host or here.settings.host, port or here.settings.port, scans=scans)


def _say_how_to_come_in(here: Home, host: str | None, port: int | None) -> None:
    """On the first day nobody can log in: print the link that lets the first administrator in."""
    if here.settings.oidc_issuer:
        return
    with reading(here.engine) as connection:
        if not first.nobody_yet(connection):
            return
    changed = {k: v for k, v in (("host", host), ("port", port)) if v is not None}
    link = first_link(Home(here.settings.model_copy(update=changed), here.engine))
    out.print(
        f"Log in as the first administrator, once and within the hour: {link}", markup=False, soft_wrap=True
    )


def run_server(here: Home, host: str, port: int, *, scans: bool) -> None:
    """Serve until interrupted."""
    from app.main import create_app  # pages and API take a second to load: no other command waits for them

    logs.configure(level=logging.INFO, anew=True)
    application = create_app(here.settings, here.engine)
    server = uvicorn.Server(
        uvicorn.Config(
            application, host=host, port=port, log_level="warning", access_log=False, server_header=False
        )
    )

    async def run() -> None:
        schedule = Schedule(
            here.runner(),
            at_once=here.settings.scans_at_once,
            personal_data_days=here.settings.personal_data_days,
            house=house_rules(),
            owners_of=owners_of,
        )
        notifier = notifier_of(here.settings, here.engine, here.secrets)
        beat = Beat(notifier, keep_days=here.settings.personal_data_days)
        beat.start()
        if scans:
            schedule.start()
        # What was loaded stays: the collector need not look at it again during requests.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        try:
            await server.serve()
        finally:
            await beat.close()
            if scans:
                await schedule.close()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())


def is_migrated(here: Home) -> bool:
    """Whether the database has all migrations of this release."""
    head = ScriptDirectory.from_config(alembic_config(here.settings.url)).get_current_head()
    with reading(here.engine) as connection:
        return MigrationContext.configure(connection).get_current_revision() == head
