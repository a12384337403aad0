"""Subscriptions read from charges: whatever the period, the day, the payers; and nothing read into noise."""

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.spend.charges import Charge
from app.spend.periods import RHYTHM_OF, Period, add_months, next_after
from app.spend.recurrence import Subscription, subscriptions

DAYS = st.dates(date(2020, 1, 1), date(2026, 6, 30))
PRICES = st.integers(100, 5_000_000)
LEAST = {
    Period.WEEKLY: 5,
    Period.FOUR_WEEKLY: 6,
    Period.MONTHLY: 3,
    Period.QUARTERLY: 3,
    Period.YEARLY: 2,
}
FIXED = tuple(LEAST)


def series(
    period: Period, first: date, count: int, minor: int = 4900, currency: str = "USD", **more: object
) -> list[Charge]:
    """A subscription as a vendor charges it: always counted from its first day."""
    rhythm = RHYTHM_OF[period]
    made = []
    for n in range(count):
        on = first + timedelta(days=rhythm.days * n) if rhythm.days else add_months(first, rhythm.months * n)
        made.append(
            Charge(on, minor, currency, ref=f"{currency}-{minor}-{more.get('payer', '')}-{n}", **more)
        )  # type: ignore[arg-type]
    return made


def only(charges: list[Charge]) -> Subscription:
    (found,) = subscriptions(charges)
    return found


# --- whatever is charged regularly is found ------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(FIXED), DAYS, st.integers(0, 9), PRICES, st.randoms())
def test_a_fixed_price_is_found_whatever_its_period_and_day(
    period: Period, first: date, more: int, minor: int, random: Random
) -> None:
    charges = series(period, first, LEAST[period] + more, minor)
    expected = series(period, first, len(charges) + 1, minor)[-1].on
    random.shuffle(charges)
    found = only(charges)
    assert (found.period, found.usual_minor, found.currency) == (period, minor, "USD")
    assert (found.charges, found.first_on) == (len(charges), first)
    assert found.next_on == expected
    assert found.rises == ()
    assert not found.ended(expected)
    assert found.ended(expected + (expected - found.last_on))


def test_the_end_of_a_month_is_no_other_day() -> None:
    charges = series(Period.MONTHLY, date(2026, 1, 31), 4)
    assert [c.on for c in charges][1:] == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    assert only(charges).next_on == date(2026, 5, 31)
    assert only(charges[:2]).next_on == date(2026, 3, 31)
    yearly = series(Period.YEARLY, date(2024, 2, 29), 2)
    assert only(yearly).next_on == date(2026, 2, 28)


def test_a_charge_that_was_booked_late_does_not_move_the_next_one() -> None:
    charges = series(Period.MONTHLY, date(2026, 3, 14), 5)
    late = [*charges[:-1], replace(charges[-1], on=charges[-1].on + timedelta(days=3))]
    assert only(late).next_on == date(2026, 8, 14)
    over = series(Period.MONTHLY, date(2026, 3, 31), 4)  # the fourth is of 30 June, and comes on 2 July
    assert only([*over[:-1], replace(over[-1], on=date(2026, 7, 2))]).next_on == date(2026, 7, 31)


@settings(max_examples=100, deadline=None)
@given(DAYS, st.integers(7, 14), st.data())
def test_one_month_may_be_missing_or_charged_twice(first: date, count: int, data: st.DataObject) -> None:
    charges = series(Period.MONTHLY, first, count)
    missing = data.draw(st.integers(1, count - 2))
    twice = data.draw(st.sampled_from([n for n in range(count) if n != missing]))
    again = replace(charges[twice], on=charges[twice].on + timedelta(days=1), ref="again")
    found = only([*charges[:missing], *charges[missing + 1 :], again])
    assert (found.period, found.charges) == (Period.MONTHLY, count)
    assert found.next_on == series(Period.MONTHLY, first, count + 1)[-1].on
    said = " ".join(found.reasons)
    assert "None came around" in said
    assert "It was charged twice" in said


