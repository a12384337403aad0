"""A sweep that gives 20,000 tools their passes by itself, and the next one, which finds nothing to do.

The company's tools are all made marketing's and undecided, and a policy is switched on that passes whatever
is in use: more than any company would let it. Each sweep is one transaction, in a process that did nothing
else; `memory` is the most that this process ever had.
"""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app import models
from app.api.state import reassess
from app.db import make_engine, writing
from app.policy import granting, reading, service
from tests.bench import company
from tests.bench.contender import peak
from tests.bench.databases import both

GOAL_CPU_S, GOAL_NOTHING_CPU_S, GOAL_MB = 60.0, 10.0, 600.0
AT_ONCE = 1_000
SWEEPS = ("gives", "finds nothing")
_WIDE = """
passes:
  - because: It is harmless as it stands.
    when: {fact: evidence, is: active}
    days: 90
    people_cap: 100000
    spend_cap: {minor: 1000000000000, currency: EUR}
    automatic: true

"""


def run() -> dict[str, Any]:
    """Measure on both databases: CPU seconds, seconds, and memory of both sweeps."""
    found: dict[str, Any] = {}
    for name, url in both():
        engine = make_engine(url)
        now = datetime.now(UTC)
        company.fill(engine, now)
        prepare(engine, now)
        engine.dispose()
        found[name] = {sweep: _measured(url) for sweep in SWEEPS}
    return found


def report(found: dict[str, Any]) -> list[str]:
    """The measurements as lines for people."""
    lines = [f"Passes that are given by themselves, {company.TOOLS:,} tools"]
    for name, sweeps in found.items():
        lines += [
            f"  {name:10}  {sweep:14} {r['given']:6,} given, {r['ended']} ended: "
            f"{r['cpu']:5.1f} CPU s, {r['seconds']:5.1f} s, memory {r['peak_mb']:.0f} MB"
            for sweep, r in sweeps.items()
        ]
    return lines


def holds(found: dict[str, Any]) -> bool:
    """Whether the goals were met."""
    return all(
        r["cpu"] < (GOAL_CPU_S if sweep == "gives" else GOAL_NOTHING_CPU_S) and r["peak_mb"] < GOAL_MB
        for sweeps in found.values()
        for sweep, r in sweeps.items()
    )


def prepare(engine: Engine, now: datetime) -> None:
    """Make all tools marketing's and undecided, and switch on a policy that passes them."""
    text = reading.shipped_text()
    before, _passes, after = text.partition("passes:\n")
    wide = before + _WIDE + "# What opens" + after.partition("# What opens")[2]
    with writing(engine) as connection:
        connection.execute(sa.update(models.people).values(department="Marketing"))
        undecided = ~sa.exists().where(models.reviews.c.tool_id == models.tools.c.id)
        connection.execute(sa.update(models.tools).where(undecided).values(governance="unreviewed"))
        ids = list(connection.scalars(sa.select(models.tools.c.id).order_by(models.tools.c.id)))
        for start in range(0, len(ids), AT_ONCE):
            reassess(connection, ids[start : start + AT_ONCE], now)
        kept = service.create(connection, reading.parse(wide), "All", actor="bench", user_id=None, now=now)
        service.activate(connection, kept.version, actor="bench", now=now)


def _measured(url: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.passes", url], stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout)


def _sweep(url: str) -> dict[str, Any]:
    engine = make_engine(url)
    wall, cpu = time.perf_counter(), time.process_time()
    with writing(engine) as connection:
        found = granting.sweep_all(connection, datetime.now(UTC), reassess=reassess)
    return {
        "given": len(found.given),
        "ended": len(found.ended),
        "seconds": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "peak_mb": peak(),
    }


if __name__ == "__main__":
    print(json.dumps(_sweep(sys.argv[1])))
