"""Scans of several sources that end at the same moment: the last one to write has seen the others."""

import threading
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.catalog.leftovers import settle, touched_by
from app.db import reading, writing
from app.identify import default_knowledge_base
from app.models import accounts, apps, people, tool_sources, tools
from connectors.base import Mode
from connectors.identifiers import APP_NAME, Identifier
from connectors.observations import AppSeen, PersonSeen, SignOn
from tests.support.scanning import NOW
from tests.support.scripted import scripted


def test_two_scans_that_end_at_once_agree_on_a_tool_and_a_person(engine: Engine):
    scanners = []
    for name, department in (("one", "Marketing"), ("two", None)):
        scanner, script = scripted(engine, name, people=Mode.SNAPSHOT, apps=Mode.SNAPSHOT)
        script.pages |= {
            "people": [[PersonSeen(ref=name, email="ada@acme.example", department=department)]],
            "apps": [
                [
                    AppSeen(
                        ref=name,
                        name="HubSpot",
                        identifiers=(Identifier(APP_NAME, "HubSpot"),),
                        sign_on=SignOn.CONSENT,
                    )
                ]
            ],
        }
        scanner.scan()
        scanners.append(scanner)
    kb = default_knowledge_base()
    first_has_written = threading.Event()
    errors: list[BaseException] = []

    def end(number: int) -> None:
        source_id = scanners[number].source_id
        try:
            with writing(engine) as connection:
                for table in (apps, accounts):
                    change: Any = sa.update(table).where(table.c.source_id == source_id)
                    connection.execute(change.values(gone_at=NOW))
                settle(connection, kb, touched_by(connection, source_id), NOW)
                if number == 0:
                    first_has_written.set()
                    time.sleep(0.5)
        except BaseException as error:  # noqa: BLE001 - shown by the test below
            errors.append(error)

    first = threading.Thread(target=end, args=(0,))
    second = threading.Thread(target=end, args=(1,))
    first.start()
    assert first_has_written.wait(10)
    second.start()
    first.join()
    second.join()
    assert errors == []
    with reading(engine) as connection:
        assert connection.execute(sa.select(tools.c.evidence)).scalars().all() == ["gone"]
        assert connection.execute(sa.select(people.c.active)).scalars().all() == [False]
        assert connection.scalar(sa.select(sa.func.count()).select_from(tool_sources)) == 2
