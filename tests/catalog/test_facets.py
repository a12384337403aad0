"""What is counted beside each value of a filter is what choosing that value then shows."""

import itertools
import time

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app import models
from app.catalog import service
from app.catalog.facets import facets
from app.catalog.queries import ToolFilter
from app.db import reading, writing
from app.errors import Forbidden
from app.security import users
from app.security.privacy import Veil
from app.security.schemas import Role, UserIn
from tests.conftest import NOW
from tests.support.seed import Seed

DEPARTMENTS = ("Marketing", "Sales", "Design")
OPEN = Veil()
GOVERNANCE = ("unreviewed", "in_review", "sanctioned")


@pytest.fixture
def owner(engine: Engine) -> int:
    """Sixty tools of all kinds; gives the user who owns some of them."""
    with writing(engine) as connection:
        made = Seed(connection)
        wanted = UserIn(email="mara@acme.example", name="Mara", roles=[Role.MARKETING])
        user = users.create_user(connection, wanted, actor="test", now=NOW).id
        sources = [made.source("corp"), made.source("cards", "ramp")]
        for n in range(60):
            tool = made.tool(
                f"Tool {n}",
                category=(None, "CRM", "Design")[n % 3],
                governance=GOVERNANCE[n % 3],
                audience=("marketing", "other")[n % 2],
                ownership=("unowned", "owned", "lapsed", "claimed")[n % 4],
                evidence=("active", "gone")[n % 5 == 0],
                grant_grade=(None, "low", "high")[n % 3],
                managed=n % 7 == 0,
                flagged=n % 2 == 0,
                people=n,
                listed=n != 59,
                search=f"tool {n}",
            )
            made.link(
                tool,
                sources=(sources[n % 2],) if n % 3 else tuple(sources),
                departments={DEPARTMENTS[n % 3]: 1, DEPARTMENTS[(n + 1) % 3]: 2},
            )
            if n % 4 == 1:
                connection.execute(
                    sa.insert(models.ownership_people).values(
                        tool_id=tool, user_id=user, part=("owner", "co_owner", "asked")[n % 3]
                    )
                )
    return user


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"flagged": True},
        {"audience": ["marketing"], "governance": ["unreviewed", "sanctioned"]},
        {"department": ["Sales"], "grade": ["high", "none"], "managed": False},
        {"q": "tool 1", "category": ["CRM"], "min_people": 5},
        {"category": ["Nothing of the kind"], "evidence": ["gone"]},
    ],
)
def test_each_count_is_what_choosing_the_value_shows(
    engine: Engine, owner: int, chosen: dict[str, object]
) -> None:
    query = ToolFilter.model_validate(chosen)
    with reading(engine) as connection:
        found = facets(connection, query, veil=OPEN)
        assert found.total == service.count_tools(connection, query, veil=OPEN)
        for name, counts in found.counts.items():
            assert 0 not in counts.values()
            for value, number in counts.items():
                only = value == "true" if name == "managed" else [value]
                alone = ToolFilter.model_validate({**chosen, name: only})
                assert number == service.count_tools(connection, alone, veil=OPEN), (name, value)
        # No value that a tool has is missing.
        for name, value in (("governance", "in_review"), ("department", "Design"), ("grade", "none")):
            alone = ToolFilter.model_validate({**chosen, name: [value]})
            assert found.counts[name].get(value, 0) == service.count_tools(connection, alone, veil=OPEN)


def test_tools_of_an_owner_are_those_owned_or_shared(engine: Engine, owner: int) -> None:
    with reading(engine) as connection:
        held = sa.select(models.ownership_people.c.tool_id).where(models.ownership_people.c.part != "asked")
        expected = set(connection.scalars(held))
        items, _ = service.tool_page(connection, ToolFilter(owner=[owner]), veil=OPEN, cursor=None, limit=100)
        assert {item["id"] for item in items} == expected
        assert 0 < len(expected) < 15
        assert facets(connection, ToolFilter(owner=[owner]), veil=OPEN).total == len(expected)
        assert facets(connection, ToolFilter(owner=[owner + 1]), veil=OPEN).total == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_department_that_is_too_small_is_not_counted_for(engine: Engine, owner: int) -> None:
    veil = Veil(key=b"x", fewest=5, sizes={"Marketing": 9, "Sales": 4, "Design": 5})
    with reading(engine) as connection:
        found = facets(connection, ToolFilter(), veil=veil)
        assert set(found.counts["department"]) == {"Marketing", "Design"}
        with pytest.raises(Forbidden):
            facets(connection, ToolFilter(department=["Sales"]), veil=veil)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_facets_of_many_tools_are_counted_quickly(engine: Engine) -> None:
    with writing(engine) as connection:
        made = Seed(connection)
        first = made.tool("Pattern", people=1)
        row = dict(connection.execute(sa.select(models.tools)).mappings().one())
        kinds = itertools.cycle(
            itertools.product(GOVERNANCE, ("unowned", "owned"), ("marketing", "other", "unsure"), range(40))
        )
        connection.execute(sa.delete(models.tools).where(models.tools.c.id == first))
        connection.execute(
            sa.insert(models.tools),
            [
                {
                    **row,
                    "id": n,
                    "key": f"k{n}",
                    "governance": g,
                    "ownership": o,
                    "audience": a,
                    "category": f"c{c}",
                }
                for n, (g, o, a, c) in zip(range(1, 20_001), kinds, strict=False)
            ],
        )
    with reading(engine) as connection:
        facets(connection, ToolFilter(), veil=OPEN)
        took = []
        for _ in range(5):
            began = time.thread_time()
            found = facets(connection, ToolFilter(audience=["marketing"]), veil=OPEN)
            took.append(time.thread_time() - began)
    assert found.counts["audience"]["other"] == 20_000 - found.total - found.counts["audience"]["unsure"]
    assert min(took) < 0.15
