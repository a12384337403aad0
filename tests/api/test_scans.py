"""Scans: asked for, listed, watched, stopped."""

import asyncio

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.db import writing
from app.models import scans
from app.scans import endpoints
from tests.support import seed
from tests.support.seed import Company, Seed


@pytest.fixture
def company(engine: Engine) -> Company:
    with writing(engine) as connection:
        return seed.company(connection)


async def test_one_scan_a_source_at_a_time(client: httpx.AsyncClient, company: Company) -> None:
    address = f"/api/v1/sources/{company.okta}/scans"
    first = await client.post(address)
    assert first.status_code == 202
    assert first.json()["state"] == "queued"
    assert first.headers["location"] == f"/api/v1/scans/{first.json()['id']}"
    second = await client.post(address)
    assert second.status_code == 409
    assert second.json()["links"] == {"scan": first.headers["location"]}
    assert (await client.post(f"/api/v1/sources/{company.ramp}/scans")).status_code == 202
    assert (await client.post("/api/v1/sources/99/scans")).status_code == 404


async def test_scans_are_listed_newest_first(
    client: httpx.AsyncClient, engine: Engine, company: Company
) -> None:
    with writing(engine) as connection:
        writer = Seed(connection)
        ids = [writer.scan(company.ramp, state) for state in ("failed", "partial", "complete")]
    listed = (await client.get(f"/api/v1/scans?source={company.ramp}")).json()["items"]
    assert [s["id"] for s in listed] == ids[::-1]
    assert [
        s["state"] for s in (await client.get("/api/v1/scans?state=failed&state=partial")).json()["items"]
    ] == [
        "partial",
        "failed",
    ]
    page = (await client.get("/api/v1/scans?limit=2")).json()
    rest = (await client.get(f"/api/v1/scans?limit=2&cursor={page['next']}")).json()
    assert [s["id"] for s in page["items"] + rest["items"]] == [*ids[::-1], 1]
    assert rest["next"] is None


async def test_skipped_records_are_shown(client: httpx.AsyncClient, company: Company) -> None:
    answer = await client.get("/api/v1/scans/1/skipped")
    assert answer.json()["items"] == [
        {"id": 1, "stream": "lines", "ref": "line 812", "reason": "the date cannot be read"}
    ]
    assert (await client.get("/api/v1/scans/77/skipped")).status_code == 404


async def test_a_scan_is_asked_to_stop(client: httpx.AsyncClient, company: Company) -> None:
    assert (await client.post("/api/v1/scans/1/stop")).status_code == 409  # it has ended
    assert (await client.post("/api/v1/scans/77/stop")).status_code == 404
    scan = (await client.post(f"/api/v1/sources/{company.okta}/scans")).json()["id"]
    stopped = await client.post(f"/api/v1/scans/{scan}/stop")
    assert (stopped.status_code, stopped.json()["stop_requested"]) == (202, True)


async def test_a_scan_is_watched_to_its_end(
    client: httpx.AsyncClient, engine: Engine, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "POLL_SECONDS", 0.05)
    scan = (await client.post(f"/api/v1/sources/{company.okta}/scans")).json()["id"]

    async def run() -> None:
        for values in (
            {"state": "running", "new": 30, "pages": 1},
            {"state": "complete", "new": 50, "pages": 2},
        ):
            await asyncio.sleep(0.2)
            with writing(engine) as connection:
                connection.execute(sa.update(scans).where(scans.c.id == scan).values(**values))

    running = asyncio.create_task(run())
    answer = await client.get(f"/api/v1/scans/{scan}/events")
    await running
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [line for line in answer.text.splitlines() if line.startswith("event: ")]
    assert events[0] == "event: progress"
    assert events[-1] == "event: end"
    assert '"state":"running","stream":null,"pages":1,"records":30' in answer.text
    assert '"state":"complete","stream":null,"pages":2,"records":50' in answer.text
    assert (await client.get("/api/v1/scans/77/events")).status_code == 404
