"""What the engine concludes from scans that were broken off, put off, or passed something over."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.models import apps
from connectors.base import Mode
from connectors.errors import NotAvailable, RetryLater
from connectors.identifiers import APP_NAME, Identifier
from connectors.observations import AppSeen, PersonSeen, SignOn
from tests.support.scanning import Scanner
from tests.support.scripted import scripted

ADA = PersonSeen(ref="u1", email="ada@acme.example", name="Ada")


def _app(ref: str, name: str = "HubSpot") -> AppSeen:
    return AppSeen(ref=ref, name=name, identifiers=(Identifier(APP_NAME, name),), sign_on=SignOn.CONSENT)


def _gone(scanner: Scanner, table: sa.Table) -> list[Any]:
    return [r for r in scanner.rows(table) if r["gone_at"] is not None]


def test_an_optional_list_that_was_passed_over_is_read_from_its_beginning(engine: Engine):
    scanner, script = scripted(engine, integrations=Mode.SNAPSHOT, apps=Mode.SNAPSHOT)
    script.optional.add("integrations")
    whole: list[Any] = [[_app("i1"), _app("i2")], [_app("i3")]]
    script.pages |= {"integrations": whole, "apps": [[_app("a1")]]}
    scanner.scan()
    scanner.clock.forward(hours=1)
    script.pages |= {
        "integrations": [NotAvailable("not in this edition")],
        "apps": [RetryLater("busy", seconds=600)],
    }
    assert scanner.scan()["error_kind"] == "retry_later"
    scanner.clock.forward(hours=1)
    script.pages |= {"integrations": whole, "apps": [[_app("a1")]]}
    assert scanner.scan()["state"] == "complete"
    assert _gone(scanner, apps) == []
