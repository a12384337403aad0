"""Reading an Okta log through the whole pipeline, against a plain loop that copies it into a table.

Both read the same bytes over HTTP from a simulator in a process of its own, one after the other in
turns, each run in a fresh process on an empty database. What counts is the ratio of neighbours: a busy
machine slows both.
"""

import contextlib
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.db import upgrade
from tests.bench.vendor import serving
from tests.support import postgres

SMALL, EVENTS = 50_000, 200_000
GOAL = 1.2
"""Ours must be so many times as fast."""
MOST_MEMORY = 300
"""Megabytes, however long the log."""
Result = dict[str, Any]


def run(rounds: int = 5, databases: tuple[str, ...] = ("sqlite", "postgresql")) -> Result:
    """Measure on each database; prints a line a run to standard error."""
    found: Result = {"events": EVENTS, "rounds": rounds, "goal": GOAL}
    with serving([SMALL, EVENTS]) as urls:
        for name in databases:
            with {"sqlite": _sqlite, "postgresql": _postgresql}[name]() as fresh:
                found[name] = _compare(name, urls, fresh, rounds)
    return found


def _compare(name: str, urls: dict[int, str], fresh: Callable[[], str], rounds: int) -> Result:
    runs: dict[str, list[Result]] = {"ours": [], "plain": []}
    for number in range(rounds):
        # Who begins changes, so that neither always runs in the other's wake.
        for contender in ("ours", "plain") if number % 2 else ("plain", "ours"):
            runs[contender].append(_measure(name, contender, urls[EVENTS], fresh()))
    small = _measure(name, "ours", urls[SMALL], fresh())
    for run in runs["ours"]:
        _check(run)
    pairs = [p["seconds"] / o["seconds"] for o, p in zip(runs["ours"], runs["plain"], strict=True)]
    result: Result = {who: _medians(those) for who, those in runs.items()}
    result["ratios"] = pairs
    result["ratio"] = statistics.median(pairs)
    result["cpu_ratio"] = result["plain"]["cpu"] / result["ours"]["cpu"]
    result["peak_mb_small"] = small["peak_mb"]
    result["holds"] = result["ratio"] >= GOAL and result["ours"]["peak_mb"] < MOST_MEMORY
    return result


def _measure(name: str, contender: str, url: str, database: str) -> Result:
    command = [sys.executable, "-m", "tests.bench.contender", contender, url, database]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{contender} failed: {done.stderr[-3000:]}")
    measured: Result = json.loads(done.stdout)
    print(
        f"  {name:10} {contender:5} {measured['seconds']:6.2f} s {measured['cpu']:6.2f} CPU s "
        f"{measured['peak_mb']:4.0f} MB",
        file=sys.stderr,
    )
    return measured


def _check(run: Result) -> None:
    """The work must have been done: every sign-in counted, every repeat found."""
    others = EVENTS // 250
    repeated = EVENTS // 1000
    assert run["sign_ins"] == EVENTS - others - repeated, run
    assert run["repeats"] >= repeated, run


def _medians(runs: list[Result]) -> Result:
    found = {key: statistics.median(r[key] for r in runs) for key in ("seconds", "cpu", "peak_mb")}
    return {**found, "events_a_second": EVENTS / found["seconds"]}


@contextlib.contextmanager
def _sqlite() -> Iterator[Callable[[], str]]:
    with tempfile.TemporaryDirectory(prefix="penumbra-bench-") as folder:
        template = Path(folder) / "template.sqlite3"
        upgrade(f"sqlite:///{template}")
        path = Path(folder) / "penumbra.sqlite3"

        def fresh() -> str:
            for old in Path(folder).glob("penumbra.sqlite3*"):
                old.unlink()
            shutil.copy(template, path)
            return f"sqlite:///{path}"

        yield fresh


@contextlib.contextmanager
def _postgresql() -> Iterator[Callable[[], str]]:
    with postgres.running(durable=True) as server:
        yield server.database


def report(found: Result) -> list[str]:
    """The result as lines of text."""
    lines = [f"{found['events']:,} Okta log events, medians of {found['rounds']} rounds in turns"]
    for name in ("sqlite", "postgresql"):
        if name not in found:
            continue
        part = found[name]
        for who in ("plain", "ours"):
            one = part[who]
            lines.append(
                f"  {name:10} {who:5} {one['events_a_second']:8,.0f} events/s {one['cpu']:6.1f} CPU s "
                f"{one['peak_mb']:5.0f} MB"
            )
        pairs = ", ".join(f"{ratio:.2f}" for ratio in part["ratios"])
        lines.append(
            f"  {name:10} ours is {part['ratio']:.2f} times as fast (pairs {pairs}; CPU "
            f"{part['cpu_ratio']:.2f}; memory at {SMALL:,} events {part['peak_mb_small']:.0f} MB) "
            f"{'holds' if part['holds'] else f'BELOW THE GOAL of {GOAL}, or above {MOST_MEMORY} MB'}"
        )
    return lines


def holds(found: Result) -> bool:
    """Whether the goal was met on every database that was measured."""
    return all(part["holds"] for part in found.values() if isinstance(part, dict))
