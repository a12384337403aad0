"""One contender's run in a process of its own: `python -m tests.bench.contender ours|plain URL DATABASE`.

Writes what it took as a line of JSON. The clock starts when everything is imported and ends with the
last commit.
"""

import asyncio
import json
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.db import make_engine, reading, writing
from app.identify import default_knowledge_base
from app.models import recent_events, scans, sign_in_days
from app.scans.runner import Runner
from app.scans.service import request_scan
from connectors.base import Context
from connectors.okta.connector import OktaConnector
from tests.bench import plain
from tests.bench.source import okta_source
from tests.bench.vendor import TOKEN


def ours(base_url: str, database: str) -> dict[str, Any]:
    """One first scan of the org."""
    engine = make_engine(database)
    source = _source(engine)
    kb = default_knowledge_base()

    def load(_connection: Any, _source: int) -> OktaConnector:
        given = {"base_url": base_url, "api_token": TOKEN, "rate_share": 1000}
        return OktaConnector(OktaConnector.Config.model_validate(given), Context())  # type: ignore[arg-type]

    runner = Runner(engine, kb, load)
    with writing(engine) as connection:
        scan = request_scan(connection, source, "hand", datetime.now(UTC))
    taken = runner.claim(scan)
    assert taken is not None
    took = _Stopwatch()
    asyncio.run(runner.run(taken))
    measured = took.stop()
    with reading(engine) as connection:
        row = connection.execute(sa.select(scans).where(scans.c.id == scan)).mappings().one()
        assert row["state"] == "complete", row["error"]
        signed_in = connection.scalar(sa.select(sa.func.sum(sign_in_days.c.count)))
        kept = connection.scalar(sa.select(sa.func.count()).select_from(recent_events))
    return {**measured, "pages": row["pages"], "sign_ins": signed_in, "repeats": row["known"], "kept": kept}


def _source(engine: Engine) -> int:
    with writing(engine) as connection:
        return okta_source(connection, datetime.now(UTC), account="00o1", enabled=True)


def theirs(base_url: str, database: str) -> dict[str, Any]:
    """The plain loop."""
    insert = plain.into(database)
    since = (datetime.now(UTC) - timedelta(days=90)).isoformat(timespec="milliseconds")
    took = _Stopwatch()
    count = asyncio.run(plain.read(base_url, TOKEN, since.replace("+00:00", "Z"), insert))
    return {**took.stop(), "events": count}


class _Stopwatch:
    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def stop(self) -> dict[str, float]:
        """Seconds and CPU seconds since, and the most memory this process ever had."""
        return {
            "seconds": time.perf_counter() - self._wall,
            "cpu": time.process_time() - self._cpu,
            "peak_mb": peak(),
        }


def peak() -> float:
    """The most memory that this process ever had, in MB."""
    # Where /proc knows it: getrusage also counts what the parent had when it made this process.
    status = Path("/proc/self/status")
    if status.exists():
        line = next(text for text in status.read_text().splitlines() if text.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    print(json.dumps({"ours": ours, "plain": theirs}[sys.argv[1]](*sys.argv[2:])))
