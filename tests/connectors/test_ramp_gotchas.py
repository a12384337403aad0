"""Each habit of Ramp's records that would cost or falsify evidence, with the test that holds it down."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.conformance import observations, read_all
from connectors.errors import VendorChanged
from connectors.identifiers import MERCHANT, Identifier
from connectors.observations import AppSeen, ExpenseSeen, ExpenseState, PersonKind, PersonSeen
from connectors.ramp import sample
from tests.connectors.ramp_reading import (
    EMPTY,
    NOW,
    ago,
    asked,
    charge,
    connect,
    expenses,
    last_cursors,
    read,
    simulate,
    skipped,
)

# --- the trailing window -------------------------------------------------------------------------


async def test_transactions_have_no_change_cursor_so_late_edits_are_seen_by_reading_again():
    charged = sample.transaction("t", ago(1), 120.0, state="PENDING", settlement_date=None)
    simulator = simulate(replace(EMPTY, transactions=[charged]))
    first = await read(simulator)
    assert expenses(first)["t"].state is ExpenseState.PENDING

    charged.update(
        state="CLEARED",
        amount=125.5,
        settlement_date=NOW.isoformat(),
        memo="Design seats",
        accounting_field_selections=[sample.gl_account("Marketing Software", "6420")],
    )
    later = await read(simulator, last_cursors(first), now=NOW + timedelta(days=40))
    seen = expenses(later)["t"]
    assert (seen.ref, seen.state, seen.amount_minor) == ("t", ExpenseState.POSTED, 12550)
    assert (seen.memo, seen.category) == ("Design seats", "SaaS / Software / 6420 Marketing Software")
    assert seen.posted_on == NOW.date()


async def test_the_first_scan_reads_first_days_and_later_ones_window_days_behind_the_scan_before():
    simulator = simulate(EMPTY)
    first = await read(simulator, first_days=365, window_days=45)
    await read(simulator, last_cursors(first), now=NOW + timedelta(days=90))
    spans = [q["from_date"] for q in asked(simulator, "transactions")]
    assert spans == ["2025-06-15T09:30:00Z", "2026-05-01T09:30:00Z"]


async def test_charges_older_than_the_first_days_are_not_read():
    rows = [sample.transaction("old", ago(400), 10.0), sample.transaction("new", ago(300), 10.0)]
    pages = await read(simulate(replace(EMPTY, transactions=rows)))
    assert set(expenses(pages)) == {"new"}


async def test_a_date_filter_without_a_time_is_refused_by_ramp_so_times_are_sent():
    simulator = simulate(EMPTY)
    async with connect(simulator) as connector:
        with pytest.raises(VendorChanged, match="422"):
            await connector._client.get("transactions", params={"from_date": "2026-06-01"})
        await read_all(connector)
    dates = [v for path in ("transactions", "bills", "reimbursements") for q in asked(simulator, path)
             for k, v in q.items() if k.startswith("from_") or k == "updated_after"]  # fmt: skip
    assert len(dates) == 7
    assert [d for d in dates if not d.endswith("Z")] == ["2026-06-01"]


async def test_a_row_that_a_stored_position_names_may_vanish_and_nothing_is_lost():
    world = sample.sample_world(NOW)
    simulator = simulate(world, page_limit=3)
    async with connect(simulator) as connector:
        stream = next(s for s in connector.streams() if s.name == "transactions")
        pages = stream.pages(None)
        cursor = (await anext(pages)).cursor
        await pages.aclose()
    gone = cursor["position"]["start"]
    world.transactions[:] = [t for t in world.transactions if t["id"] != gone]
    rest = expenses(await read(simulate(world, page_limit=3), {"transactions": cursor}))
    assert {t["id"] for t in world.transactions} <= set(rest)


# --- what a charge is ----------------------------------------------------------------------------


async def test_declined_charges_are_left_out_unless_asked_for_so_they_are_asked_for():
    declined = sample.transaction(
        "t", ago(3), 0.0, state="DECLINED", settlement_date=None,
        decline_details={"amount": 99.0, "reason": "CARD_LIMIT", "declined_amount": None},
    )  # fmt: skip
    simulator = simulate(replace(EMPTY, transactions=[declined]))
    seen = expenses(await read(simulator))["t"]
    assert [q["state"] for q in asked(simulator, "transactions")] == ["ALL"]
    assert (seen.state, seen.amount_minor, seen.posted_on) == (ExpenseState.DECLINED, 9900, None)


async def test_what_was_tried_is_taken_from_either_form_of_the_decline():
    tried = {"amount": None, "reason": "CARD_LIMIT", "declined_amount": {"value": 4200, "currency": "EUR"}}
    seen = await charge(0.0, state="DECLINED", decline_details=tried)
    assert (seen.amount_minor, seen.currency, seen.state) == (4200, "EUR", ExpenseState.DECLINED)
    assert (await charge(7.0, state="DECLINED", decline_details=None)).amount_minor == 700


async def test_refunds_are_rows_of_their_own_negative_and_point_to_the_original():
    seen = await charge(
        -540.1, original_transaction_id="t-3", original_transaction_amount=sample.minor(54010)
    )
    assert (seen.state, seen.amount_minor, seen.refund_of, seen.replaces) == (
        ExpenseState.REFUND, -54010, "t-3", None,
    )  # fmt: skip
    assert seen.original_amount_minor == -54010, "the original amount has the sign of the refund"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("CLEARED", ExpenseState.POSTED),
        ("COMPLETION", ExpenseState.POSTED),
        ("PENDING", ExpenseState.PENDING),
        ("PENDING_INITIATION", ExpenseState.PENDING),
        ("ERROR", ExpenseState.DECLINED),
        ("A_STATE_OF_NEXT_YEAR", ExpenseState.PENDING),
        (None, ExpenseState.PENDING),
    ],
)
async def test_a_state_that_is_not_known_is_evidence_but_no_spend(state: str | None, expected: ExpenseState):
    seen = await charge(state=state)
    assert seen.state is expected
    assert (seen.posted_on is not None) is (expected is ExpenseState.POSTED)


async def test_a_pending_charge_that_cleared_under_a_new_id_is_replaced():
    world = replace(
        EMPTY,
        transactions=[
            sample.transaction("p", ago(3), 45.0, state="PENDING", settlement_date=None),
            sample.transaction("c", ago(2), 45.0, original_transaction_id="p"),
        ],
    )
    assert expenses(await read(simulate(world)))["c"].replaces == "p"
    # Also when the pending charge is on another page, and when Ramp no longer has it.
    assert expenses(await read(simulate(world, page_limit=1)))["c"].replaces == "p"
    del world.transactions[0]
    assert expenses(await read(simulate(world)))["c"].replaces == "p"


@pytest.mark.parametrize("page_limit", [100, 1])
async def test_a_further_charge_on_a_settled_one_replaces_nothing(page_limit: int):
    world = replace(
        EMPTY,
        transactions=[
            sample.transaction("a", ago(3), 45.0),
            sample.transaction("b", ago(2), 12.0, original_transaction_id="a"),
        ],
    )
    seen = expenses(await read(simulate(world, page_limit=page_limit)))
    assert (seen["b"].replaces, seen["b"].refund_of) == (None, None)


async def test_both_descriptors_are_kept_and_a_reseller_is_not_guessed_at():
    seen = await charge(merchant_name="PayPal", merchant_descriptor="PAYPAL *RESCUETIME")
    assert (seen.merchant, seen.descriptor) == ("PayPal", "PAYPAL *RESCUETIME")
    assert seen.identifiers == (Identifier(MERCHANT, "PayPal"), Identifier(MERCHANT, "PAYPAL *RESCUETIME"))
    bare = await charge(merchant_name=None, merchant_descriptor=" PAYPAL *RESCUETIME ")
    assert (bare.merchant, bare.descriptor) == ("PAYPAL *RESCUETIME", "PAYPAL *RESCUETIME")
    assert bare.identifiers == (Identifier(MERCHANT, "PAYPAL *RESCUETIME"),)


async def test_the_ledger_account_is_the_selection_and_not_the_name_of_its_field():
    seen = await charge(
        accounting_field_selections=[
            {"name": "Berlin", "type": "LOCATION", "category_info": {"name": "Office", "type": "LOCATION"}}
        ],
        line_items=[
            {"accounting_field_selections": [sample.gl_account("Advertising", "6100")]},
            {"accounting_field_selections": [sample.gl_account("Software", None)]},
            {"accounting_field_selections": [sample.gl_account("Advertising", "6100")]},
        ],
    )
    assert seen.category == "SaaS / Software / 6100 Advertising / Software"


async def test_a_merchant_category_sent_as_a_number_has_its_zero_back():
    assert (await charge(merchant_category_code=742)).mcc == "0742"
    assert (await charge(merchant_category_code="5734")).mcc == "5734"
    assert (await charge(merchant_category_code=None)).mcc is None


async def test_card_holders_who_are_not_listed_are_mentioned_once_a_page_before_their_charges():
    holder = {"user_id": "u-9", "first_name": "Former", "last_name": "Hand", "department_name": "Marketing"}
    rows = [sample.transaction(f"t-{n}", ago(n), 5.0, card_holder=holder) for n in (1, 2)]
    pages = await read(simulate(replace(EMPTY, transactions=rows)))
    seen = pages["transactions"][0].observations
    assert [type(o).__name__ for o in seen] == ["PersonSeen", "ExpenseSeen", "ExpenseSeen"]
    assert seen[0] == PersonSeen(ref="u-9", name="Former Hand", department="Marketing", mention=True)
    assert [e.person_ref for e in expenses(pages).values()] == ["u-9", "u-9"]


# --- money ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", [19.99, 1.1, 0.29, 1234567.89, 1080, 4.35])
async def test_the_main_amount_is_dollars_in_floating_point_and_is_read_exactly(amount: float):
    assert (await charge(amount)).amount_minor == round(amount * 100)


@pytest.mark.parametrize(
    ("original", "minor", "currency"),
    [
        (sample.minor(1200, "JPY", 1), 1200, "JPY"),
        (sample.minor(120_000, "JPY", 100), 1200, "JPY"),
        (sample.minor(45_000, "KRW", None), 45_000, "KRW"),
        (sample.minor(12_345, "KWD", 1000), 12_345, "KWD"),
        (sample.minor(999, "EUR"), 999, "EUR"),
        ({"value": 999, "currency": "eur"}, 999, "EUR"),
    ],
)
async def test_original_amounts_are_minor_units_by_ramps_own_rate(
    original: dict[str, Any], minor: int, currency: str
):
    seen = await charge(8.13, original_transaction_amount=original)
    assert (seen.amount_minor, seen.currency) == (813, "USD")
    assert (seen.original_amount_minor, seen.original_currency) == (minor, currency)


async def test_the_main_amount_of_another_currency_has_that_currencys_decimals():
    assert (await charge(1200, currency_code="JPY")).amount_minor == 1200
    assert (await charge(1.234, currency_code="KWD")).amount_minor == 1234


async def test_without_a_main_amount_the_original_one_is_taken():
    seen = await charge(None, original_transaction_amount=sample.minor(999, "EUR"))
    assert (seen.amount_minor, seen.currency) == (999, "EUR")


async def test_a_currency_that_is_no_currency_skips_the_record_and_says_so():
    row = sample.bill("i", ago(3), amount={"amount": 5, "currency_code": "USDC"})
    assert await skipped(bills=[row]) == ["'USDC' is not a currency code of ISO 4217"]


# --- people and vendors --------------------------------------------------------------------------


async def test_suspended_people_are_listed_only_when_asked_for():
    people = {
        o.ref: o
        for page in (await read(simulate(sample.sample_world(NOW))))["people"]
        for o in page.observations
        if isinstance(o, PersonSeen)
    }
    assert {ref for ref, person in people.items() if not person.active} == {"u-4", "u-5"}
    assert people["u-1"] == PersonSeen(
        ref="u-1", email="ada.mora@example.com", name="Ada Mora", department="Marketing", manager_ref="u-3"
    )
    assert people["u-6"].kind is PersonKind.GUEST
    assert people["u-6"].department is None


async def test_a_yearly_prepayment_shows_in_the_vendors_billing_frequency():
    pages = await read(simulate(sample.sample_world(NOW)))
    vendors = {o.ref: o for o in observations(pages) if isinstance(o, AppSeen)}
    assert vendors["v-1"].facts == {
        "billing_frequency": "ANNUALLY",
        "category": "SaaS / Software",
        "spend_last_365_days": "12,000.00 USD",
        "spend_this_year": "12,000.00 USD",
    }
    assert vendors["v-1"].identifiers == (
        Identifier(MERCHANT, "Semrush"),
        Identifier(MERCHANT, "SEMrush Inc"),
    )
    assert vendors["v-1"].created_at == datetime(2025, 2, 1, 9, 30, tzinfo=UTC)
    assert vendors["v-2"].active is False


async def test_private_persons_are_paid_too_but_are_no_tools():
    pages = await read(simulate(sample.sample_world(NOW)))
    assert "Gil Private" not in repr(pages)
    assert [page.ignored for page in pages["vendors"]] == [1]


# --- reimbursements ------------------------------------------------------------------------------


async def test_reimbursements_are_read_in_both_directions_and_what_comes_back_is_negative():
    simulator = simulate(sample.sample_world(NOW))
    seen = expenses(await read(simulator))
    assert [q["direction"] for q in asked(simulator, "reimbursements")] == [
        "BUSINESS_TO_USER", "USER_TO_BUSINESS",
    ]  # fmt: skip
    assert (seen["r-1"].state, seen["r-1"].amount_minor) == (ExpenseState.POSTED, 4900)
    assert (seen["r-4"].state, seen["r-4"].amount_minor) == (ExpenseState.REFUND, -4900)
    assert (seen["r-2"].state, seen["r-2"].posted_on) == (ExpenseState.PENDING, None)
    assert seen["r-6"].state is ExpenseState.VOID


async def test_reimbursements_can_say_what_changed_so_only_changes_are_read_again():
    row = sample.reimbursement("r", ago(200), state="APPROVED")
    simulator = simulate(replace(EMPTY, reimbursements=[row]))
    first = await read(simulator)
    assert expenses(first)["r"].state is ExpenseState.PENDING
    cursors = last_cursors(first)
    assert "r" not in expenses(await read(simulator, cursors, now=NOW + timedelta(days=1)))
    row.update(state="REIMBURSED", updated_at=(NOW + timedelta(days=1)).isoformat())
    again = await read(simulator, cursors, now=NOW + timedelta(days=2))
    assert expenses(again)["r"].state is ExpenseState.POSTED


async def test_mileage_and_drafts_are_no_purchases():
    pages = await read(simulate(sample.sample_world(NOW)))
    assert {"r-3", "r-5"}.isdisjoint(expenses(pages))
    assert sum(page.ignored for page in pages["reimbursements"]) == 2


async def test_a_reimbursement_takes_what_the_entity_settles_over_the_bare_amount():
    rows = [
        sample.reimbursement("new", ago(3), amount=9999.0, currency="JPY"),
        sample.reimbursement("old", ago(3), amount=12.5, entity_amount=None, payee_amount=None),
        sample.reimbursement(
            "abroad", ago(3), original_reimbursement_amount=sample.minor(4500, "EUR"), user_id=None
        ),
    ]
    seen = expenses(await read(simulate(replace(EMPTY, reimbursements=rows))))
    assert (seen["new"].amount_minor, seen["new"].currency) == (4900, "USD")
    assert (seen["old"].amount_minor, seen["old"].currency) == (1250, "USD")
    assert (seen["abroad"].original_amount_minor, seen["abroad"].original_currency) == (4500, "EUR")
    assert seen["abroad"].person_ref is None


# --- bills ---------------------------------------------------------------------------------------


async def test_a_bill_is_spend_once_paid_and_names_its_owner():
    seen = expenses(await read(simulate(sample.sample_world(NOW))))
    paid = seen["i-1"]
    assert (paid.merchant, paid.amount_minor, paid.state) == ("Semrush", 1_200_000, ExpenseState.POSTED)
    assert (paid.occurred_on, paid.posted_on) == (ago(20).date(), ago(15).date())
    assert (paid.person_ref, paid.memo) == ("u-1", "Guru plan, yearly")
    assert (seen["i-2"].state, seen["i-2"].posted_on) == (ExpenseState.PENDING, None)


async def test_a_bill_paid_long_after_it_was_issued_is_found_by_its_payment():
    seen = expenses(await read(simulate(sample.sample_world(NOW)), first_days=60))
    assert (seen["i-6"].state, seen["i-6"].posted_on) == (ExpenseState.POSTED, ago(6).date())


async def test_archiving_is_how_bills_are_deleted_so_archived_ones_are_read_as_void():
    assert expenses(await read(simulate(sample.sample_world(NOW))))["i-3"].state is ExpenseState.VOID
    rejected = sample.bill("i", ago(2), approval_status="REJECTED")
    assert expenses(await read(simulate(replace(EMPTY, bills=[rejected]))))["i"].state is ExpenseState.VOID


async def test_a_bill_paid_by_card_is_not_counted_beside_its_card_charge():
    assert expenses(await read(simulate(sample.sample_world(NOW))))["i-4"].state is ExpenseState.PENDING


async def test_bill_date_filters_that_have_no_effect_bring_nothing_old_and_nothing_twice():
    world = sample.sample_world(NOW)
    world.bills.append(sample.bill("ancient", ago(900)))
    honest, lying = simulate(world), simulate(world, ignores_bill_dates=True)
    expected = [o for page in (await read(honest))["bills"] for o in page.observations]
    assert [o for page in (await read(lying))["bills"] for o in page.observations] == expected
    assert [o.ref for o in expected if isinstance(o, ExpenseSeen)] == ["i-1", "i-2", "i-4", "i-6", "i-3"]
