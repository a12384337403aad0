"""Tokens, scopes, pages, limits and bad answers of Ramp's, each with the test that holds it down."""

from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

from connectors.base import Context
from connectors.conformance import Patience, observations, read_all
from connectors.errors import NeedsAdmin, RetryLater, VendorChanged
from connectors.ramp import sample
from connectors.ramp.connector import PERMISSIONS, RampConfig, RampConnector
from connectors.ramp.simulator import RampSimulator
from connectors.simulation import Fault
from tests.connectors.ramp_reading import (
    EMPTY,
    NOW,
    ago,
    asked,
    connect,
    expenses,
    read,
    simulate,
)

# --- tokens and scopes ---------------------------------------------------------------------------


async def test_a_token_asked_for_without_a_scope_would_be_refused_everywhere_so_scopes_are_named():
    simulator = simulate(EMPTY)
    transport = httpx.ASGITransport(simulator.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1/developer/v1") as plain:
        form = {"grant_type": "client_credentials"}
        token = await plain.post("/token", data=form, auth=("id", "s3cret"))
        assert token.status_code == 200
        bearer = {"Authorization": f"Bearer {token.json()['access_token']}"}
        assert (await plain.get("/users", headers=bearer)).status_code == 403
    assert (await read(simulator))["people"][-1].last


async def test_scopes_that_were_silently_dropped_are_named_before_anything_is_read():
    simulator = simulate(
        sample.sample_world(NOW), granted_scopes={"users:read", "departments:read", "bills:read"}
    )
    with pytest.raises(NeedsAdmin) as caught:
        await read(simulator)
    assert caught.value.permission == "vendors:read, transactions:read, reimbursements:read"
    assert [r.target for r in simulator.app.requests] == ["/developer/v1/token"]


async def test_check_lists_the_dropped_scopes_without_failing():
    simulator = simulate(sample.sample_world(NOW), granted_scopes={"users:read", "business:read"})
    async with connect(simulator) as connector:
        report = await connector.check()
    assert not report.ok
    assert [p.name for p in report.permissions if p.granted] == ["users:read", "business:read"]
    assert all("Enable the scope" in p.detail for p in report.permissions if not p.granted)


async def test_a_scope_with_a_longer_name_does_not_pass_for_the_one_that_is_needed():
    scopes = {p.name for p in PERMISSIONS} - {"bills:read"} | {"bills:read_drafts"}
    simulator = simulate(EMPTY)

    def grant(answer: Any, headers: dict[str, str]) -> Any:
        return {**answer, "scope": " ".join(sorted(scopes))}

    simulator.app.faults.append(Fault("/token", change=grant))
    with pytest.raises(NeedsAdmin) as caught:
        await read(simulator)
    assert caught.value.permission == "bills:read"


@pytest.mark.parametrize("scope", ["", None])
async def test_an_empty_scope_grants_nothing_and_an_absent_one_what_was_asked(scope: str | None):
    simulator = simulate(EMPTY)

    def grant(answer: Any, headers: dict[str, str]) -> Any:
        return {**answer, "scope": scope}

    simulator.app.faults.append(Fault("/token", change=grant))
    if scope is None:
        assert (await read(simulator))["people"][-1].last
        return
    with pytest.raises(NeedsAdmin):
        await read(simulator)
    assert [r.target for r in simulator.app.requests] == ["/developer/v1/token"]


async def test_the_scope_that_is_optional_may_be_missing():
    wanted = {p.name for p in PERMISSIONS if not p.optional}
    simulator = simulate(sample.sample_world(NOW), granted_scopes=wanted)
    async with connect(simulator) as connector:
        report = await connector.check()
    assert report.ok
    assert (report.account, report.account_name) == (sample.BUSINESS, "")
    assert expenses(await read(simulator))


async def test_a_wrong_secret_asks_for_a_person():
    async with connect(simulate(EMPTY), client_secret="wrong") as connector:
        with pytest.raises(NeedsAdmin, match="client id and secret") as caught:
            await connector.check()
    assert caught.value.permission is None


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_however_ramp_refuses_a_token_a_person_is_asked(status: int):
    simulator = simulate(EMPTY)
    simulator.app.faults.append(Fault("/token", times=None, status=status))
    with pytest.raises(NeedsAdmin, match="client id and secret"):
        await read(simulator)


async def test_a_secret_with_reserved_characters_survives_basic_authentication():
    simulator = RampSimulator(EMPTY, client_id="a:b", client_secret="p+q/r%s ü")
    assert (await read(simulator))["people"]


async def test_tokens_come_from_their_own_address_where_one_is_given():
    simulator = simulate(EMPTY)
    await read(simulator, token_url="http://localhost/developer/v1/token")
    assert simulator.app.requests[0].target == "/developer/v1/token"


async def test_a_token_lives_ten_days_and_another_one_is_fetched_before_it_ends():
    simulator, patience = simulate(EMPTY), Patience()
    async with connect(simulator, patience=patience) as connector:
        await read_all(connector)
        patience.now += 863_900
        await read_all(connector)
        assert [r.target for r in simulator.app.requests].count("/developer/v1/token") == 1
        patience.now += 100
        await read_all(connector)
    assert [r.target for r in simulator.app.requests].count("/developer/v1/token") == 2
    assert 401 not in {r.status for r in simulator.app.requests}


async def test_only_reading_is_ever_asked_for():
    simulator = simulate(sample.sample_world(NOW))
    async with connect(simulator) as connector:
        await connector.check()
        await read_all(connector)
    assert {p.name.partition(":")[2] for p in PERMISSIONS} == {"read"}
    posts = {r.target for r in simulator.app.requests if r.method != "GET"}
    assert posts == {"/developer/v1/token"}


# --- pages, limits, failures ---------------------------------------------------------------------


async def test_pages_of_a_hundred_are_asked_for_because_twenty_is_what_comes_unasked():
    simulator = simulate(EMPTY)
    await read(simulator)
    assert {q["page_size"] for q in asked(simulator, "transactions")} == {"100"}


async def test_sync_status_would_supersede_the_other_filters_so_it_is_never_sent():
    simulator = simulate(sample.sample_world(NOW))
    await read(simulator)
    for path in ("transactions", "reimbursements", "bills"):
        assert not any("sync" in name for query in asked(simulator, path) for name in query)


async def test_a_rate_limit_that_names_no_time_is_waited_out_for_its_whole_window():
    simulator, patience = simulate(sample.sample_world(NOW)), Patience()
    simulator.app.faults.append(Fault(r"/transactions\?", times=4, status=429))
    pages = await read(simulator, patience=patience)
    assert expenses(pages).keys() >= {"t-01", "t-10"}
    assert len([s for s in patience.slept if 10 <= s <= 11]) == 4


async def test_the_budget_stays_below_two_hundred_requests_in_ten_seconds():
    rows = [sample.transaction(f"t-{n:03}", ago(1), 5.0) for n in range(500)]
    simulator, patience = simulate(replace(EMPTY, transactions=rows), page_limit=2), Patience()
    assert len(expenses(await read(simulator, patience=patience))) == 500
    assert sum(patience.slept) >= 10, "250 pages do not fit into one window"
    limited = simulate(EMPTY, rate_limits=True)
    transport = httpx.ASGITransport(limited.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1/developer/v1") as plain:
        answers = [await plain.get("/users") for _ in range(201)]
    assert [a.status_code for a in answers[-2:]] == [401, 429]
    assert "retry-after" not in answers[-1].headers


async def test_a_page_that_takes_ramp_more_than_60_seconds_is_asked_for_in_smaller_pieces():
    rows = [sample.transaction(f"t-{n:03}", ago(1), 5.0) for n in range(120)]
    simulator = simulate(replace(EMPTY, transactions=rows))
    simulator.app.faults.append(Fault(r"/transactions\?.*page_size=(100|50)", times=None, status=504))
    assert len(expenses(await read(simulator))) == 120
    assert [q["page_size"] for q in asked(simulator, "transactions")] == [
        "100",
        "50",
        "25",
        "25",
        "25",
        "25",
        "25",
    ]


async def test_ramp_is_given_more_than_its_60_seconds_to_answer():
    simulator, waits = simulate(EMPTY), list[float]()

    class Watching(httpx.ASGITransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            waits.append(request.extensions["timeout"]["read"])
            return await super().handle_async_request(request)

    config = RampConfig.model_validate(simulator.config("http://127.0.0.1"))
    async with RampConnector(config, Context(transport=Watching(simulator.app))) as connector:
        await read_all(connector)
    assert waits
    assert min(waits) > 60


async def test_a_list_that_is_too_heavy_at_any_size_is_put_off():
    simulator = simulate(EMPTY)
    simulator.app.faults.append(Fault(r"/transactions\?", times=None, status=504))
    with pytest.raises(RetryLater, match="ran out of time") as caught:
        await read(simulator)
    assert caught.value.seconds == 300


async def test_ramps_trace_id_is_in_the_message_and_nothing_else_of_the_answer_is():
    simulator = simulate(EMPTY)
    body = {"error_v2": {"message": "no good: s3cret"}}
    for trace, shown in (("abc-123", True), ("<script>", False)):
        fault = Fault(r"/vendors\?", status=422, headers={"x-trace-id": trace}, body=body)
        simulator.app.faults.append(fault)
        with pytest.raises(VendorChanged) as caught:
            await read(simulator)
        assert (trace in str(caught.value)) is shown
        assert "s3cret" not in str(caught.value)


async def test_a_next_link_without_a_start_is_reported():
    simulator = simulate(sample.sample_world(NOW), page_limit=2)

    def cut(answer: Any, headers: dict[str, str]) -> Any:
        return {**answer, "page": {"next": "http://127.0.0.1/developer/v1/users"}}

    simulator.app.faults.append(Fault(r"/users\?", change=cut))
    with pytest.raises(VendorChanged, match="where it starts"):
        await read(simulator)


async def test_one_bad_record_is_skipped_and_the_others_are_read():
    rows = [
        sample.transaction("good", ago(2), 5.0),
        sample.transaction("odd", ago(1), 5.0) | {"amount": {"value": 5}},
        sample.transaction("nameless", ago(1), 5.0, merchant_name="", merchant_descriptor=None),
        sample.transaction("dateless", ago(1), 5.0, accounting_date=None, settlement_date="soon"),
    ]
    simulator = simulate(replace(EMPTY, transactions=rows))

    def blur(answer: Any, headers: dict[str, str]) -> Any:
        *others, last = sorted(answer["data"], key=lambda row: row["id"] == "dateless")
        return {**answer, "data": [*others, {**last, "user_transaction_time": None}]}

    simulator.app.faults.append(Fault(r"/transactions\?", change=blur))
    pages = await read(simulator)
    assert set(expenses(pages)) == {"good"}
    reasons = {s.ref: s.reason for page in pages["transactions"] for s in page.skipped}
    assert set(reasons) == {"odd", "nameless", "dateless"}
    assert reasons["nameless"] == "the charge names no merchant"
    assert "amount" in reasons["odd"]


async def test_a_page_on_which_no_record_can_be_read_means_that_ramp_has_changed():
    rows = [{**sample.transaction(f"t-{n}", ago(1), 5.0), "amount": "five"} for n in range(3)]
    with pytest.raises(VendorChanged, match="no record"):
        await read(simulate(replace(EMPTY, transactions=rows)))


async def test_records_with_nothing_but_the_required_fields_are_read():
    day = ago(3).isoformat()
    world = replace(
        EMPTY,
        users=[{"id": "u"}],
        vendors=[{"id": "v", "name": "Miro"}],
        transactions=[{"id": "t", "amount": 5, "merchant_name": "Miro", "user_transaction_time": day}],
        reimbursements=[
            {"id": "r", "amount": 5, "currency": "USD", "merchant": "Miro", "transaction_date": day[:10],
             "direction": "BUSINESS_TO_USER", "updated_at": day}
        ],
        bills=[{"id": "b", "amount": {"amount": 500, "currency_code": "USD"}, "vendor": {"name": "Miro"},
                "issued_at": day}],
    )  # fmt: skip
    seen = expenses(await read(simulate(world)))
    assert {e.ref: (e.amount_minor, e.occurred_on, e.merchant) for e in seen.values()} == {
        ref: (500, date(2026, 6, 12), "Miro") for ref in ("t", "r", "b")
    }


# --- privacy and entities ------------------------------------------------------------------------


async def test_phone_numbers_cards_and_places_are_not_kept():
    pages = await read(simulate(sample.sample_world(NOW)))
    kept = repr(observations(pages))
    for private in ("+15555550100", "card-1", "CAMBRIDGE", "m-hubspot", "INV-1"):
        assert private not in kept


async def test_one_entity_is_read_alone_and_is_an_account_of_its_own():
    world = sample.sample_world(NOW)
    # A list that ignores the filter: the row says itself that it belongs to another entity.
    world.reimbursements.append(sample.reimbursement("foreign", ago(3), entity_id=sample.OTHER_ENTITY))
    simulator = simulate(world)

    def unfiltered(answer: Any, headers: dict[str, str]) -> Any:
        return {**answer, "data": [r for r in world.reimbursements if r["id"] in {"r-1", "foreign"}]}

    simulator.app.faults.append(Fault(r"/reimbursements\?", times=None, change=unfiltered))
    async with connect(simulator, entity_id=sample.ENTITY) as connector:
        report = await connector.check()
        pages = await read_all(connector)
    assert report.account == f"{sample.BUSINESS}/{sample.ENTITY}"
    assert {"t-08", "foreign"}.isdisjoint(expenses(pages))
    assert {"t-09", "r-1"} <= set(expenses(pages))
    assert [page.ignored for page in pages["reimbursements"]] == [1, 1]


async def test_the_account_is_the_business_and_has_its_name():
    async with connect(simulate(sample.sample_world(NOW))) as connector:
        report = await connector.check()
    assert (report.account, report.account_name, report.warnings) == (sample.BUSINESS, "Example, Inc.", [])


async def test_check_warns_when_nobody_is_listed():
    async with connect(simulate(EMPTY)) as connector:
        report = await connector.check()
    assert report.ok
    assert report.warnings == ["Ramp lists no people for this app: charges will name nobody."]
