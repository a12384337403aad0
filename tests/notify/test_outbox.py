"""Putting: in the caller's transaction, once a thing and cause, to the right people."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.models import messages, users
from app.notify import outbox, repository
from app.notify.outbox import NO_MAIL, SWITCHED_OFF, Message, To
from app.notify.times import Preferences
from app.notify.topics import Mode
from app.security.schemas import Role, Side
from tests.conftest import NOW
from tests.notify.support import Post, Site


def test_a_rolled_back_deed_tells_nobody(engine: Engine) -> None:
    post = Post(engine)
    post.webhook("https://hooks.acme.example/in")

    def deed() -> None:
        with writing(engine) as connection:
            outbox.put(
                connection, Message("review.decided", "review:1", To(), "Decided", "", "/reviews/1"), NOW
            )
            raise RuntimeError("something else went wrong")

    with pytest.raises(RuntimeError):
        deed()
    assert post.rows() == []
    assert post.put() is not None
    assert post.states() == ["queued"]


def test_people_sides_and_channels_get_what_is_theirs(engine: Engine) -> None:
    post = Post(engine)
    mara, ian, eve = (
        post.user("Mara", Role.MARKETING),
        post.user("Ian", Role.IT),
        post.user("Eve", Role.READER),
    )
    gone = post.user("Gus", Role.IT)
    with writing(engine) as connection:
        connection.execute(sa.update(users).where(users.c.id == gone).values(active=False))
    mail = post.channel("email", {"host": "localhost", "sender": "p@acme.example"})
    some, other = (
        post.webhook("https://a.example", "claim.*"),
        post.webhook("https://b.example", "review.question"),
    )
    post.put("review.question", To(users=(eve, gone), sides=(Side.IT,)))
    rows = post.rows()
    assert [(r["channel_id"], r["user_id"], r["digest"]) for r in rows] == [
        (other, None, False),
        (mail, ian, False),
        (mail, eve, False),
    ]
    post.put("claim.asked", To(sides=(Side.MARKETING,), channels=(other,)))
    more = post.rows()[3:]
    assert [(r["channel_id"], r["user_id"], r["digest"]) for r in more] == [
        (some, None, False),
        (other, None, False),
        (mail, mara, True),  # this topic comes with the weekly digest, if nobody chose otherwise
    ]
    assert more[2]["next_at"] == NOW + timedelta(days=2, hours=20)  # Monday at 8:00


def test_what_cannot_or_shall_not_be_mailed_is_in_the_inbox(engine: Engine) -> None:
    post = Post(engine)
    mara = post.user("Mara", Role.MARKETING)
    post.put("review.question", To(users=(mara,)))
    post.channel("email", {"host": "localhost", "sender": "p@acme.example"})
    with writing(engine) as connection:
        repository.save_modes(connection, mara, {"review.question": Mode.OFF})
        repository.save_preferences(connection, mara, vars(Preferences(quiet_from=0, quiet_until=0)))
    post.put("review.question", To(users=(mara,)))
    assert [(r["state"], r["last_error"]) for r in post.rows()] == [("kept", NO_MAIL), ("kept", SWITCHED_OFF)]


async def test_one_alert_a_thing_and_cause_until_it_is_delivered_and_quiet(
    engine: Engine, site: Site
) -> None:
    post = Post(engine, site.host)
    post.webhook(f"{site.url}/hook")
    key = "tool:7:flagged"
    assert post.put(dedupe_key=key, quiet=timedelta(hours=1)) is not None
    assert post.put(dedupe_key=key) is None
    assert post.put(dedupe_key="tool:8:flagged") is not None
    post.clock.on(hours=2)
    assert post.put(dedupe_key=key) is None, "it is not delivered yet"
    await post.deliver()
    assert post.put(dedupe_key=key, quiet=timedelta(days=1)) is not None, (
        "delivered, and the quiet hour is over"
    )
    await post.deliver()
    post.clock.on(hours=3)
    assert post.put(dedupe_key=key) is None, "delivered, but the quiet day is not over"
    assert len(site.got.hooks) == 3


def test_of_many_at_once_one_is_put(engine: Engine) -> None:
    post = Post(engine)
    post.webhook("https://a.example")
    # An old alert with this key, whose time is over: all release it at the same moment, and one puts anew.
    post.put(dedupe_key="k", quiet=timedelta(0))
    with writing(engine) as connection:
        connection.execute(sa.text("UPDATE deliveries SET state = 'sent'"))
    post.clock.on(hours=1)
    start, made = threading.Barrier(8), []

    def put() -> None:
        start.wait()
        made.append(post.put(dedupe_key="k"))

    threads = [threading.Thread(target=put) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([m for m in made if m is not None]) == 1
    with reading(engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(messages)) == 2


def test_a_misspelt_topic_and_a_foreign_path_are_refused(engine: Engine) -> None:
    post = Post(engine)
    with pytest.raises(ValueError, match="no topic"):
        post.put("review.decidid")
    with pytest.raises(ValueError, match="one slash"):
        post.put(path="//evil.example")
    assert post.rows() == []
