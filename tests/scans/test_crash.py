"""SIGKILL at random moments: the catalog ends as if nothing had happened, on both databases."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.db import make_engine, reading, writing
from app.models import scans, sources
from connectors.okta.sample import sample_world
from connectors.okta.simulator import OktaSimulator
from connectors.simulation import serve
from tests.support.contents import contents, differences
from tests.support.zygote import NOW

KILLS = 20


class Zygote:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def scan(self, database: str, base_url: str, kill_after: float | None) -> tuple[bool, float]:
        """Run a scan, perhaps killed; gives whether it ended by itself, and how long it ran."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"database": database, "base_url": base_url}) + "\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        began = time.monotonic()
        timer = (
            threading.Timer(kill_after, os.kill, (pid, signal.SIGKILL)) if kill_after is not None else None
        )
        if timer:
            timer.start()
        status = int(self._process.stdout.readline())
        if timer:
            timer.cancel()
        assert status in {0, signal.SIGKILL}, "the scan ended with an error of its own"
        return status == 0, time.monotonic() - began

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=10)


@pytest.fixture
def zygote() -> Iterator[Zygote]:
    process = Zygote()
    yield process
    process.close()


def _busy_world() -> Any:
    """The sample org with enough sign-ins for a scan to have many moments to be killed in."""
    world = sample_world(NOW)
    ssos = [
        e
        for e in world.log
        if e["eventType"] == "user.authentication.sso" and e["outcome"]["result"] == "SUCCESS"
    ]
    copies = []
    for number in range(3000):
        event = json.loads(json.dumps(ssos[number % len(ssos)]))
        at = NOW - timedelta(days=20) + timedelta(minutes=9 * number)
        event["uuid"] = f"copy-{number:05d}"
        event["published"] = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        copies.append(event)
    world.log = sorted(copies + world.log, key=lambda e: e["published"])
    return world


def _add_source(database: str) -> None:
    engine = make_engine(database)
    with writing(engine) as connection:
        connection.execute(
            sa.insert(sources).values(
                name="okta",
                connector="okta",
                account="00o1",
                config={},
                secrets=b"",
                schedule_minutes=60,
                enabled=True,
                created_at=NOW,
                updated_at=NOW,
            )
        )
    engine.dispose()


def test_killed_at_20_random_moments_the_catalog_ends_the_same(
    database_url: str, tmp_path: Path, zygote: Zygote
):
    from app.db import upgrade

    calm = f"sqlite:///{tmp_path / 'calm.sqlite3'}"
    upgrade(calm)
    seed = int.from_bytes(os.urandom(4))
    dice = random.Random(seed)
    simulator = OktaSimulator(_busy_world(), page_limit=100, now=lambda: NOW)
    with serve(simulator.app) as url:
        for database in (calm, database_url):
            _add_source(database)
        ended, whole = zygote.scan(calm, url, None)
        assert ended
        expected = contents(make_engine(calm))
        killed = 0
        while killed < KILLS:
            ended, _ = zygote.scan(database_url, url, dice.uniform(0, whole * 0.6))
            killed += not ended
            # Killed between its last transaction and its exit, a scan has ended all the same.
            if ended or _has_ended(database_url):
                _check(database_url, expected, seed)
                _start_afresh(database_url)
        ended = ended or _has_ended(database_url)
        while not ended:
            ended, _ = zygote.scan(database_url, url, None)
        _check(database_url, expected, seed)


def _has_ended(database: str) -> bool:
    engine = make_engine(database)
    with reading(engine) as connection:
        state = connection.scalar(sa.select(scans.c.state))
    engine.dispose()
    return state == "complete"


def _check(database: str, expected: dict[str, list[Any]], seed: int) -> None:
    engine = make_engine(database)
    try:
        assert differences(expected, contents(engine)) == [], f"random seed {seed}"
    finally:
        engine.dispose()


def _start_afresh(database: str) -> None:
    """Empty the catalog, so that the next kills hit a first scan again."""
    engine = make_engine(database)
    with writing(engine) as connection:
        from app.models import metadata

        kept = connection.execute(sa.select(sources)).mappings().one()
        if connection.dialect.name == "postgresql":
            # Its triggers keep even an empty log from being emptied.
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for table in reversed(metadata.sorted_tables):
            connection.execute(sa.delete(table))
        row = {**kept, "health": "new", "health_text": "", "last_complete_at": None, "next_scan_at": None}
        connection.execute(sa.insert(sources).values(**row))
    engine.dispose()


def test_a_runner_that_was_overtaken_writes_nothing(database_url: str):
    """Fencing: a paused runner wakes after another took its scan, and its page is refused."""
    from app.scans import checkpoints

    _add_source(database_url)
    engine = make_engine(database_url)
    lease = timedelta(seconds=10)
    with writing(engine) as connection:
        source = connection.scalar(sa.select(sources.c.id))
        assert source is not None
        from app.scans.service import request_scan

        request_scan(connection, source, "hand", NOW)
    with writing(engine) as connection:
        slow = checkpoints.claim(connection, "slow", NOW, lease)
    with writing(engine) as connection:
        assert checkpoints.claim(connection, "quick", NOW + timedelta(seconds=5), lease) is None
    with writing(engine) as connection:
        quick = checkpoints.claim(connection, "quick", NOW + timedelta(seconds=11), lease)
    assert slow is not None
    assert quick is not None
    with pytest.raises(checkpoints.LeaseLost), writing(engine) as connection:
        checkpoints.renew(connection, slow["id"], slow["fence"], NOW + timedelta(seconds=60))
    with writing(engine) as connection:
        checkpoints.renew(connection, quick["id"], quick["fence"], NOW + timedelta(seconds=60))
    with reading(engine) as connection:
        assert connection.scalar(sa.select(scans.c.lease_owner)) == "quick"
    engine.dispose()


def test_two_runners_never_get_the_same_scan(database_url: str):
    from app.scans import checkpoints
    from app.scans.service import request_scan

    _add_source(database_url)
    engine = make_engine(database_url)
    with writing(engine) as connection:
        source = connection.scalar(sa.select(sources.c.id))
        assert source is not None
        request_scan(connection, source, "hand", datetime.now(UTC))
    taken: list[Any] = []

    def take(name: str) -> None:
        with writing(engine) as connection:
            taken.append(checkpoints.claim(connection, name, datetime.now(UTC), timedelta(seconds=60)))

    threads = [threading.Thread(target=take, args=(f"runner {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(t is not None for t in taken) == 1
    engine.dispose()