@settings(max_examples=100, deadline=None)
@given(DAYS, st.integers(4, 12), st.integers(0, 10_000))
def test_what_moves_with_the_exchange_rate_is_one_subscription_without_a_rise(
    first: date, count: int, seed: int
) -> None:
    random = Random(seed)
    level, charges = 100_000.0, []
    for charge in series(Period.MONTHLY, first, count):
        level *= 1 + random.uniform(-0.024, 0.024)
        charges.append(replace(charge, minor=round(level)))
    found = only(charges)
    assert (found.period, found.charges, found.rises) == (Period.MONTHLY, count, ())
    asked = [replace(c, asked_minor=89_000, asked_currency="EUR") for c in charges]
    known = only(asked)
    assert (known.asked_minor, known.asked_currency, known.currency) == (89_000, "EUR", "USD")
    assert known.rises == ()


@settings(max_examples=100, deadline=None)
@given(DAYS, st.integers(3, 8), st.integers(2, 8), st.integers(3, 60), st.booleans())
def test_a_rise_is_told_with_its_day_and_both_prices(
    first: date, before: int, after: int, percent: int, up: bool
) -> None:
    charges = series(Period.MONTHLY, first, before + after, 10_000)
    new = 10_000 + 100 * percent if up else 10_000 * 100 // (100 + percent)
    moved = [replace(c, minor=new if n >= before else c.minor) for n, c in enumerate(charges)]
    found = only(moved)
    assert (found.charges, found.usual_minor) == (before + after, new)
    if not up:
        assert found.rises == ()
        return
    (rise,) = found.rises
    assert (rise.on, rise.before_minor, rise.after_minor) == (moved[before].on, 10_000, new)
    assert rise.percent == percent
    assert any(f"rose by {percent} %" in reason for reason in found.reasons)


# --- several of one tool -------------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(DAYS, st.integers(0, 27), st.integers(4, 10), st.sampled_from(["currency", "payer", "price"]))
def test_several_subscriptions_of_one_tool_are_told_apart(
    first: date, shift: int, count: int, what: str
) -> None:
    other = first + timedelta(days=shift)
    one = series(Period.MONTHLY, first, count, 4900, payer="a")
    second = {
        "currency": series(Period.MONTHLY, other, count, 4900, "EUR", payer="a"),
        "payer": series(Period.MONTHLY, other, count, 4900, payer="b"),
        "price": series(Period.MONTHLY, other, count, 99_00, payer="a"),
    }[what]
    found = subscriptions([*one, *second])
    assert [(s.period, s.charges, s.payers) for s in found] == [(Period.MONTHLY, count, 1)] * 2
    assert {s.first_on for s in found} == {first, other}


@settings(max_examples=60, deadline=None)
@given(DAYS, st.integers(6, 14), st.integers(2, 4))
def test_one_subscription_may_be_paid_by_many(first: date, count: int, payers: int) -> None:
    charges = [replace(c, payer=f"p{n % payers}") for n, c in enumerate(series(Period.MONTHLY, first, count))]
    found = only(charges)
    assert (found.period, found.charges, found.payers) == (Period.MONTHLY, count, payers)


# --- what does not count -------------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(FIXED), DAYS, st.data())
def test_declined_replaced_and_refunded_charges_count_for_nothing(
    period: Period, first: date, data: st.DataObject
) -> None:
    charges = series(period, first, LEAST[period] + 3)
    plain = subscriptions(charges)
    one = data.draw(st.sampled_from(charges))
    noise = [
        replace(one, ref="d", state="declined", on=one.on - timedelta(days=1)),
        replace(one, ref="v", state="void"),
        replace(one, ref="h", state="pending", replaced=True, on=one.on - timedelta(days=2)),
        replace(one, ref="wrong", minor=7700, on=one.on + timedelta(days=9)),
    ]
    named = data.draw(st.booleans())
    back = replace(
        noise[-1],
        ref="back",
        minor=-7700,
        state="refund",
        on=one.on + timedelta(days=12),
        refund_of="wrong" if named else None,
    )
    assert subscriptions([*charges, *noise, back]) == plain
    part = replace(one, ref="part", minor=-10, state="refund", refund_of=one.ref)
    assert subscriptions([*charges, part]) == plain, "a credit does not end a subscription"


def test_a_pending_charge_counts_and_a_refunded_last_one_ends_it_earlier() -> None:
    charges = series(Period.MONTHLY, date(2026, 1, 10), 6)
    waiting = [*charges[:-1], replace(charges[-1], state="pending")]
    assert only(waiting) == only(charges)
    back = replace(charges[-1], ref="back", minor=-4900, state="refund", on=date(2026, 6, 12))
    assert only([*charges, back]).last_on == date(2026, 5, 10)


