"""The pages without a browser: sessions, forms that are ours, what is escaped, errors that are pages."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app.db import writing
from app.security.schemas import Role
from app.security.service import CACHE_SECONDS, revoke_token
from app.web.access import local_path
from app.web.sessions import COOKIE
from app.web.tool_filters import read
from tests.support import seed
from tests.support.seed import Company, Seed


@pytest.fixture
def company(engine: Engine) -> Company:
    with writing(engine) as connection:
        return seed.company(connection)


@pytest.fixture
async def visitor(app: FastAPI, tokens: dict[Role, str]) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of somebody in IT, logged in."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=True), base_url="http://penumbra.test"
    ) as client:
        answer = await client.post("/login", data={"token": tokens[Role.IT]})
        assert answer.status_code == 303
        yield client


def form_secret(page: str) -> str:
    return page.split('name="form_secret" value="')[1].split('"', maxsplit=1)[0]


async def test_the_cookie_holds_no_token_and_is_not_for_scripts(
    anonymous: httpx.AsyncClient, tokens: dict[Role, str]
) -> None:
    answer = await anonymous.post("/login", data={"token": f" {tokens[Role.READER]} ", "next": "/tools?q=a"})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert tokens[Role.READER] not in cookie
    assert answer.headers["location"] == "/tools?q=a"


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", "x", "", "/a\nb", "//["]
)
def test_a_login_leads_nowhere_else(target: str) -> None:
    assert local_path(target) == "/"


async def test_a_login_is_asked_for_and_leads_back(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/tools?q=a%26b")
    assert answer.headers["location"] == "/login?next=/tools%3Fq%3Da%2526b"
    page = await anonymous.get(answer.headers["location"])
    assert 'name="next" value="/tools?q=a%26b"' in page.text
    for token in ("", "pen_wrong"):
        answer = await anonymous.post("/login", data={"token": token})
        assert (answer.status_code, 'role="alert"' in answer.text) == (401, True)


async def test_a_form_from_elsewhere_is_refused(
    visitor: httpx.AsyncClient, company: Company, tokens: dict[Role, str]
) -> None:
    address = f"/tools/{company.canva}/it-list"
    secret = form_secret((await visitor.get(f"/tools/{company.canva}")).text)
    form = {"version": "1", "on_it_list": "true", "form_secret": secret}
    assert (await visitor.post(address, data={**form, "form_secret": "guess"})).status_code == 403
    assert (await visitor.post(address, data={"version": "1"})).status_code == 403
    for header in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://["},
    ):
        assert (await visitor.post(address, data=form, headers=header)).status_code == 403
        assert (
            await visitor.post("/login", data={"token": tokens[Role.IT]}, headers=header)
        ).status_code == 403
    done = await visitor.post(address, data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert done.headers["location"] == f"/tools/{company.canva}"
    assert "Run by IT" in (await visitor.get(f"/tools/{company.canva}")).text
    stale = await visitor.post(address, data=form)
    assert (stale.status_code, "tool was changed since you opened it. Open it" in stale.text) == (412, True)
    assert " at v" not in stale.text, "a version’s number is for programs"


async def test_logging_out_ends_the_session(visitor: httpx.AsyncClient) -> None:
    cookie = visitor.cookies[COOKIE]
    secret = form_secret((await visitor.get("/tools")).text)
    assert (await visitor.post("/logout", data={"form_secret": secret})).status_code == 303
    visitor.cookies.set(COOKIE, cookie)
    assert (await visitor.get("/tools")).status_code == 303


async def test_a_revoked_token_ends_its_sessions(
    app: FastAPI, engine: Engine, visitor: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await visitor.get("/tools")).status_code == 200
    with writing(engine) as connection:
        revoke_token(connection, "it token", actor="test")
    gate = app.state.penumbra.sessions
    before = gate._monotonic()
    monkeypatch.setattr(gate, "_monotonic", lambda: before + CACHE_SECONDS)
    assert (await visitor.get("/tools")).status_code == 303


async def test_marketing_reads_but_does_not_set_its_list(
    anonymous: httpx.AsyncClient, company: Company, tokens: dict[Role, str]
) -> None:
    await anonymous.post("/login", data={"token": tokens[Role.MARKETING]})
    page = (await anonymous.get(f"/tools/{company.canva}")).text
    assert "Put it on IT" not in page
    form = {"version": "1", "on_it_list": "true", "form_secret": form_secret(page)}
    assert (await anonymous.post(f"/tools/{company.canva}/it-list", data=form)).status_code == 403


async def test_names_from_vendors_are_text_and_nothing_else(
    visitor: httpx.AsyncClient, engine: Engine
) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    with writing(engine) as connection:
        writer = Seed(connection)
        tool = writer.tool(evil, vendor=evil, category=evil, flagged_reasons=[evil], search=evil.lower())
        source = writer.source()
        app_ = writer.app(source, tool, evil, why=evil)
        account = writer.account(source, writer.person(evil, department=evil))
        writer.grant(source, app_, account, evil)
        writer.link(tool, sources=(source,), departments={evil: 1})
    for address in (f"/tools/{tool}", "/tools", "/tools?q=%3Cscript%3Ealert"):
        text = (await visitor.get(address)).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "&lt;script&gt;" in text


async def test_wrong_filters_are_said_and_the_rest_still_works(
    visitor: httpx.AsyncClient, company: Company
) -> None:
    page = await visitor.get(
        "/tools?view=all&min_people=lots&min_spend=1e999&sort=price&nonsense=1&q=hubspot"
    )
    assert page.status_code == 200
    for said in ("People from", "Spend in 12 months from", "Sort by", "nonsense"):
        assert f"{said}:" in page.text
    assert "<b>1 tool</b>" in page.text
    old = await visitor.get("/tools?view=all&cursor=abc")
    assert "That page is no longer there" in old.text


async def test_errors_are_pages_for_people(visitor: httpx.AsyncClient) -> None:
    for address in ("/nothing", "/tools/999999", "/tools/abc", f"/tools/{2**63}"):
        answer = await visitor.get(address)
        assert answer.status_code == 404, address
        assert "<h1>Not found</h1>" in answer.text
    assert (await visitor.get("/static/none.css")).status_code == 404
    assert (await visitor.get("/static/../pages.py")).status_code in {403, 404}


def test_the_list_opens_on_what_waits_and_a_search_looks_everywhere() -> None:
    assert read([]).query.flagged is True
    assert read([("q", "figma")]).query.flagged is None
    assert read([("sort", "name")]).view == "flagged"
    chosen = read([("view", "all"), ("category", "CRM"), ("min_spend", "1,200.50"), ("evidence", "")])
    assert (chosen.view, chosen.narrowed, chosen.query.min_spend) == ("all", 2, 120050)
    assert chosen.link(sort="name") == "/tools?view=all&category=CRM&min_spend=1%2C200.50&sort=name"


async def test_the_page_of_a_merged_tool_leads_to_what_it_became(
    visitor: httpx.AsyncClient, client: httpx.AsyncClient, company: Company
) -> None:
    merged = await client.post(
        f"/api/v1/tools/{company.canva}/merge", json={"into": company.hubspot}, headers={"If-Match": '"v1"'}
    )
    assert merged.status_code == 201, merged.text
    answer = await visitor.get(f"/tools/{company.canva}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/tools/{company.hubspot}")
    assert (
        "Merged from “Canva” by admin token"
        in (await visitor.get(f"/tools/{company.hubspot}?tab=evidence")).text
    )
