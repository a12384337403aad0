"""A process that forks scans on request, so that killing and starting one again costs milliseconds.

Reads one JSON object a line from standard input: {"database", "base_url"}; forks a child that runs the
source's scan from wherever it stands; writes the child's pid, then, when it has ended, its status.
"""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.db import make_engine, writing
from app.identify import default_knowledge_base
from app.models import sources
from app.scans.runner import Runner
from app.scans.service import ScanActive, request_scan
from connectors.base import Context
from connectors.okta.connector import OktaConnector

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def scan_once(database: str, base_url: str) -> None:
    """Run the one source's scan to its end, in this process."""
    engine = make_engine(database)

    def load(_connection: Any, _source: int) -> OktaConnector:
        config = OktaConnector.Config.model_validate(
            {"base_url": base_url, "api_token": "00simulated-token", "rate_share": 1000}
        )
        return OktaConnector(config, Context(now=lambda: NOW))  # type: ignore[arg-type]

    runner = Runner(engine, default_knowledge_base(), load, clock=lambda: NOW, lease=timedelta(hours=1))
    with writing(engine) as connection:
        source = connection.scalar(sa.select(sources.c.id))
        assert source is not None
        try:
            scan = request_scan(connection, source, "hand", NOW)
        except ScanActive as active:
            scan = active.scan_id
    taken = runner.claim(scan)
    assert taken is not None, "the dead runner's scan was not given up"
    asyncio.run(runner.run(taken))


def main() -> None:
    """Serve requests until standard input ends."""
    default_knowledge_base()
    for line in sys.stdin:
        wanted = json.loads(line)
        pid = os.fork()
        if pid == 0:
            try:
                scan_once(wanted["database"], wanted["base_url"])
            except BaseException as error:  # noqa: BLE001 - the parent only sees the status
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        print(pid, flush=True)
        print(os.waitpid(pid, 0)[1], flush=True)


if __name__ == "__main__":
    main()
