"""The joint report: its numbers are the scoreboard's, and what was decided stands in it."""

from datetime import UTC, datetime

import pytest

from app.catalog import service as catalog
from app.catalog.facts import Audience
from app.db import reading, writing
from app.security.schemas import Role
from tests.reviews.support import Table
from tests.support.seed import Seed
from tests.web.test_record import EVIL, browser, decided, table  # noqa: F401 - a fixture


def test_what_was_decided_stands_in_it_and_is_escaped(table: Table) -> None:  # noqa: F811
    review = decided(table)
    table.set_tool(table.company.hubspot, name=f"HubSpot {EVIL}")
    with browser(table) as client:
        page = client.get("/report").text
        before = client.get("/report", params={"from": "2026-01-01", "to": "2026-01-31"}).text
    assert f"/reviews/{review.id}/record" in page
    assert "Set up SSO" in page
    assert EVIL not in page
    assert "nine of ten within" in page
    assert f"/reviews/{review.id}/record" not in before
    assert "No review was decided in this time." in before


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "2026-02-01", "to": "2026-01-01"},
        {"from": "yesterday"},
        {"to": "1712-01-01"},
        {"months": "x" * 50},
        {"from": "9999-12-31"},
    ],
)
def test_a_period_that_is_none_is_said_and_the_usual_one_shown(table: Table, asked: dict[str, str]) -> None:  # noqa: F811
    with browser(table, Role.MARKETING) as client:
        answer = client.get("/report", params=asked)
    assert answer.status_code == 200
    assert "How we work together" in answer.text
    assert ("That is no period" in answer.text) is ("months" not in asked)


def test_tools_are_counted_by_when_they_were_first_seen(table: Table) -> None:  # noqa: F811
    moments = [datetime(2026, month, 1, tzinfo=UTC) for month in (3, 5, 7)]
    with writing(table.engine) as connection:
        usual = catalog.found_before(connection, moments, audience=Audience.MARKETING)
        seed = Seed(connection)
        for month, audience in ((2, "marketing"), (4, "marketing"), (4, "other"), (6, "marketing")):
            seed.tool(
                f"Of {month} {audience}", first_seen=datetime(2026, month, 2, tzinfo=UTC), audience=audience
            )
    with reading(table.engine) as connection:
        found = catalog.found_before(connection, moments, audience=Audience.MARKETING)
        everything = catalog.found_before(connection, moments)
        assert catalog.found_before(connection, []) == []
    assert [now - then for now, then in zip(found, usual, strict=True)] == [1, 2, 3]
    assert everything[1] - found[1] == 1
