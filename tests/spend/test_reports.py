"""What was spent by month, on what nobody decided on, and on tools that do the same thing."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from app.cli import cli
from app.clock import utc_now
from app.db import make_engine, upgrade, writing
from app.identify import default_knowledge_base
from app.joining import owners_of
from app.security.schemas import Caller, Role
from app.spend.overlap import Used, capability_map, side_by_side
from app.spend.schemas import ContractIn
from app.spend.service import Desk
from tests.spend.support import EMAIL, Company, Office


async def test_months_add_up_by_category_and_department(office: Office) -> None:
    company = office.company
    anna = company.person("Anna", "Brand")
    brevo, crm = company.tool("Brevo"), company.tool("Crm", category=None, audience="other")
    company.pays_monthly(brevo, date(2026, 11, 2), 3, department="Sales")
    company.pays(brevo, date(2026, 11, 3), minor=-900, state="refund", department="Sales")
    company.pays(brevo, date(2026, 11, 4), minor=77_000, state="declined")
    company.pays(brevo, date(2026, 11, 4), minor=88_000, state="pending")
    company.pays(brevo, date(2026, 11, 5), minor=99_000, replaced=True)
    company.pays(brevo, date(2025, 11, 30), minor=5_000)
    company.pays(crm, date(2026, 9, 9), minor=2_000, currency="EUR", department=None, account=anna)
    found = await office.get("/spend/months")
    assert (found["months"][0], found["months"][-1], len(found["months"])) == ("2025-12", "2026-11", 12)
    rows = {row["currency"]: row for row in found["rows"]}
    assert rows["USD"]["minor"][-3:] == [4900, 4900, 4000]
    assert (rows["USD"]["total_minor"], rows["EUR"]["total_minor"]) == (13_800, 2_000)
    longer = await office.get("/spend/months", months=13)
    assert {r["currency"]: r["total_minor"] for r in longer["rows"]} == {"USD": 18_800, "EUR": 2_000}
    by = {
        kind: {(r["name"], r["currency"]): r["total_minor"] for r in rows["rows"]}
        for kind in ("category", "department")
        if (rows := await office.get("/spend/months", by=kind))
    }
    assert by["category"] == {("No category yet", "EUR"): 2_000, (_email_in_words(), "USD"): 13_800}
    assert by["department"] == {("Brand", "EUR"): 2_000, ("Sales", "USD"): 13_800}
    only = await office.get("/spend/months", audience="other")
    assert [r["currency"] for r in only["rows"]] == ["EUR"]


def _email_in_words() -> str:
    return default_knowledge_base().categories[EMAIL].name


async def test_money_on_what_nobody_decided_on_is_listed_with_its_total(office: Office) -> None:
    company = office.company
    tools = {}
    for n, (name, governance) in enumerate(
        [("One", "unreviewed"), ("Two", "in_review"), ("Three", "sanctioned"), ("Four", "unreviewed")], 1
    ):
        tools[name] = company.tool(name, governance=governance)
        company.pays(tools[name], date(2026, 10, 1), minor=1_000 * n)
    company.pays(tools["Two"], date(2026, 10, 2), minor=500, currency="EUR")
    company.pays(tools["One"], date(2025, 9, 1), minor=50_000)
    company.tool("Free")
    company.assess(*tools.values())
    first = await office.get("/spend/unreviewed", limit=2)
    assert [(i["tool"]["name"], i["spend"]) for i in first["items"]] == [
        ("Four", [{"currency": "USD", "minor": 4_000}]),
        ("Two", [{"currency": "USD", "minor": 2_000}, {"currency": "EUR", "minor": 500}]),
    ]
    assert first["totals"] == [{"currency": "USD", "minor": 7_000}, {"currency": "EUR", "minor": 500}]
    rest = await office.get("/spend/unreviewed", limit=2, cursor=first["next"])
    assert [i["tool"]["name"] for i in rest["items"]] == ["One"]
    assert (rest["next"], rest["totals"]) == (None, first["totals"])


async def test_tools_that_do_the_same_are_set_side_by_side(office: Office) -> None:
    company = office.company
    anna, bo, cy = company.person("Anna"), company.person("Bo"), company.person("Cy")
    brevo = company.tool("Brevo", governance="sanctioned")
    mailer, old = company.tool("Mailer"), company.tool("Older", governance="sanctioned")
    other = company.tool("Other", category="CRM")
    company.tool("Strange", category=None)
    company.uses(brevo, anna, bo)
    company.uses(mailer, bo, cy)
    company.uses(other, cy)
    company.pays_yearly(brevo, date(2025, 12, 24), account=anna)
    company.pays(mailer, date(2026, 9, 1), minor=700, currency="EUR")
    company.owns("mara", brevo)
    company.assess(brevo, mailer, other)
    company.change(old, evidence="dormant", shadow=False)
    found = await office.get("/overlap")
    assert found["without_category"] == 1
    assert [(f["category"], f["tools"], f["people"], f["several"]) for f in found["items"]] == [
        (EMAIL, 2, 3, 1),
        ("CRM", 1, 1, 0),
    ]
    assert found["items"][0]["spend"] == [
        {"currency": "USD", "minor": 1_200_000},
        {"currency": "EUR", "minor": 700},
    ]
    assert [t["name"] for t in found["items"][0]["sanctioned"]] == ["Brevo", "Older"]
    assert [t["name"] for t in found["items"][0]["shadow"]] == ["Mailer"]
    assert (await office.get("/overlap", audience="other")) == {"items": [], "without_category": 0}
    one = await office.get(f"/overlap/{EMAIL}")
    assert (one["category_name"], one["people"], one["several"]) == (_email_in_words(), 3, 1)
    assert [(t["tool"]["name"], t["people"], t["shared_people"]) for t in one["tools"]] == [
        ("Brevo", 2, 1),
        ("Mailer", 2, 1),
        ("Older", 0, 0),
    ]
    assert one["tools"][0]["owners"] == [{"user_id": company.users["mara"], "name": "Mara"}]
    assert one["tools"][0]["renews_on"] == "2026-12-24"
    assert one["tools"][1]["shared_with"] == [{"tool": {"id": brevo, "name": "Brevo"}, "people": 1}]
    assert (await office.ask("rudi", "GET", "/overlap/NOTHING")).status_code == 404


USED = st.lists(
    st.builds(
        Used,
        id=st.integers(),
        name=st.text(max_size=3),
        category=st.sampled_from(["a", "b"]),
        governance=st.sampled_from(["unreviewed", "sanctioned", "retired"]),
        shadow=st.booleans(),
        in_use=st.booleans(),
        people=st.frozensets(st.integers(1, 6)),
        spend=st.dictionaries(st.sampled_from(["EUR", "USD"]), st.integers(-5, 5)),
    ),
    max_size=6,
    unique_by=lambda tool: tool.id,
)


@settings(max_examples=100, deadline=None)
@given(USED)
def test_nobody_is_counted_twice_and_sharing_is_mutual(tools: list[Used]) -> None:
    for field in capability_map(tools):
        own = [t for t in tools if t.category == field.category]
        people = set().union(*(t.people for t in own if t.in_use))
        assert field.people == len(people)
        assert field.several <= field.people
        assert sum(field.spend.values()) == sum(m for t in own for m in t.spend.values())
    beside = {b.tool.id: b for b in side_by_side(tools, shares=len(tools))}
    for one in beside.values():
        assert one.shared <= len(one.tool.people)
        assert (one.shared == 0) == (one.shares == ())
        for other, count in one.shares:
            assert count == len(one.tool.people & beside[other].tool.people)
            assert dict(beside[other].shares)[one.tool.id] == count
    assert side_by_side(tools, shares=len(tools), first=2) == list(beside.values())[:2]


# --- the command line ----------------------------------------------------------------------------


def run(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(cli, ["spend", *arguments])
    assert result.exit_code == status, result.output
    return result.stdout


def test_the_commands_print_what_the_api_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'penumbra.sqlite3'}"
    monkeypatch.setenv("PENUMBRA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PENUMBRA_DATABASE_URL", url)
    upgrade(url)
    engine = make_engine(url)
    company = Company(engine)
    assert "Nothing that is known renews within 90 days." in run("renewals")
    assert "No tool in use has a category." in run("overlap")
    assert "Nothing was paid in 12 months." in run("months")
    now = utc_now()
    tool = company.tool("Brevo")
    company.pays(tool, now.date(), minor=12_345)
    company.assess(tool, now=now)
    caller = Caller("ida", frozenset({Role.IT}), now, None, company.users["ida"])
    wanted: dict[str, Any] = {"starts_on": date(2026, 1, 1), "amount_minor": 5_000, "currency": "EUR"}
    on = now.date() + timedelta(days=14)
    with writing(engine) as connection:
        desk = Desk(connection, caller, owners_of, now)
        desk.enter(tool, ContractIn(**wanted, renews_on=on, notice_days=7))
    line = f"{on}  Brevo  renews in 14 days  50.00 EUR a year  notice by {on - timedelta(days=7)}"
    assert run("renewals", "--days", "14").strip() == line
    assert [r["tool"]["name"] for r in json.loads(run("renewals", "--json"))] == ["Brevo"]
    assert f"({EMAIL})  0 people" in run("overlap")
    assert "Brevo  unreviewed  shares 0  123.45 USD" in run("overlap", EMAIL)
    assert json.loads(run("overlap", "--json"))["items"][0]["category"] == EMAIL
    run("overlap", "NOTHING", status=2)
    assert f"{now:%Y-%m}  123.45 USD" in run("months", "--months", "2")
    assert json.loads(run("months", "--by", "category", "--json"))["rows"][0]["key"] == EMAIL
    engine.dispose()
