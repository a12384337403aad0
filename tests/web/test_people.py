"""People and permissions as pages: what they show, to whom, and what a wrong filter comes to."""

from collections.abc import Iterator

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app import models
from app.db import writing
from app.main import create_app
from app.security import users
from app.security.schemas import Role, UserIn
from app.security.service import create_token
from app.settings import Settings
from tests.conftest import NOW
from tests.support import seed
from tests.support.seed import Company
from tests.support.serving import caller, served

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def company(engine: Engine) -> Company:
    with writing(engine) as connection:
        return seed.company(connection)


@pytest.fixture
def reader(settings: Settings, engine: Engine, tokens: dict[Role, str]) -> Iterator[httpx.Client]:
    app = create_app(settings, engine, clock=lambda: NOW)
    with served(app) as url, caller(url) as client:
        assert client.post("/login", data={"token": tokens[Role.READER]}).status_code == 303
        yield client


def page(client: httpx.Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_nothing_is_there_yet(reader: httpx.Client) -> None:
    assert "Nobody is known yet" in page(reader, "/people")
    assert "No permission is known yet" in page(reader, "/grants")
    assert "Somebody of IT adds a source" in page(reader, "/grants")


def test_a_leaver_stands_out_with_what_to_do(reader: httpx.Client, company: Company) -> None:
    listed = page(reader, "/people?active=false&access=true")
    assert "Lee Dorn" in listed
    assert "Anna Berg" not in listed
    assert "Left, with live access" in listed
    one = page(reader, f"/people/{company.leaver}")
    assert "Has left, and access is still in force" in one
    assert "End this permission in corp." in one
    assert "Ask IT to do it." in one
    assert f'href="/tools/{company.hubspot}"' in one
    anna = page(reader, f"/people/{company.anna}")
    assert "access is still in force" not in anna
    assert "$49.00" in anna
    assert "4 Sept 2026" in anna  # when she first gave HubSpot a permission
    assert reader.get("/people/987654").status_code == 404


def test_the_order_of_people(reader: httpx.Client, company: Company) -> None:
    del company
    by_tools = page(reader, "/people?sort=-tools")
    assert by_tools.index("Anna Berg") < by_tools.index("Lee Dorn")
    assert "Nobody fits" in page(reader, "/people?q=nobody+there")


def test_the_tools_that_somebody_answers_for(reader: httpx.Client, company: Company, engine: Engine) -> None:
    with writing(engine) as connection:
        wanted = UserIn(email="anna@acme.example", name="Anna Berg", roles=[Role.MARKETING])
        user = users.create_user(connection, wanted, actor="test", now=NOW).id
        for tool_id in (company.canva, company.hubspot):
            part = "owner" if tool_id == company.canva else "asked"
            connection.execute(
                sa.insert(models.ownership_people).values(tool_id=tool_id, user_id=user, part=part)
            )
    text = page(reader, f"/people/{company.anna}").split('id="h-owned"')[1]
    assert "Canva" in text.split("</section>")[0]
    assert "HubSpot" not in text.split("</section>")[0]
    assert "owns no tool" in page(reader, f"/people/{company.leaver}")


def test_what_would_tell_a_pseudonym_is_left_out(
    settings: Settings, engine: Engine, company: Company
) -> None:
    with writing(engine) as connection:
        wanted = UserIn(email="anna@acme.example", name="Anna Berg", roles=[Role.MARKETING])
        user = users.create_user(connection, wanted, actor="test", now=NOW).id
        connection.execute(
            sa.insert(models.ownership_people).values(tool_id=company.canva, user_id=user, part="owner")
        )
        _, token = create_token(connection, "a reader's", Role.READER, actor="test", now=NOW)
    app = create_app(settings.model_copy(update={"privacy": "pseudonyms"}), engine, clock=lambda: NOW)
    with served(app) as url, caller(url) as client:
        assert client.post("/login", data={"token": token}).status_code == 303
        for sort in ("name", "-tools", "-grade"):
            text = page(client, f"/people?sort={sort}")
            assert "Anna" not in text
            assert text.count("Person ") >= 3
            assert "fewer than 5" in text
            pseudonym = text.split("Person ", 1)[1][:9]
            found = page(client, f"/people?sort={sort}&q={pseudonym}")
            assert found.count('<th scope="row"><a href="/people/') == 1
        one = page(client, f"/people/{company.anna}")
        assert "Answers for" not in one
        assert "Anna" not in one
        assert "Anna" not in page(client, f"/grants?person={company.anna}")
        assert "Anna" not in page(client, "/people?q=anna")
        assert client.get("/people?department=Marketing").status_code == 403


def test_permissions_are_found_by_filters(reader: httpx.Client, company: Company) -> None:
    listed = page(reader, "/grants?leavers=true&grade=high&allows=read+mail")
    assert "Lee Dorn" in listed
    assert "Anna Berg" not in listed
    assert "<b>1 permission</b>" in listed
    assert "<b>1 permission</b>" in page(reader, f"/grants?person={company.anna}")
    assert "No permission fits" in page(reader, "/grants?data=ads")
    assert "no sign-in seen" in listed
    assert "2 days ago" in page(reader, f"/grants?person={company.anna}")


def test_a_wrong_filter_is_left_out_and_said(reader: httpx.Client, company: Company) -> None:
    del company
    text = page(reader, "/grants?grade=awful&tool=x&view=upside+down")
    assert "Impact: this value is not possible, so it was left out." in text
    assert "Tool: this value is not possible, so it was left out." in text
    assert "<b>2 permissions</b>" in text
    for address in ("/grants?cursor=abc", "/grants?view=tool&cursor=abc", "/people?cursor=abc"):
        assert "That page is no longer there" in page(reader, address)
    assert "Order: this value is not possible" in page(reader, "/people?sort=height")


def test_views_of_the_same_permissions(reader: httpx.Client, company: Company) -> None:
    by_tool = page(reader, "/grants?view=tool")
    assert "2 times" in by_tool
    by_permission = page(reader, "/grants?view=permission")
    assert "read all your e-mail" in by_permission
    assert "1 of somebody who left" in by_permission
    reach = page(reader, "/grants?view=map")
    assert f'href="/grants?tool={company.hubspot}&amp;data=mail"' in reach
    assert "Name and address" in reach
    assert "Files" not in reach.split('class="reach"')[1]


def test_names_are_escaped(reader: httpx.Client, company: Company, engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(sa.update(models.people).values(name=EVIL, title=EVIL, department=EVIL))
        connection.execute(sa.update(models.tools).values(name=EVIL))
        connection.execute(sa.update(models.apps).values(name=EVIL, publisher=EVIL))
        connection.execute(sa.update(models.grants).values(scopes=[EVIL]))
    for address in (
        "/people",
        f"/people/{company.leaver}",
        "/grants",
        f"/grants?tool={company.hubspot}",
        "/grants?view=tool",
        "/grants?view=permission",
        "/grants?view=map",
    ):
        text = page(reader, address)
        assert EVIL not in text
        assert "&lt;script&gt;" in text
