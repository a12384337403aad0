"""Somebody teaches while scans store pages: nothing falls between what was seen and what will be seen."""

import asyncio
import threading
import time

from sqlalchemy.engine import Engine

from app.db import writing
from app.scans.runner import Progress
from app.scans.schedule import Schedule
from app.sources import service as sources
from app.teaching.repository import keep_out_teachers, teach_alone
from tests.teaching.support import KB, World


def test_who_teaches_waits_for_the_page_that_is_being_stored(engine: Engine) -> None:
    world = World(engine)
    quibbler, hubspot = world.tool("Quibbler")["id"], world.tool("HubSpot")["id"]
    storing, stored = threading.Event(), threading.Event()

    def page() -> None:
        with writing(engine) as connection:
            keep_out_teachers(connection)
            storing.set()
            time.sleep(0.4)
            stored.set()

    thread = threading.Thread(target=page)
    thread.start()
    assert storing.wait(10)
    world.teach("merge", quibbler, into=hubspot)
    assert stored.is_set(), "the teaching came after the page, and saw all that was in it"
    thread.join()


def test_pages_of_two_scans_do_not_wait_for_each_other(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        # SQLite has one writer; what is shared there is only that the lock needs nothing of the database.
        with writing(engine) as connection:
            keep_out_teachers(connection)
        return
    with writing(engine) as one, writing(engine) as two:
        keep_out_teachers(one)
        keep_out_teachers(two)


def test_a_scan_in_its_midst_follows_what_is_taught_meanwhile(engine: Engine) -> None:
    world = World(engine)
    quibbler, hubspot = world.tool("Quibbler")["id"], world.tool("HubSpot")["id"]
    taught: list[int] = []

    def after_a_page(progress: Progress) -> None:
        if progress.stream == "apps" and not taught:
            taught.append(world.teach("merge", quibbler, into=hubspot).teaching.id)

    first = [a for a in world.seen.pages["apps"][0] if a.ref == "a1"]
    world.seen.pages["apps"] = [first, *world.seen.pages["apps"]]
    world.sso.runner._on_progress = after_a_page
    world.sso.scan()
    assert taught
    assert world.app("a4")["tool_id"] == hubspot
    assert world.app("a4")["rule"] == "taught"


def test_what_is_tidied_away_waits_for_who_teaches(engine: Engine) -> None:
    world = World(engine)
    source = world.sso.source()
    tidy = Schedule(world.sso.runner, at_once=1, personal_data_days=1000, clock=world.clock).tidy

    def delete() -> None:
        with writing(engine) as connection:
            sources.delete(
                connection, source["id"], source["version"], kb=KB, actor="test", now=world.clock()
            )

    for work in (lambda: asyncio.run(tidy()), delete):
        thread = threading.Thread(target=work)
        with writing(engine) as connection:
            teach_alone(connection)
            thread.start()
            thread.join(0.4)
            assert thread.is_alive(), "a tool that somebody gives evidence to must not go meanwhile"
        thread.join(20)
        assert not thread.is_alive()
