"""Delivering: at least once, whatever the receiver or the process does; nobody waits for somebody else."""

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.db import writing
from app.models import channels
from app.notify import queue, repository
from app.notify.channels.webhook import WebhookChannel
from app.notify.deliver import LEASE, Notifier
from app.notify.outbox import To
from app.notify.parcel import NotSent, Parcel
from app.notify.times import MOST_ATTEMPTS, Preferences
from app.notify.topics import Mode
from app.security.schemas import Role
from connectors.simulation import Fault
from tests.conftest import NOW
from tests.notify.support import Post, Site


async def test_a_receiver_that_fails_for_an_hour_loses_nothing(engine: Engine, site: Site) -> None:
    post = Post(engine, site.host)
    hook = post.webhook(f"{site.url}/hook")
    outage = Fault(match="^/hook", status=500, times=None)
    site.app.faults.append(outage)
    ids = [post.put(title=f"Message {n}") for n in range(6)]
    assert None not in ids
    while post.clock() < NOW + timedelta(hours=1):
        await post.deliver()
        assert "dead" not in post.states()
        assert post.health(hook) == ("waiting", "The last delivery failed: the receiver answered 500.")
        post.clock.on(minutes=5)
    assert outage.struck < 6 * 6, "a broken receiver is not hammered"
    site.app.faults.clear()
    for _ in range(30):
        await post.deliver()
        post.clock.on(minutes=5)
    assert post.states() == ["sent"] * 6
    assert post.health(hook)[0] == "ok"
    assert len(site.got.hooks) == 6


async def test_a_redirect_and_a_private_address_get_nothing_and_lose_nothing(
    engine: Engine, site: Site
) -> None:
    there = ["10.0.0.8"]

    async def names(host: str, port: int) -> list[str]:
        return there if host == "hooks.acme.example" else ["127.0.0.1"]

    post = Post(engine, site.host, hosts=("hooks.acme.example",), resolve=names)
    redirected = post.webhook(f"{site.url}/hook", "review.decided")
    private = post.webhook("https://hooks.acme.example/in", "review.opened")
    metadata = {"Location": "http://169.254.169.254/latest/meta-data/"}
    site.app.faults.append(Fault(match="^/hook", status=302, headers=metadata))
    post.put("review.decided")
    post.put("review.opened")
    await post.deliver()
    assert post.states() == ["failed", "failed"]
    assert post.health(redirected)[0] == post.health(private)[0] == "attention"
    assert "redirects elsewhere" in post.health(redirected)[1]
    assert "not on the open Internet" in post.health(private)[1]
    assert [r.target for r in site.app.requests] == ["/hook"]
    post.clock.on(minutes=2)
    await post.deliver()
    assert post.states() == ["sent", "failed"]


async def test_what_never_works_is_put_aside_and_can_be_sent_again(engine: Engine, site: Site) -> None:
    post = Post(engine, site.host)
    post.webhook(f"{site.url}/hook")
    site.app.faults.append(Fault(match="^/hook", status=500, times=MOST_ATTEMPTS))
    post.put()
    for _ in range(MOST_ATTEMPTS + 3):
        await post.deliver()
        post.clock.on(hours=8)
    assert post.states() == ["dead"]
    assert post.rows()[0]["attempts"] == MOST_ATTEMPTS
    with writing(engine) as connection:
        assert repository.send_again(connection, post.rows()[0]["id"], {"dead"}, post.clock())
    await post.deliver()
    assert post.states() == ["sent"]


async def test_what_the_receiver_will_never_take_is_put_aside_at_once(engine: Engine, site: Site) -> None:
    post = Post(engine, site.host)
    post.webhook(f"{site.url}/hook")
    site.app.faults.append(Fault(match="^/hook", status=422))
    post.put()
    await post.deliver()
    assert post.states() == ["dead"]


