"""Channels, the outbox and one's own notifications over HTTP; secrets are in no answer, log or trail."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine
from typer.testing import CliRunner

from app import mailing
from app.cli import cli
from app.db import reading, writing
from app.main import create_app
from app.models import audit_events, channels
from app.notify import outbox
from app.notify.deliver import Notifier, wire_of
from app.notify.links import Links
from app.notify.outbox import Message, To
from app.notify.schedule import Beat
from app.security import users
from app.security.schemas import Role, UserIn
from app.security.service import create_token
from app.settings import Settings
from connectors.simulation import Fault
from tests.conftest import NOW
from tests.notify.support import Post, Site

KEY = "a signing key of many characters"
OTHER = "another signing key of many characters"


@pytest.fixture
def settings(tmp_path: Any, database_url: str, site: Site) -> Settings:
    return Settings(
        data_dir=tmp_path / "data",
        database_url=database_url,
        local_receivers=site.host,
        public_url="https://penumbra.acme.example",
    )


@pytest.fixture
def app(settings: Settings, engine: Engine) -> FastAPI:
    return create_app(settings, engine, clock=lambda: NOW)


def hook(site: Site, **more: Any) -> dict[str, Any]:
    config = {"url": f"{site.url}/hook", "signing_key": KEY}
    return {"name": "events", "kind": "webhook", "config": config, "topics": ["review.*"], **more}


def put(engine: Engine, to: To | None = None, topic: str = "review.decided") -> None:
    with writing(engine) as connection:
        outbox.put(connection, Message(topic, "review:12", to or To(), "Decided", "Text", "/reviews/12"), NOW)


async def deliver(app: FastAPI, engine: Engine) -> None:
    state = app.state.penumbra
    links = Links(state.secrets, state.settings.home_url)
    notifier = Notifier(engine, links, wire_of(state.settings), clock=lambda: NOW)
    await notifier.drain()
    await notifier.close()


async def test_a_channel_is_tried_before_it_is_saved(client: httpx.AsyncClient, site: Site) -> None:
    site.app.faults.append(Fault(match="^/hook", status=410))
    refused = await client.post("/api/v1/channels", json=hook(site))
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("test_failed")
    site.app.faults.append(Fault(match="^/hook", status=500))
    assert (await client.post("/api/v1/channels", json=hook(site))).status_code == 502
    assert (await client.get("/api/v1/channels")).json() == {"items": []}

    made = await client.post("/api/v1/channels", json=hook(site))
    assert made.status_code == 201
    assert b'"topic":"channel.test"' in site.got.hooks[0][0]
    channel = made.json()
    assert channel["secrets_set"] == ["signing_key"]
    assert channel["config"] == {"url": f"{site.url}/hook"}
    assert (await client.get(made.headers["Location"])).headers["ETag"] == '"v1"'
    assert (await client.post("/api/v1/channels", json=hook(site))).status_code == 409
    tried = await client.post(f"{made.headers['Location']}/test")
    assert tried.json() == {"ok": True, "ref": None}


async def test_what_is_wrong_is_named(client: httpx.AsyncClient, site: Site) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"config": {"url": "https://elsewhere.example/x", "signing_key": KEY}}, "config.url"),
        ({"config": {"url": "http://127.0.0.1:1/x", "signing_key": KEY}}, "config.url"),
        ({"config": {"url": "https://x.example", "signing_key": "short"}}, "config.signing_key"),
        ({"config": {}}, "config.url"),
        ({"kind": "pigeon"}, "kind"),
        ({"topics": ["reviews.*"]}, "topics"),
        ({"name": "a/b"}, "name"),
    ]
    for change, field in wrong:
        answer = await client.post("/api/v1/channels", json=hook(site, **change))
        assert answer.status_code == 422
        assert field in [e["field"] for e in answer.json()["errors"]]
        assert KEY not in answer.text
    assert (await client.get("/api/v1/channels")).json() == {"items": []}


async def test_a_changed_key_leaves_the_old_one_signing_too(
    client: httpx.AsyncClient, site: Site, engine: Engine, app: FastAPI
) -> None:
    at = (await client.post("/api/v1/channels", json=hook(site))).headers["Location"]
    body = {"config": {"signing_key": OTHER}}
    assert (await client.patch(at, json=body)).status_code == 428
    assert (await client.patch(at, json=body, headers={"If-Match": '"v7"'})).status_code == 412
    changed = await client.patch(at, json=body, headers={"If-Match": '"v1"'})
    assert changed.json()["secrets_set"] == ["previous_key", "signing_key"]
    assert site.got.hooks[-1][1]["penumbra-signature"].count("v1=") == 2
    ended = await client.patch(at, json={"config": {"previous_key": None}}, headers={"If-Match": '"v2"'})
    assert ended.json()["secrets_set"] == ["signing_key"]
    with reading(engine) as connection:
        sealed = connection.execute(sa.select(channels.c.secrets)).scalar_one()
    assert app.state.penumbra.secrets.open(sealed) == {"signing_key": OTHER}


async def test_a_mail_password_is_not_sent_to_another_server(client: httpx.AsyncClient) -> None:
    config = {
        "host": "smtp.acme.example",
        "sender": "p@acme.example",
        "username": "p",
        "password": "mail-password",
    }
    body = {"name": "mail", "kind": "email", "config": config}
    made = await client.post("/api/v1/channels?force=true", json=body)
    assert made.status_code == 201
    moved = {"config": {"host": "evil.example"}}
    answer = await client.patch(
        f"{made.headers['Location']}?force=true", json=moved, headers={"If-Match": '"v1"'}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "config.password"


async def test_the_outbox_shows_what_failed_and_sends_it_again(
    client: httpx.AsyncClient, site: Site, engine: Engine, app: FastAPI, anonymous: httpx.AsyncClient
) -> None:
    at = (await client.post("/api/v1/channels", json=hook(site))).headers["Location"]
    site.app.faults.append(Fault(match="^/hook", status=422))
    put(engine)
    await deliver(app, engine)
    (dead,) = (await client.get("/api/v1/outbox?state=dead")).json()["items"]
    assert (dead["channel"], dead["attempts"]) == ("events", 1)
    assert dead["last_error"] == "the receiver answered 422: it will not take this message."
    assert (await client.get("/api/v1/outbox?state=sent&subject=review:12")).json()["items"] == []
    again = await client.post(f"/api/v1/outbox/{dead['id']}/retry")
    assert (again.json()["state"], again.json()["attempts"]) == ("queued", 0)
    assert (await client.post(f"/api/v1/outbox/{dead['id']}/retry")).status_code == 409
    held = await client.delete(at, headers={"If-Match": '"v1"'})
    assert (held.status_code, held.json()["type"]) == (409, "urn:penumbra:problem:deliveries_waiting")
    await deliver(app, engine)
    # A webhook gets again what it has had, under the same id.
    await client.post(f"/api/v1/outbox/{dead['id']}/retry")
    await deliver(app, engine)
    ids = {h["penumbra-delivery"] for _, h in site.got.hooks[1:]}
    assert (len(site.got.hooks[1:]), ids) == (2, {str(dead["id"])})
    assert (await client.delete(at, headers={"If-Match": '"v1"'})).status_code == 204
    assert (await client.get(at)).status_code == 404


async def test_one_sees_ones_own_notifications_and_chooses(
    anonymous: httpx.AsyncClient, client: httpx.AsyncClient, engine: Engine
) -> None:
    with writing(engine) as connection:
        wanted = [UserIn(email=f"{n}@acme.example", name=n, roles=[Role.MARKETING]) for n in ("Mara", "Mo")]
        mara, mo = (users.create_user(connection, w, actor="test", now=NOW) for w in wanted)
        _, text = create_token(connection, "mara", Role.MARKETING, user_id=mara.id, actor="test", now=NOW)
    put(engine, To(users=(mara.id,)))
    put(engine, To(users=(mo.id,)))
    anonymous.headers["Authorization"] = f"Bearer {text}"
    mine = (await anonymous.get("/api/v1/me/notifications")).json()["items"]
    assert [(n["title"], n["path"], n["state"]) for n in mine] == [("Decided", "/reviews/12", "kept")]
    assert (await client.get("/api/v1/me/notifications")).json()["items"] == [], "a service is told nothing"
    assert (await client.get("/api/v1/me/preferences")).status_code == 403

    wanted = {
        "timezone": "Europe/Berlin",
        "quiet_until": "06:30",
        "digest_day": "friday",
        "topics": {"tool.flagged": "now"},
    }
    after = (await anonymous.patch("/api/v1/me/preferences", json=wanted)).json()
    assert (after["timezone"], after["quiet_from"], after["quiet_until"]) == (
        "Europe/Berlin",
        "20:00",
        "06:30",
    )
    chosen = {t["topic"]: (t["mode"], t["chosen"]) for t in after["topics"]}
    assert chosen["tool.flagged"] == ("now", True)
    assert chosen["review.waiting"] == ("digest", False)
    assert (await anonymous.get("/api/v1/me/preferences")).json() == after
    for wrong in ({"timezone": "Europe/Nowhere"}, {"topics": {"nonsense": "now"}}, {"quiet_from": "25:00"}):
        assert (await anonymous.patch("/api/v1/me/preferences", json=wrong)).status_code == 422
    with writing(engine) as connection:
        lines = connection.execute(sa.select(audit_events.c.action, audit_events.c.object)).all()
    assert ("preferences.change", f"user:{mara.id}") in lines


async def test_secrets_are_in_no_answer_no_log_and_no_trail(
    client: httpx.AsyncClient,
    site: Site,
    engine: Engine,
    app: FastAPI,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    secret_url = f"{site.url}/services/T/B/key"
    slack = {"name": "chat", "kind": "slack", "config": {"webhook_url": secret_url}, "topics": ["*"]}
    answers = [await client.post("/api/v1/channels", json=body) for body in (hook(site), slack)]
    site.app.faults += [Fault(match="/(hook|services)", status=500, times=2)]
    put(engine)
    await deliver(app, engine)
    body = {"config": {"signing_key": OTHER}}
    answers.append(
        await client.patch(answers[0].headers["Location"], json=body, headers={"If-Match": '"v1"'})
    )
    answers += [await client.get(f"/api/v1/{p}") for p in ("channels", "outbox", "audit", "channel-kinds")]
    assert [a.status_code for a in answers] == [201, 201, 200, 200, 200, 200, 200]
    with reading(engine) as connection:
        stored = str(connection.execute(sa.select(audit_events)).all())
        stored += str(connection.execute(sa.text("SELECT * FROM deliveries")).all())
    printed = capsys.readouterr()
    everything = "".join(a.text for a in answers) + stored + caplog.text + printed.out + printed.err
    assert "failed" in stored
    for secret in (KEY, OTHER, "/services/T/B/key"):
        assert secret not in everything


async def test_the_command_line_delivers_lists_and_retries(
    engine: Engine, site: Site, settings: Settings, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.post("/api/v1/channels", json=hook(site))
    site.app.faults.append(Fault(match="^/hook", status=422))
    put(engine)
    monkeypatch.setenv("PENUMBRA_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("PENUMBRA_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("PENUMBRA_LOCAL_RECEIVERS", site.host)

    def run(*words: str) -> str:
        done = CliRunner().invoke(cli, ["notify", *words])
        assert done.exit_code == 0, done.output
        return done.output

    assert "Tried 1 delivery." in await asyncio.to_thread(run, "run", "--once")
    line = await asyncio.to_thread(run, "list", "--dead")
    assert "dead" in line
    assert "422" in line
    assert "queued again" in await asyncio.to_thread(run, "retry", line.split()[0])
    assert '"tried": 1' in await asyncio.to_thread(run, "run", "--once", "--json")
    assert await asyncio.to_thread(run, "list", "--dead") == ""
    assert '"sent"' in await asyncio.to_thread(run, "list", "--json")
    site.app.faults.append(Fault(match="^/hook", status=410))
    put(engine)
    await asyncio.to_thread(run, "run", "--once")
    told = await asyncio.to_thread(CliRunner().invoke, cli, ["doctor"])
    assert "BAD  channels: events: The last delivery failed: the receiver answered 410" in told.output
    assert told.exit_code == 1


async def test_the_command_line_delivers_although_what_is_due_cannot_be_put(
    engine: Engine, site: Site, settings: Settings, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **_more: object) -> Callable[[], int]:
        def put_due() -> int:
            raise RuntimeError("the report is broken")

        return put_due

    await client.post("/api/v1/channels", json=hook(site))
    put(engine)
    monkeypatch.setenv("PENUMBRA_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("PENUMBRA_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("PENUMBRA_LOCAL_RECEIVERS", site.host)
    monkeypatch.setattr(mailing, "reports_due", broken)
    done = await asyncio.to_thread(CliRunner().invoke, cli, ["notify", "run", "--once"])
    assert (done.exit_code, "Tried 1 delivery." in done.output) == (0, True), done.output


async def test_a_process_of_its_own_delivers_until_it_is_interrupted(
    engine: Engine, site: Site, settings: Settings, client: httpx.AsyncClient
) -> None:
    await client.post("/api/v1/channels", json=hook(site))
    had = len(site.got.hooks)
    environment = {
        **os.environ,
        "PENUMBRA_DATA_DIR": str(settings.data_dir),
        "PENUMBRA_DATABASE_URL": settings.database_url,
        "PENUMBRA_LOCAL_RECEIVERS": site.host,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from app.cli import main; main()", "notify", "run", env=environment
    )
    try:
        for number in (1, 2):
            put(engine)
            for _ in range(600):
                if len(site.got.hooks) == had + number:
                    break
                await asyncio.sleep(0.1)
            assert len(site.got.hooks) == had + number
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 30) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_what_is_due_by_the_calendar_is_looked_for_every_ten_minutes(engine: Engine) -> None:
    beat = Beat(Post(engine).notifier(), keep_days=30, beat=timedelta(hours=1), post=lambda: 0)
    beat.start()
    try:
        jobs = {job.func.__name__: job.trigger for job in beat._scheduler.get_jobs()}
        first = jobs["_put_due"].get_next_fire_time(None, NOW)
        second = jobs["_put_due"].get_next_fire_time(first, first + timedelta(seconds=1))
        assert second - first == timedelta(minutes=10)
    finally:
        await beat.close()
