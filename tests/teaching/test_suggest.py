"""What looks like one tool is offered with reasons; what is told apart, or was, is not."""

import random
from typing import Any

import httpx
import pytest
from sqlalchemy.engine import Engine

from app.db import writing
from app.identify import default_knowledge_base
from app.teaching import offers, repository
from app.teaching.handles import host_of
from app.teaching.suggest import Known, suggest
from tests.support import seed
from tests.teaching.test_api import taught

KB = default_knowledge_base()


def tool(id_: int, name: str, **more: Any) -> Known:
    for several in ("hosts", "publishers"):
        more[several] = frozenset(more.get(several, ()))
    return Known(id_, name, **more)


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (tool(1, "Frobnix"), tool(2, "FROBNIX, Inc."), ["Both are called"]),
        (tool(1, "Frobnix"), tool(2, "Frobnix Reports"), ["begins with the name “Frobnix”"]),
        (
            tool(1, "Frobnix", domain="frobnix.io"),
            tool(2, "Quibbler", hosts=["app.frobnix.io"]),
            ["at home at frobnix.io"],
        ),
        (
            tool(1, "Frobnix", hosts=["eu.frobnix.io"]),
            tool(2, "Quibbler", hosts=["eu.frobnix.io"]),
            ["entered at eu.frobnix.io"],
        ),
        (
            tool(1, "Frobnix", vendor="Zzyx Labs"),
            tool(2, "Frobnyx", publishers=["Zzyx Labs, Inc."]),
            ["nearly the same name", "published by Zzyx Labs, Inc., the maker of “Frobnix”"],
        ),
        (
            tool(1, "HubSpot", product="hubspot", domain="hubspot.com", vendor="HubSpot"),
            tool(2, "HubSpot Leads", publishers=["HubSpot"]),
            ["begins with the name", "published by HubSpot"],
        ),
    ],
)
def test_what_looks_like_one_is_offered(one: Known, other: Known, words: list[str]) -> None:
    found = suggest([one, other], KB)
    assert [{s.tool, s.other} for s in found] == [{1, 2}]
    for word in words:
        assert any(word in reason for reason in found[0].reasons), found[0].reasons
    assert 0.55 <= found[0].score < 1
    assert suggest([one, other], KB, {(1, 2)}) == []
    assert suggest([one, other], KB, only=2) == found
    assert suggest([one, other, tool(3, "Else")], KB, only=3) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (tool(1, "Frobnix"), tool(2, "Quibbler")),
        (tool(1, "Frobnix"), tool(2, "Frobnyx")),  # nearly the same name, and nothing else
        (tool(1, "Frobnix", domain="frobnix.io"), tool(2, "Frobnix", domain="frobnix.com")),
        (tool(1, "HubSpot", product="hubspot"), tool(2, "HubSpot Ads", product="hubspot-ads")),
        (tool(1, "Canva", product="canva"), tool(2, "Canva Helper")),
        (tool(1, "One", hosts=["docs.google.com"]), tool(2, "Two", hosts=["mail.google.com"])),
        (tool(1, "Ab"), tool(2, "Ab Cd")),
    ],
)
def test_one_weak_sign_is_none(one: Known, other: Known) -> None:
    assert suggest([one, other], KB) == []


def test_a_misspelt_product_is_offered_with_a_warning() -> None:
    known = [tool(1, "Mailchimpp"), tool(2, "HubSpot", product="hubspot"), tool(3, "Hubspott")]
    found = {(s.tool, s.other, s.product) for s in suggest(known, KB)}
    assert found == {(1, None, "mailchimp"), (3, 2, None)}
    assert all("look-alikes" in s.reasons[0] for s in suggest(known, KB))
    assert {s.tool for s in suggest(known, KB, {(1, "mailchimp")})} == {3}
    assert suggest([tool(1, "Mailchimpp", domain="mailchimpp.ru")], KB) == []


def test_what_very_many_share_says_nothing() -> None:
    many = [tool(n, f"Zorquand{n}", hosts=["sso.portal.example.com"]) for n in range(1, 200)]
    assert suggest(many, KB) == []


_NAMES = (
    "Frobnix",
    "Frobnix Reports",
    "Frobnyx Inc",
    "Fro Bnix",
    "Quibbler",
    "Hubspott",
    "HubSpot",
    "Ab",
    "–",
)
_HOSTS = (
    "https://App.Frobnix.IO/login",
    "eu.frobnix.io",
    "x@quibbler.example.com",
    "acme.sharepoint.com",
    "bücher.de",
    "xn--bcher-kva.de",
    "\tfrobnix.io",
    "frob\nnix.io",
    "hubspot.com",
)
_MAKERS = (None, "Zzyx Labs", "Zzyx Labs, Inc.", "HubSpot", "Quibbler GmbH")


