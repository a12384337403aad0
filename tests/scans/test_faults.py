"""What goes wrong at a vendor ends as the contract says, loses nothing, and says what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from app.models import accounts, apps, assignments, grants, metadata, sign_in_days, tools
from connectors.okta.connector import OktaConnector
from connectors.okta.sample import sample_world
from connectors.okta.simulator import OktaSimulator
from connectors.simulation import Fault, serve
from tests.support.contents import contents
from tests.support.scanning import NOW, Scanner

USERS, APPS, LOGS = r"^/api/v1/users\?", r"^/api/v1/apps\?", r"^/api/v1/logs"
OBSERVED = (accounts, apps, assignments, grants)


@dataclass
class Org:
    scanner: Scanner
    simulator: OktaSimulator


@pytest.fixture
def org(engine: Engine) -> Iterator[Org]:
    simulator = OktaSimulator(sample_world(NOW), page_limit=3, now=lambda: NOW)
    with serve(simulator.app) as url:
        config = {"base_url": url, "api_token": "00simulated-token"}
        yield Org(Scanner(engine, OktaConnector, lambda: config), simulator)


def _renamed(field: str) -> Callable[[Any, dict[str, str]], Any]:
    def change(answer: Any, _headers: dict[str, str]) -> Any:
        return [{("newName" if k == field else k): v for k, v in record.items()} for record in answer]

    return change


@dataclass(frozen=True)
class Case:
    """A fault, and how the scan must end."""

    fault: Callable[[OktaSimulator], Fault]
    state: str
    kind: str | None = None
    health: str = "ok"
    says: tuple[str, ...] = ()


CASES = {
    "429 for 2 seconds": Case(lambda _: Fault(APPS, status=429, headers={"Retry-After": "2"}), "complete"),
    "429 for 1 hour": Case(
        lambda _: Fault(APPS, times=None, status=429, headers={"Retry-After": "3600"}),
        "partial",
        "retry_later",
        "waiting",
        ("3600 seconds", "Nothing needs to be done", "14:00"),
    ),
    "two 500s": Case(lambda _: Fault(APPS, times=2, status=500), "complete"),
    "a cut body": Case(lambda _: Fault(APPS, cut=True), "complete"),
    "a next link to another host": Case(
        lambda s: Fault(APPS, change=lambda a, h: s.next_page_at(a, h, "https://evil.example/api/v1/apps")),
        "partial",
        "vendor_changed",
        "attention",
        ("evil.example", "not followed", "link_hosts"),
    ),
    "a repeated cursor": Case(
        lambda s: Fault(USERS, times=None, change=_Again(s)),
        "partial",
        "vendor_changed",
        "attention",
        ("same next page twice",),
    ),
    "an expired token": Case(
        lambda s: Fault(APPS, change=lambda a, _: a, then=s.expire_tokens),
        "partial",
        "needs_admin",
        "attention",
        ("renew",),
    ),
    "a permission taken away in mid-scan": Case(
        lambda s: Fault(APPS, change=lambda a, _: a, then=lambda: s.deny("okta.apps.read")),
        "partial",
        "needs_admin",
        "attention",
        ("okta.apps.read",),
    ),
    "a renamed field": Case(
        lambda _: Fault(APPS, times=None, change=_renamed("id")),
        "partial",
        "vendor_changed",
        "attention",
        ("id",),
    ),
    "an empty page that is not the last": Case(lambda s: Fault(LOGS, change=s.without_records), "complete"),
    "an answer that is no JSON": Case(
        lambda _: Fault(LOGS, times=None, status=200, body=b"<html>"),
        "partial",
        "vendor_changed",
        "attention",
    ),
}


class _Again:
    """Points every next page at the first one that was seen."""

    def __init__(self, simulator: OktaSimulator) -> None:
        self._simulator = simulator
        self._first: str | None = None

    def __call__(self, answer: Any, headers: dict[str, str]) -> Any:
        self._first = self._first or self._simulator.next_page_of(answer, headers)
        return self._simulator.next_page_at(answer, headers, self._first) if self._first else answer


@pytest.mark.parametrize("name", CASES)
def test_fault(org: Org, name: str):
    case = CASES[name]
    first = org.scanner.scan()
    assert first["state"] == "complete", first["error"]
    before = {t.name: len(org.scanner.rows(t)) for t in metadata.sorted_tables}
    calm_tools = {t["key"]: t for t in org.scanner.rows(tools)}

    org.scanner.clock.forward(hours=1)
    fault = case.fault(org.simulator)
    org.simulator.app.faults.append(fault)
    spoilt = org.scanner.scan()

    assert fault.struck, "the fault never struck"
    assert (spoilt["state"], spoilt["error_kind"]) == (case.state, case.kind), spoilt["error"]
    source = org.scanner.source()
    assert source["health"] == case.health
    assert source["health_text"].strip().endswith(".")
    for words in case.says:
        assert words in source["health_text"], source["health_text"]
    for table in OBSERVED:
        assert len(org.scanner.rows(table)) == before[table.name], "a row was lost"
        assert all(r["gone_at"] is None for r in org.scanner.rows(table)), "a row was aged out"
    for key, tool in {t["key"]: t for t in org.scanner.rows(tools)}.items():
        assert tool["evidence"] == calm_tools[key]["evidence"]
    if case.kind == "retry_later":
        assert source["next_scan_at"] == org.scanner.clock() + timedelta(hours=1)


def test_a_scan_that_was_put_off_goes_on_where_it_was(org: Org):
    fault = Fault(APPS, times=None, status=429, headers={"Retry-After": "3600"})
    org.simulator.app.faults.append(fault)
    put_off = org.scanner.scan()
    assert put_off["state"] == "partial"
    users_read = sum("/api/v1/users?" in r.target for r in org.simulator.app.requests)
    org.simulator.app.faults.clear()
    org.scanner.clock.forward(hours=1)
    rest = org.scanner.scan()
    assert rest["state"] == "complete", rest["error"]
    assert rest["generation"] == put_off["generation"]
    listed_again = sum(
        "/api/v1/users?" in r.target and "expand" not in r.target for r in org.simulator.app.requests
    )
    # The list of people was finished before; only the keys of the grants are listed again.
    assert listed_again < 2 * users_read + 3


def test_only_a_complete_scan_marks_gone(org: Org):
    assert org.scanner.scan()["state"] == "complete"
    removed = org.simulator.world.apps.pop(0)
    org.simulator.world.app_users.pop(removed["id"], None)
    org.simulator.world.app_groups.pop(removed["id"], None)
    org.scanner.clock.forward(hours=1)
    org.simulator.app.faults.append(Fault(LOGS, times=None, status=200, body=b"<html>"))
    assert org.scanner.scan()["state"] == "partial"
    assert all(r["gone_at"] is None for r in org.scanner.rows(apps))
    org.simulator.app.faults.clear()
    org.scanner.clock.forward(hours=1)
    complete = org.scanner.scan()
    assert complete["state"] == "complete"
    assert complete["gone"] >= 1
    gone = [r for r in org.scanner.rows(apps) if r["gone_at"] is not None]
    assert [r["ref"] for r in gone] == [removed["id"]]


def test_a_record_that_cannot_be_read_is_shown_and_keeps_everything_from_going(org: Org):
    assert org.scanner.scan()["state"] == "complete"
    ref = org.simulator.world.apps[0]["id"]

    def break_one(answer: Any, _headers: dict[str, str]) -> Any:
        return [{k: v for k, v in r.items() if not (k == "id" and v == ref)} for r in answer]

    org.scanner.clock.forward(hours=1)
    org.simulator.app.faults.append(Fault(APPS, times=None, change=break_one))
    second = org.scanner.scan()
    assert second["skipped"] >= 1
    assert all(r["gone_at"] is None for r in org.scanner.rows(apps))
    assert "could not be read" in org.scanner.source()["health_text"]


def test_scanning_again_adds_no_row(org: Org):
    first = org.scanner.scan()
    before = contents(org.scanner.engine)
    second = org.scanner.scan()
    after = contents(org.scanner.engine)
    assert first["new"] > 0
    assert second["new"] == 0
    assert second["tools_new"] == 0
    for table in (*OBSERVED, sign_in_days, tools):
        assert len(before[table.name]) == len(after[table.name]), table.name
    counts = {(r[0], r[1], r[2]): r[3] for r in before["sign_in_days"]}
    assert counts == {(r[0], r[1], r[2]): r[3] for r in after["sign_in_days"]}