# --- without a fixed price -----------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(25))
def test_advertising_is_paid_by_use_and_no_subscription_is_read_into_it(seed: int) -> None:
    random = Random(seed)
    charges = [
        Charge(
            date(2025, 12, 1) + timedelta(days=30 * month + random.randint(0, 29)),
            round(40_000 * random.uniform(0.4, 1.6)),
            "USD",
            payer=random.choice("abc"),
        )
        for month in range(12)
        for _ in range(random.randint(2, 5))
    ]
    found = only(charges)
    assert (found.period, found.charges) == (Period.USAGE, len(charges))
    assert found.next_on is not None
    assert found.ended(found.last_on + timedelta(days=60))


def test_monthly_bills_of_very_different_amounts_are_paid_by_use() -> None:
    bills = [3_100, 9_800, 5_200, 17_000, 800, 12_500]
    charges = [
        replace(c, minor=m) for c, m in zip(series(Period.MONTHLY, date(2026, 1, 3), 6), bills, strict=True)
    ]
    assert only(charges).period is Period.USAGE


def test_a_single_charge_is_yearly_only_if_it_says_so() -> None:
    once = Charge(date(2026, 1, 17), 1_200_000, "USD", text="SFDC IRELAND LIMITED")
    found = only([once])
    assert (found.period, found.next_on, found.ended_after) == (Period.ONE_OFF, None, None)
    assert not found.ended(date(2036, 1, 1))
    for words in ("Annual subscription", "Guru plan, yearly", "Jahreslizenz 2026", "12 months of Pro"):
        found = only([replace(once, text=words)])
        assert (found.period, found.next_on) == (Period.YEARLY, date(2027, 1, 17))
        assert found.confidence == 0.5
        assert found.ended(date(2027, 7, 20))
    assert only([replace(once, text="Manual annuals for the office garden party")]).period is Period.ONE_OFF


def test_two_charges_are_a_subscription_only_if_they_are_alike() -> None:
    first, second = series(Period.MONTHLY, date(2026, 3, 5), 2)
    pair = only([first, second])
    assert (pair.period, pair.confidence) == (Period.MONTHLY, 0.5)
    assert only([first, replace(second, minor=9900)]).period is Period.ONE_OFF
    assert only([first, replace(second, on=date(2026, 4, 19))]).period is Period.ONE_OFF


# --- any charges ---------------------------------------------------------------------------------

CHARGES = st.builds(
    Charge,
    on=st.one_of(st.dates(date(2025, 1, 1), date(2026, 12, 31)), st.dates()),
    minor=st.integers(-(2**53), 2**53),
    currency=st.sampled_from(["USD", "EUR", "JPY"]),
    state=st.sampled_from(["posted", "pending", "refund", "declined", "void"]),
    source=st.sampled_from(["1", "2"]),
    payer=st.sampled_from(["", "a", "b"]),
    ref=st.sampled_from(["", "r1", "r2", "r3"]),
    refund_of=st.sampled_from([None, "r1", "r2"]),
    replaced=st.booleans(),
    asked_minor=st.one_of(st.none(), st.integers(-100, 10**9)),
    asked_currency=st.sampled_from([None, "EUR"]),
    text=st.sampled_from(["", "annual", "x"]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(CHARGES, max_size=25), st.randoms())
def test_any_charges_have_one_answer_whatever_their_order(charges: list[Charge], random: Random) -> None:
    found = subscriptions(charges)
    mixed = list(charges)
    random.shuffle(mixed)
    assert subscriptions(mixed) == found
    paid = [c for c in charges if c.state in {"posted", "pending"} and c.minor > 0 and not c.replaced]
    assert sum(s.charges for s in found) <= len(paid)
    for each in found:
        assert date.min <= each.first_on <= each.last_on
        assert each.usual_minor > 0
        assert 0 < each.confidence <= 1
        assert each.reasons
        if each.next_on is not None and each.last_on < date(9990, 1, 1):
            assert each.ended_after is not None
            assert each.last_on < each.next_on <= each.ended_after


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(FIXED), st.lists(st.dates(), min_size=1, max_size=6))
def test_the_next_day_is_always_later(period: Period, days: list[date]) -> None:
    days.sort()
    expected = next_after(RHYTHM_OF[period], days)
    assert expected > days[-1] or expected == date.max
