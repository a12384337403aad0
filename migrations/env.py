"""How migrations run: inside one transaction, with a lock so that two starters do not collide."""

from typing import Literal

import sqlalchemy as sa
from alembic import context

from app.db import UtcDateTime, make_engine
from app.models import metadata

_LOCK = 7_230_419_881


def render(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our own column types by their names in `app.db`."""
    if kind == "type":
        if isinstance(item, UtcDateTime):
            return "UtcDateTime()"
        if isinstance(item, sa.JSON):
            return "Json"
        if isinstance(item, sa.BigInteger) and "sqlite" in item._variant_mapping:
            return "BigId"
    return False


def run() -> None:
    """Run the migrations against `sqlalchemy.url` of the config."""
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        raise RuntimeError("no database address was given")
    engine = make_engine(url)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL lock_timeout = '10s'"))
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            render_item=render,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
