"""What Penumbra costs while nothing is to be done: CPU seconds of a schedule that beats over no work."""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

from app.db import make_engine, upgrade
from app.identify import default_knowledge_base
from app.scans.runner import Runner
from app.scans.schedule import Schedule
from connectors.base import Connector

SECONDS = 20.0
GOAL = 0.02
"""Of one processor."""


def run() -> dict[str, Any]:
    """Let a schedule stand idle and measure this process."""
    with tempfile.TemporaryDirectory(prefix="penumbra-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'penumbra.sqlite3'}"
        upgrade(url)
        engine = make_engine(url)
        cpu = asyncio.run(_idle(Runner(engine, default_knowledge_base(), _no_source)))
        engine.dispose()
    return {"seconds": SECONDS, "cpu": cpu, "share": cpu / SECONDS, "holds": cpu / SECONDS <= GOAL}


def _no_source(_connection: Any, source_id: int) -> Connector[Any]:
    raise LookupError(f"there is no source {source_id}")


async def _idle(runner: Runner) -> float:
    schedule = Schedule(runner, at_once=2, personal_data_days=400)
    schedule.start()
    await schedule.tick()  # what happens only once is not what idling costs
    began = time.process_time()
    await asyncio.sleep(SECONDS)
    used = time.process_time() - began
    await schedule.close()
    return used


def report(found: dict[str, Any]) -> list[str]:
    """The result as lines of text."""
    share = f"{found['share']:.2%} of one processor"
    return [f"Idle schedule: {found['cpu']:.2f} CPU s in {found['seconds']:.0f} s ({share})"]


def holds(found: dict[str, Any]) -> bool:
    """Whether idling is cheap enough."""
    return found["holds"]
