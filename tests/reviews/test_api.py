"""A review over the API: opened, assessed, asked, decided."""

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import Engine

from app.settings import Settings
from tests.reviews.support import Review, Table, table_of


@pytest.fixture
def table(engine: Engine, settings: Settings) -> Iterator[Table]:
    with table_of(engine, settings) as table:
        yield table


def test_two_people_of_two_sides_decide(table: Table) -> None:
    tool = table.company.hubspot
    table.set_tool(tool, ownership="owned")
    review = Review(table, tool, cause="flag")
    assert table.tool(tool)["governance"] == "in_review"
    assert not table.tool(tool)["flagged"]
    assert review.last["waiting_on"] == ["it", "marketing"]
    review.assess_all()
    number = review.propose("mara", outcome="sanctioned")
    assert review.last["waiting_on"] == ["it", "marketing"]
    seen = review.sign("ida", number)
    assert (seen["signed"], seen["waiting_on"], seen["state"]) == (["it"], ["marketing"], "open")
    seen = review.sign("mara", number)
    assert (seen["state"], seen["outcome"], seen["waiting_on"]) == ("decided", "sanctioned", [])
    assert table.tool(tool)["governance"] == "sanctioned"
    assert not table.tool(tool)["shadow"]
    assert table.logs_hold() == 1
