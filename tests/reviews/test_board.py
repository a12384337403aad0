"""The scoreboard over the API: each number, the period before, and the list behind it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from typer.testing import CliRunner

from app import models
from app.cli import cli
from app.db import writing
from app.security.schemas import Role
from app.settings import Settings
from tests.reviews.support import MONDAY, Review, Table, table_of
from tests.support.seed import Seed


@pytest.fixture
def table(engine: Engine, settings: Settings) -> Iterator[Table]:
    with table_of(engine, settings) as table:
        table.person("ida", Role.IT)
        table.person("mara", Role.MARKETING)
        for name in ("hubspot", "canva"):  # what they are is worked out anew with every deed
            table.set_tool(getattr(table.company, name), key=f"kb:{name}")
        yield table


def get(table: Table, address: str, name: str = "mara") -> Any:
    answer = table.clients[name].get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()


def board(table: Table, query: str = "", *, walked: bool = False) -> dict[str, Any]:
    """The scoreboard; if it is `walked`, each number in it is held against its list, page by page."""
    found = get(table, f"/api/v1/reviews/scoreboard{query}")
    if not walked:
        return found
    assert found == get(table, f"/api/v1/reviews/scoreboard{query}", "ida")
    shares = [*found["shares"], *found["vacuum"], found["unreviewed_spend"]]
    for part in [part for share in shares for part in (share["now"], share["before"])]:
        assert len(walk(table, part["counted"])) == part["count"], part
        assert (part["share"] is None) == (part["n"] == 0) == (part["why"] is not None)
    for span in [span for time in found["times"] for span in (time["now"], time["before"])]:
        assert len(walk(table, span["counted"])) == span["n"], span
        assert (span["median_s"] is None) == (span["n"] == 0) == (span["why"] is not None)
    for side in found["conditions"]:
        for state, address in side["counted"].items():
            assert len(walk(table, address)) == side[state]
    for spread in found["waited"]:
        assert len(get(table, spread["counted"])["items"]) >= spread["reviews"]
    return found


def claim(table: Table, tool: int) -> None:
    answer = table.clients["mara"].post(f"/api/v1/tools/{tool}/ownership/claim", headers={"If-Match": '"v0"'})
    assert answer.status_code == 200, answer.text


def walk(table: Table, address: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = get(table, f"{address}&limit=1" + (f"&cursor={cursor}" if cursor else ""))
        items += page["items"]
        cursor = page["next"]
    return items


def named(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {one["number"]: one for one in found}


def test_a_company_without_anything_has_reasons_instead_of_numbers(engine: Engine, table: Table) -> None:
    with writing(engine) as connection:
        for name in ("tool_departments", "tool_sources", "tool_identifiers", "expenses", "merchants", "apps"):
            connection.execute(sa.delete(models.metadata.tables[name]))
        connection.execute(sa.delete(models.tools))
    found = board(table, walked=True)
    assert all(s["now"]["share"] is None for s in (*found["shares"], *found["vacuum"]))
    assert {t["now"]["why"] for t in found["times"]} == {
        "No tool was flagged for the first time in these days.",
        "No tool was claimed for the first time in these days.",
        "No tool was decided on for the first time in these days.",
    }
    assert [c["kept_share"] for c in found["conditions"]] == [None, None]


def test_how_long_it_took_to_flag_claim_and_decide(table: Table) -> None:
    hubspot = table.company.hubspot
    claim(table, hubspot)
    table.pass_time(days=2)
    Review(table, hubspot).decide()
    found = board(table)
    tool = table.tool(hubspot)
    times = named(found["times"])
    flagged = int((tool["flagged_at"] - tool["first_seen"]).total_seconds())
    # Both of the company's marketing tools were flagged on the same day.
    assert (times["flagged"]["now"]["n"], times["flagged"]["now"]["median_s"]) == (2, flagged)
    since_seen = int((MONDAY - tool["first_seen"]).total_seconds())
    assert times["claimed"]["now"]["median_s"] == since_seen
    assert times["decided"]["now"]["p90_s"] == since_seen + 2 * 86_400
    (item,) = walk(table, times["decided"]["now"]["counted"])
    assert (item["tool"]["id"], item["review"]) == (hubspot, 1)
    # In a period after all that the same stands in brackets.
    later = named(board(table, "?from=2026-11-26&to=2026-12-01", walked=True)["times"])
    assert [later[n]["now"]["n"] for n in ("flagged", "claimed", "decided")] == [0, 0, 0]
    assert [later[n]["before"]["n"] for n in ("claimed", "decided")] == [1, 1]


def test_what_was_merged_away_was_flagged_when_it_was(table: Table) -> None:
    hubspot, canva = table.company.hubspot, table.company.canva
    table.set_tool(canva, flagged_at=datetime(2026, 9, 5, tzinfo=UTC))
    taught = merge(table, canva, hubspot)
    flagged = named(board(table)["times"])["flagged"]["now"]
    assert flagged["n"] == 1
    (item,) = walk(table, flagged["counted"])
    assert (item["tool"]["id"], item["at"][:10]) == (hubspot, "2026-09-05")
    undone = table.clients["mara"].post(f"/api/v1/teachings/{taught}/undo", json={"reason": "not so"})
    assert undone.status_code == 200, undone.text
    assert named(board(table)["times"])["flagged"]["now"]["n"] == 2


def test_shares_and_what_was_done_in_a_vacuum(engine: Engine, table: Table) -> None:
    hubspot, canva = table.company.hubspot, table.company.canva
    claim(table, canva)
    version = table.tool(canva)["version"]
    listed = table.clients["ida"].patch(
        f"/api/v1/tools/{canva}", json={"on_it_list": True}, headers={"If-Match": f'"v{version}"'}
    )
    assert listed.status_code == 200, listed.text
    with writing(engine) as connection:
        app = connection.scalar(sa.select(models.apps.c.id).where(models.apps.c.tool_id == hubspot))
        assert app is not None
        Seed(connection).grant(
            table.company.okta, app, None, "email", ref="all", consent="admin", granted_at=MONDAY
        )
    found = board(table, walked=True)
    parts = {one["number"]: one["now"] for one in (*found["shares"], *found["vacuum"])}
    assert {name: (p["count"], p["n"]) for name, p in parts.items()} == {
        "claimed_share": (1, 2),
        "jointly_decided": (0, 2),
        "bought_undecided": (1, 1),
        "approved_alone": (2, 2),
        "one_side": (1, 1),
    }
    bought = parts["bought_undecided"]
    assert (bought["times"], bought["spend_minor"]) == (2, {"USD": 9800})
    assert found["unreviewed_spend"]["now"]["spend_minor"] == {"EUR": -1250, "USD": 9800}
    whys = {i["tool"]["id"]: i["what"] for i in walk(table, parts["approved_alone"]["counted"])}
    assert whys == {
        canva: "It was put on IT's list.",
        hubspot: "An administrator approved it for everybody.",
    }

    # A decision of both ends that: what is paid afterwards is not held against anybody.
    Review(table, hubspot).decide()
    table.pass_time(days=10)
    with writing(engine) as connection:
        Seed(connection).expense(table.company.ramp, hubspot, ref="later", occurred_on=date(2026, 12, 2))
    later = board(table, "?from=2026-12-01&to=2026-12-03")
    vacuum, shares = named(later["vacuum"]), named(later["shares"])
    assert (vacuum["bought_undecided"]["now"]["count"], vacuum["bought_undecided"]["now"]["n"]) == (0, 1)
    assert [shares["jointly_decided"][when]["count"] for when in ("now", "before")] == [1, 1]
    assert later["unreviewed_spend"]["now"]["spend_minor"] == {}
    year = named(board(table)["vacuum"])
    assert year["bought_undecided"]["now"]["times"] == 2, "what was paid before it still counts"

    # Looked at again, it is undecided again.
    Review(table, hubspot, cause="reopened")
    with writing(engine) as connection:
        Seed(connection).expense(table.company.ramp, hubspot, ref="last", occurred_on=date(2026, 12, 5))
    table.pass_time(days=5)
    again = named(board(table, "?from=2026-12-01&to=2026-12-06")["vacuum"])
    assert again["bought_undecided"]["now"]["spend_minor"] == {"USD": 4900}


def test_a_teaching_that_makes_a_tool_part_of_a_decided_one_is_an_approval(table: Table) -> None:
    hubspot, canva = table.company.hubspot, table.company.canva
    Review(table, hubspot).decide()
    table.pass_time(hours=1)
    merge(table, canva, hubspot)
    part = named(board(table)["vacuum"])["approved_alone"]["now"]
    assert (part["count"], part["n"]) == (1, 2)
    (item,) = walk(table, part["counted"])
    assert (item["tool"]["id"], "part of “HubSpot" in item["what"]) == (canva, True)


def merge(table: Table, tool: int, into: int) -> int:
    version = table.tool(tool)["version"]
    done = table.clients["mara"].post(
        f"/api/v1/tools/{tool}/merge",
        json={"into": into, "reason": "the same"},
        headers={"If-Match": f'"v{version}"'},
    )
    assert done.status_code == 201, done.text
    number = done.json()["teaching"]["id"]
    assert isinstance(number, int)
    return number


def test_promises_and_waiting_by_period_and_department(table: Table) -> None:
    hubspot = table.company.hubspot
    table.set_tool(hubspot, ownership="owned")
    review = Review(table, hubspot)
    promise = {"side": "it", "owner_user_id": table.users["ida"], "text": "SSO", "due": "2026-12-31"}
    review.decide(outcome="sanctioned_with_conditions", conditions=[promise])
    kept = board(table)["conditions"][0]
    assert (kept["side"], kept["open"], kept["kept_share"]) == ("it", 1, None)
    table.pass_time(days=1)
    review.ok("ida", "conditions/1/keep", note="done")
    kept = board(table)["conditions"][0]
    assert (kept["open"], kept["kept"], kept["n"], kept["kept_share"]) == (0, 1, 1, 1.0)
    (item,) = walk(table, kept["counted"]["kept"])
    assert (item["what"], item["review"]) == ("SSO", review.id)
    before = board(table, "?from=2026-11-23&to=2026-11-23")["conditions"][0]
    assert (before["open"], before["kept"]) == (1, 0), "on that day it was open"
    after = board(table, "?from=2026-11-25&to=2026-11-26")["conditions"][0]
    assert (after["kept"], after["before"]["kept"]) == (0, 1)

    theirs = board(table, "?department=Marketing", walked=True)
    assert (theirs["decided"], theirs["tools_decided"]) == ({"sanctioned_with_conditions": 1}, 1)
    assert [s["reviews"] for s in theirs["waited"]] == [1, 1, 1, 1]
    nobodys = board(table, "?department=Engineering")
    assert (nobodys["decided"], nobodys["waited"], nobodys["conditions"][0]["kept"]) == ({}, [], 0)
    assert [p["now"]["n"] for p in nobodys["shares"]] == [0, 0]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?from=2026-11-23&to=2026-11-22", "ends on 2026-11-22"),
        ("?from=1999-12-31", "no day of this scoreboard"),
        ("?to=2101-01-01", "no day of this scoreboard"),
        ("?from=2026-11-01&since=2026-11-01", "not both"),
        ("?from=yesterday", "write a day as"),
        ("?until=2026-11-01", "until"),
        ("/counted?from=2026-11-01", "number"),
        ("/counted?number=claimed&cursor=x", "cursor"),
        ("/counted?number=guessed", "number"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_no_period_is_refused(table: Table, query: str, said: str) -> None:
    answer = table.clients["mara"].get(f"/api/v1/reviews/scoreboard{query}")
    assert (answer.status_code, said in answer.text) == (422, True), answer.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_command_says_it_in_words(
    table: Table, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    Review(table, table.company.hubspot).decide()
    monkeypatch.setenv("PENUMBRA_DATABASE_URL", str(settings.database_url))
    monkeypatch.setenv("PENUMBRA_DATA_DIR", str(settings.data_dir))

    def run(*more: str) -> str:
        return CliRunner().invoke(cli, ["reviews", "scoreboard", *more]).output

    days = ("--from", "2026-11-01", "--to", "2026-12-31")
    text = run(*days)
    assert "2026-11-01 to 2026-12-31; in brackets: 2026-09-01 to 2026-10-31" in text
    assert "to the first decision of both: half within 83 days" in text
    assert "decided on by both sides: 1 of 2 (50%) [0 of 2 (0%)]" in text
    assert "spend while undecided: No marketing tool" not in text
    assert '"jointly_decided"' in run(*days, "--json")
    assert "No review was decided in these days." in run("--department", "Nobody")