async def test_killed_between_sending_and_noting_it_is_sent_again(
    engine: Engine, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Post(engine, site.host)
    post.webhook(f"{site.url}/hook")
    post.put()

    class Killed(BaseException):
        """What a process leaves that is killed: nothing runs any more."""

    def die(*_: Any) -> None:
        raise Killed

    notifier = post.notifier()
    monkeypatch.setattr(Notifier, "_sent", die)
    monkeypatch.setattr(Notifier, "_not_sent", die)
    with pytest.raises(Killed):
        await notifier._deliver(*notifier._claim(elect=False)[0])
    monkeypatch.undo()
    await notifier.close()
    assert len(site.got.hooks) == 1
    assert post.states() == ["sending"]

    assert await post.deliver() == 0, "its lease still holds"
    post.clock.on(seconds=LEASE.total_seconds() + 1)
    assert await post.deliver() == 1
    assert post.states() == ["sent"]
    first, second = site.got.hooks
    assert first[0] == second[0], "the receiver can tell that it is the same one"
    assert first[1]["penumbra-delivery"] == second[1]["penumbra-delivery"]


async def test_who_was_overtaken_notes_nothing(engine: Engine, site: Site) -> None:
    post = Post(engine, site.host)
    hook = post.webhook(f"{site.url}/hook")
    post.put()
    with writing(engine) as connection:
        (slow,) = queue.claim(connection, hook, "slow", post.clock(), LEASE, 4)
    post.clock.on(seconds=LEASE.total_seconds())
    await post.deliver()
    with writing(engine) as connection:
        assert not queue.note(connection, slow, state="dead", last_error="too late")
    assert post.states() == ["sent"]


def test_two_workers_never_claim_the_same(engine: Engine) -> None:
    post = Post(engine)
    hook = post.webhook("https://a.example")
    for n in range(40):
        post.put(title=f"Message {n}")
    start, taken = threading.Barrier(4), []

    def work(name: str) -> None:
        start.wait()
        for _ in range(5):
            with writing(engine) as connection:
                groups = queue.claim(connection, hook, name, post.clock(), LEASE, 4)
            taken.extend(row.id for group in groups for row in group)

    threads = [threading.Thread(target=work, args=(f"worker {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 40


async def test_a_slow_receiver_holds_nobody_else_up(
    engine: Engine, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Post(engine, site.host)
    slow = post.webhook(f"{site.url}/slow")
    post.webhook(f"{site.url}/hook")
    entered, release, send = 0, asyncio.Event(), WebhookChannel.send

    async def sending(self: WebhookChannel, parcel: Parcel) -> None:
        nonlocal entered
        if self.config.url.endswith("/slow"):
            entered += 1
            await release.wait()
            raise NotSent("it did not answer in time")
        await send(self, parcel)

    monkeypatch.setattr(WebhookChannel, "send", sending)
    for n in range(20):
        post.put(title=f"Message {n}")
    notifier = post.notifier()
    async with asyncio.timeout(30):
        while len(site.got.hooks) < 20:
            await notifier.tick()
            await asyncio.sleep(0.01)
    assert entered == WebhookChannel.at_once, "the slow one takes no more than its own places"
    release.set()
    await asyncio.gather(*notifier._running)
    await notifier.close()
    assert all(r["state"] != "sent" for r in post.rows() if r["channel_id"] == slow)


async def test_a_rate_limit_pauses_the_whole_channel(engine: Engine, site: Site) -> None:
    post = Post(engine, site.host)
    post.webhook(f"{site.url}/hook")
    site.app.faults.append(Fault(match="^/hook", status=429, headers={"Retry-After": "1800"}))
    post.put()
    await post.deliver()
    post.put()
    post.clock.on(minutes=29)
    assert await post.deliver() == 0
    post.clock.on(minutes=2)
    assert await post.deliver() == 2
    assert post.states() == ["sent", "sent"]


async def test_one_process_delivers_at_a_time_and_another_follows(engine: Engine, site: Site) -> None:
    post = Post(engine, site.host)
    post.webhook(f"{site.url}/hook")
    one, two = post.notifier("one"), post.notifier("two")
    post.put()
    assert await one.tick() == 1
    await asyncio.gather(*one._running)
    post.put()
    assert await two.tick() == 0
    post.clock.on(minutes=1)  # the first one is gone
    assert await two.tick() == 1
    await asyncio.gather(*two._running)
    await one.close()
    await two.close()
    assert post.states() == ["sent", "sent"]


async def test_quiet_hours_are_looked_at_again_before_each_attempt(engine: Engine) -> None:
    post = Post(engine)
    mara = post.user("Mara", Role.MARKETING)
    post.channel("email", {"host": "localhost", "port": 1, "security": "none", "sender": "p@acme.example"})
    post.put("review.question", To(users=(mara,)))
    with writing(engine) as connection:
        repository.save_preferences(connection, mara, vars(Preferences(quiet_from=0, quiet_until=13 * 60)))
    await post.deliver()
    row = post.rows()[0]
    assert (row["state"], row["attempts"], row["next_at"]) == ("queued", 0, NOW + timedelta(hours=1))
    with writing(engine) as connection:
        repository.save_modes(connection, mara, {"review.question": Mode.OFF})
    post.clock.on(hours=1)
    await post.deliver()
    assert post.states() == ["kept"]


async def test_secrets_that_cannot_be_opened_say_so_and_wait(engine: Engine, site: Site) -> None:
    post = Post(engine, site.host)
    hook = post.webhook(f"{site.url}/hook")
    with writing(engine) as connection:
        connection.execute(sa.update(channels).values(secrets=b"of another key"))
    post.put()
    await post.deliver()
    assert post.states() == ["failed"]
    assert post.health(hook)[0] == "attention"
    assert "another secret key" in post.health(hook)[1]


async def test_old_messages_go_and_those_that_wait_stay(engine: Engine, site: Site) -> None:
    post = Post(engine, site.host)
    post.webhook(f"{site.url}/hook")
    post.put(title="Delivered")
    await post.deliver()
    site.app.faults.append(Fault(match="^/hook", status=500, times=None))
    post.put(title="Waits")
    await post.deliver()
    post.clock.on(days=400)
    notifier = post.notifier()
    assert notifier.tidy(timedelta(days=399)) == 1
    await notifier.close()
    assert [r["title"] for r in post.rows()] == ["Waits"]
