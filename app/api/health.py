"""Is the process up, can it work, and how is it doing."""

from functools import cache

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.api.dependencies import Reader, State
from app.api.problems import documented
from app.api.state import state_of
from app.catalog import service as catalog
from app.db import alembic_config, reading
from app.errors import TryLater
from app.scans import overview

router = APIRouter(tags=["health"])
_EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


class Health(BaseModel):
    """A short yes."""

    status: str = "ok"


@router.get("/healthz")
async def alive() -> Health:
    """The process is up. Asks nothing else, and needs no token."""
    return Health()


@router.get("/readyz", responses=documented(503))
async def ready(request: Request) -> Health:
    """The database answers and has every migration. Needs no token."""
    await run_in_threadpool(_require_ready, state_of(request).engine)
    return Health()


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(_caller: Reader, state: State) -> Response:
    """Numbers for Prometheus."""
    with reading(state.engine) as connection:
        tools = catalog.numbers(connection)
        scans = overview.numbers(connection, state.clock())
    return Response(state.metrics.page(tools, scans), media_type=_EXPOSITION)


def _require_ready(engine: Engine) -> None:
    try:
        with reading(engine) as connection:
            found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all()
    except SQLAlchemyError as error:
        raise TryLater("The database does not answer, or has no tables yet.") from error
    if set(found) != _heads():
        raise TryLater("The database lacks migrations: run `penumbra db upgrade`.")


@cache
def _heads() -> frozenset[str]:
    return frozenset(ScriptDirectory.from_config(alembic_config("sqlite://")).get_heads())