def test_one_tool_is_offered_what_it_is_among_all(engine: Engine) -> None:
    """What is read for one tool is less than all, and what is said of it is the same."""
    chance = random.Random(11)
    few: list[int] = []
    pairs: set[tuple[int, int | None]] = set()
    with writing(engine) as connection:
        made = seed.Seed(connection)
        source = made.source()
        for n in range(90):
            name = chance.choice(_NAMES) if n % 3 else f"{chance.choice('bdgkmp')}orvat{n} Suite"
            made_at = chance.choice((None, "frobnix.io", "quibbler.example.com", "hubspot.com", "bücher.de"))
            tool = made.tool(name, vendor=chance.choice(_MAKERS), domain=made_at)
            for _ in range(chance.randrange(3)):
                handles = [["app_name", name], ["domain", chance.choice(_HOSTS)]]
                made.app(source, tool, name, identifiers=handles, publisher=chance.choice(_MAKERS))
        for n in range(70):  # more than may share one thing
            tool = made.tool(f"Portal {n}")
            made.app(source, tool, f"Portal {n}", identifiers=[["domain", "sso.portal.example.org"]])
        # Each with one sign by which it is found.
        crm = made.tool("Our CRM", key="kb:hubspot", vendor="Theirs")
        misspelt = made.tool("Hubsspot")
        for n in range(70):
            made.tool(f"{n}mass", vendor="Mass Labs")
        massive, other = made.tool("Glimtor", vendor="Mass Labs"), made.tool("Glimtar")
        made.app(source, other, "Glimtar", publisher="Mass Labs")
        spaced, joined = made.tool("Mo Nocle"), made.tool("Monocle")
        apart = made.tool("Xylograph", vendor="Nobody else")
        rows = repository.listed_tools(connection)
        everything = [
            tool_read(row, [a for a in repository.app_traits(connection) if a.tool_id == row.id])
            for row in rows
        ]
        for row in rows:
            said = suggest(everything, KB, only=row.id)
            given = offers.suggestions(connection, KB, tool_id=row.id, limit=1000).items
            assert [(s.tool.id, s.other and s.other.id, s.product, s.score, s.reasons) for s in given] == [
                (s.tool, s.other, s.product, s.score, list(s.reasons)) for s in said
            ]
            few.append(len(given))
            pairs |= {(row.id, s.other.id) for s in given if s.other}
        near = repository.tools_that_may_share(connection, ["nowhere.example"])
    assert apart not in near
    assert (misspelt, crm) in pairs
    assert (crm, crm) in pairs
    assert (spaced, joined) in pairs
    assert (massive, other) not in pairs
    assert sum(few) > 200, "there is something to compare"
    assert few[-1] == 0


def tool_read(row: Any, traits: list[Any]) -> Known:
    return tool(
        row.id,
        row.name,
        vendor=row.vendor,
        domain=row.domain,
        product=row.key.removeprefix("kb:") if row.key.startswith("kb:") else None,
        hosts={host_of(v) for a in traits for k, v in a.identifiers if k == "domain"} - {""},
        publishers={a.publisher for a in traits if a.publisher},
    )


async def test_suggestions_over_http_are_never_applied_and_stay_dismissed(
    client: httpx.AsyncClient, engine: Engine
) -> None:
    with writing(engine) as connection:
        made = seed.Seed(connection)
        source = made.source()
        one, other = (made.tool(n, identity="unidentified") for n in ("Frobnix", "Frobnix Reports"))
        made.app(source, one, "Frobnix")
        made.app(source, other, "Frobnix Reports")
    for address in ("/api/v1/suggestions", f"/api/v1/tools/{one}/suggestions"):
        items = (await client.get(address)).json()["items"]
        assert [(s["tool"]["id"], s["other"]["id"]) for s in items] == [(one, other)]
    assert (await client.get(f"/api/v1/tools/{other}")).status_code == 200
    done = await taught(client, f"/tools/{other}/keep-apart", tool=one, reason="two products")
    assert (await client.get("/api/v1/suggestions")).json()["items"] == []
    await client.post(f"/api/v1/teachings/{done['teaching']['id']}/undo", json={})
    assert len((await client.get("/api/v1/suggestions")).json()["items"]) == 1
    first = (await client.get("/api/v1/suggestions?limit=1")).json()
    assert first["next"] is None
    assert (await client.get("/api/v1/suggestions?cursor=x")).status_code == 422
