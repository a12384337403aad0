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
from app.commands.base import Home, fail, home
from app.db import alembic_config, reading
from app.main import create_app
from app.notify.deliver import notifier_of
from app.notify.schedule import Beat
from app.scans.schedule import Schedule


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (PENUMBRA_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (PENUMBRA_PORT).")] = None,
    scans: Annotated[bool, typer.Option(help="Also run scheduled and queued scans in this process.")] = True,
) -> None:
    """Serve the pages and the API, and scan sources when they are due."""
    with home() as here:
        if not is_migrated(here):
            fail("the database is not up to date; run: penumbra db upgrade")
        run_server(here, host or here.settings.host, port or here.settings.port, scans=scans)


def run_server(here: Home, host: str, port: int, *, scans: bool) -> None:
    """Serve until interrupted."""
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
