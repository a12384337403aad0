"""Days and moments in SQL, in UTC on both databases whatever the server's own time zone is."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.db import UtcDateTime


class day_of(FunctionElement[Any]):  # noqa: N801 - reads as the SQL function it is
    """The UTC day of a moment."""

    type = sa.Date()
    inherit_cache = True


class start_of(FunctionElement[Any]):  # noqa: N801
    """The first moment of a day in UTC."""

    type = UtcDateTime()
    inherit_cache = True


class month_of(FunctionElement[Any]):  # noqa: N801
    """The month of a day, as `2026-10`."""

    type = sa.Text()
    inherit_cache = True


@compiles(month_of, "sqlite")
def _month_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    # Days are stored as text; cutting it takes a fraction of what asking for its parts would.
    return f"substr({compiler.process(element.clauses, **kw)}, 1, 7)"


@compiles(month_of)
def _month(element: Any, compiler: Any, **kw: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **kw)}, 'YYYY-MM')"


@compiles(day_of, "sqlite")
def _day_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"date({compiler.process(element.clauses, **kw)})"


@compiles(day_of)
def _day(element: Any, compiler: Any, **kw: Any) -> str:
    return f"CAST(timezone('UTC', {compiler.process(element.clauses, **kw)}) AS DATE)"


@compiles(start_of, "sqlite")
def _start_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    # The spelling in which SQLAlchemy stores moments, so that both sort together as text.
    return f"({compiler.process(element.clauses, **kw)} || ' 00:00:00.000000')"


@compiles(start_of)
def _start(element: Any, compiler: Any, **kw: Any) -> str:
    return f"timezone('UTC', CAST({compiler.process(element.clauses, **kw)} AS TIMESTAMP))"
