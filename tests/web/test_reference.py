"""The API's description without a browser: all of it is there, true, light, and in the reader's words."""

import json
import re

import httpx
import pytest
from fastapi import FastAPI

from app.api.main import roles
from app.api.openapi import document
from app.security.schemas import Role
from app.web import api_reference
from app.web.api_words import TAG
from tests.security.test_roles import OPEN, table
from tests.security.test_sessions import browsing
from tests.support.browsing import HEAVIEST

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ASSETS = 40_000
"""More than the style, the scripts and the icon that the pages load."""


@pytest.fixture
async def reader(app: FastAPI, tokens: dict[Role, str]):
    async with browsing(app, tokens[Role.READER]) as client:
        yield client


async def shown(client: httpx.AsyncClient, address: str) -> str:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    assert len(answer.content) < HEAVIEST - ASSETS, address
    return answer.text


@ONE
async def test_every_operation_has_its_line_and_its_place(reader: httpx.AsyncClient, app: FastAPI) -> None:
    made = document(app)
    areas = {one["tags"][0] for item in made["paths"].values() for one in item.values()}
    assert areas == set(TAG)
    front = await shown(reader, "/api/docs")
    assert "http://penumbra.test/api/v1/tools?flagged=true&amp;limit=5" in front
    for area in TAG:
        text, names = await shown(reader, f"/api/docs/{area}"), await shown(reader, f"/api/docs/{area}/names")
        for path, item in made["paths"].items():
            for method, one in item.items():
                anchor = api_reference.anchor_of(method, path)
                assert front.count(f'"/api/docs/{one["tags"][0]}#{anchor}"') == 1
                assert text.count(f' id="{anchor}"') == (one["tags"][0] == area)
        known = set(re.findall(r' id="(\w+)" aria-labelledby', names))
        assert set(re.findall(rf'href="/api/docs/{area}/names#(\w+)"', text)) <= known
        assert set(re.findall(r'href="#(\w+)"', names)) - {"main"} <= known
    assert (await reader.get("/api/docs/nonsense")).status_code == 404
    assert "<html" in (await reader.get("/api/docs/nonsense/names")).text


@ONE
async def test_words_are_looked_for_without_a_script(reader: httpx.AsyncClient) -> None:
    found = await shown(reader, "/api/docs?q=tools+MERGE")
    assert 'href="/api/docs/teaching#post-tools-tool_id-merge"' in found
    assert "/api/docs/scans#" not in found
    nothing = await shown(reader, "/api/docs?q=%3Cb%3Enothing")
    assert "Nothing fits" in nothing
    assert "<b>nothing" not in nothing


@ONE
async def test_a_change_is_told_with_all_that_it_takes(reader: httpx.AsyncClient) -> None:
    text = await shown(reader, "/api/docs/teaching")
    own = text.split(' id="post-tools-tool_id-merge"')[1].split("</section>")[0]
    for part in ("tool_id", "If-Match", "<code>into</code>", "needed", "Marketing", "<code>412</code>"):
        assert part in own, part
    curl = own.split("<pre")[1].split("<code>")[1].split("</code>")[0]
    assert (
        "curl -X POST -H &#34;Authorization: Bearer $TOKEN&#34; -H &#39;If-Match: &#34;v1&#34;&#39;" in curl
    )
    assert "&#34;http://penumbra.test/api/v1/tools/1/merge&#34;" in curl


@ONE
def test_the_examples_send_what_the_description_allows(app: FastAPI) -> None:
    made = document(app)
    for one in api_reference.operations(made, {}):
        assert "{" not in one.curl.split('"\0')[1], one.curl
        if one.sent:
            body = json.loads(re.search(r"-d '(.*)' \\\n", one.curl)[1])  # type: ignore[index]
            assert {field.name for field in one.sent if field.required} <= set(body), one.curl
            assert set(body) <= {field.name for field in one.sent}, one.curl


def test_the_roles_that_are_shown_are_those_of_the_table() -> None:
    shown_ = roles()
    for key, who in table().items():
        asked = shown_.get(key, frozenset())
        if who == OPEN or who == "everybody":
            assert asked <= {Role.READER}, key
        else:
            assert {*asked, Role.ADMIN} == {*(Role(name) for name in who.split(", ")), Role.ADMIN}, key


@ONE
async def test_it_is_for_people_who_are_logged_in(app: FastAPI) -> None:
    async with browsing(app) as nobody:
        for address in ("/api/docs", "/api/docs/claims", "/api/docs/claims/names"):
            assert (await nobody.get(address)).headers["location"] == f"/login?next={address}"
