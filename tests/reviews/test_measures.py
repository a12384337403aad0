"""What the scoreboard counts, without a database."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.reviews.alone import Approval, Charges, approved_alone, bought_undecided, one_side, unreviewed_spend
from app.reviews.measures import (
    Days,
    Deed,
    Moments,
    Number,
    Promised,
    Spell,
    claimed,
    decided_by,
    present,
    promises,
    reached,
)
from app.reviews.scoreboard import part_of, percentile, span
from app.security.schemas import Side

DAYS = Days(date(2026, 11, 1), date(2026, 11, 30))


def at(day: int, hour: int = 12, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def test_a_period_holds_its_last_day_and_the_one_before_ends_where_it_begins() -> None:
    assert DAYS.holds(at(1, 0))
    assert DAYS.holds(at(30, 23))
    assert not DAYS.holds(at(1, 0, month=12))
    assert not DAYS.holds(None)
    assert DAYS.before == Days(date(2026, 10, 2), date(2026, 10, 31))
    assert DAYS.before.end == DAYS.start
    assert DAYS.year == Days(date(2025, 12, 1), date(2026, 11, 30))


@given(st.dates(date(2001, 1, 1), date(2090, 1, 1)), st.integers(0, 4000), st.datetimes())
def test_no_moment_lies_in_a_period_and_the_one_before(first: date, length: int, moment: datetime) -> None:
    days = Days(first, first + timedelta(days=length))
    aware = moment.replace(tzinfo=UTC)
    assert not (days.holds(aware) and days.before.holds(aware))
    both = days.before.start <= aware < days.end
    assert both == (days.holds(aware) or days.before.holds(aware))


def test_a_step_counts_in_the_period_in_which_it_was_taken() -> None:
    found = [
        Moments(1, at(1), flagged_at=at(3)),
        Moments(2, at(1, month=9), flagged_at=at(2)),
        Moments(3, at(1, month=9), flagged_at=at(20, month=10)),
        Moments(4, at(1)),
        Moments(5, at(9), flagged_at=at(8)),  # its older evidence was taken away
    ]
    counted = reached(found, Number.FLAGGED, DAYS)
    assert [(i.tool_id, i.seconds) for i in counted.items] == [(1, 2 * 86_400), (2, 62 * 86_400)]
    assert counted.over == 2
    assert reached(found, Number.CLAIMED, DAYS).items == ()


def test_what_was_merged_in_gives_its_earliest_moments() -> None:
    one = Moments(1, at(5), at(9), None, at(20), 7)
    other = Moments(2, at(3), at(4), at(6), at(8), 3)
    assert one.joined(other) == Moments(1, at(3), at(4), at(6), at(8), 3)
    assert one.joined(Moments(2, at(6))) == Moments(1, at(5), at(9), None, at(20), 7)


def test_who_is_present_follows_the_log() -> None:
    log = [
        Deed(at(2), "claimed"),
        Deed(at(4), "steward_named"),
        Deed(at(6), "lapsed"),
        Deed(at(8), "settled"),
        Deed(at(10), "steward_left"),
        Deed(at(12), "released"),
    ]
    seen = [present(log, at(day)) for day in (2, 3, 5, 7, 9, 11, 13)]
    assert seen == [
        (False, False),
        (True, False),
        (True, True),
        (False, True),
        (True, True),
        (True, False),
        (False, False),
    ]
    counted = claimed({1: log[:1], 2: log, 3: log[:1]}, frozenset({1, 2}), 9, DAYS)
    assert ([i.tool_id for i in counted.items], counted.over) == ([1], 9)


def test_a_decision_holds_until_it_is_looked_at_again() -> None:
    first = Spell(1, at(2), at(4), True)
    again = Spell(2, at(10), at(12), False)
    assert [decided_by([first, again], at(day)) for day in (1, 3, 5, 11, 13)] == [
        False,
        False,
        True,
        False,
        True,
    ]
    ran_out = again._replace(gives_back=False)
    assert not decided_by([first, ran_out], at(13))
    assert not decided_by([first, again._replace(closed_at=None)], at(13))
    assert not decided_by([Spell(1, at(2), at(4), False)], at(13))


def charge(day: int, tool: int = 1, **more: object) -> Charges:
    given = {"times": 1, "paid": 500, "spend": 500, "undecided": None, **more}
    return Charges(tool, date(2026, 11, day), "EUR", **given)  # type: ignore[arg-type]


def test_what_was_paid_while_undecided_counts_and_the_day_of_the_decision_does_not() -> None:
    spells = {1: [Spell(1, at(5), at(10), True), Spell(2, at(20), None, False)]}
    charges = [charge(day) for day in (1, 7, 10, 15, 20, 25)]
    counted = bought_undecided([*charges, charge(3, tool=2, undecided=False)], spells, DAYS)
    (item,) = counted.items
    assert (item.tool_id, item.times, item.spend) == (1, 3, {"EUR": 1500})
    assert counted.over == 2
    # A refund alone is no purchase, nor is what lies outside the period.
    rest = [charge(3, times=0, paid=0, spend=-500), Charges(1, date(2026, 10, 3), "EUR", 1, 5, 5, True)]
    assert bought_undecided(rest, {}, DAYS).over == 0


def test_spend_of_undecided_tools_is_less_refunds() -> None:
    charges = [
        charge(1),
        charge(2, times=0, paid=0, spend=-200),
        charge(3, tool=2),
        Charges(3, date(2026, 1, 3), "USD", 1, 70, 70, True),
        Charges(3, date(2025, 11, 3), "USD", 1, 9, 9, True),
    ]
    counted = unreviewed_spend(charges, {2: [Spell(1, at(5), at(10), True)]}, DAYS)
    assert {i.tool_id: i.spend for i in counted.items} == {1: {"EUR": 300}, 3: {"USD": 70}}
    part = part_of(Number.UNREVIEWED_SPEND, counted, "/x")
    assert (part.count, part.n, part.share, part.spend_minor) == (2, 3, 0.6667, {"EUR": 300, "USD": 70})


def test_an_approval_by_old_means_counts_where_nobody_had_decided() -> None:
    spells = {1: [Spell(1, at(5), at(10), True)], 9: [Spell(2, at(1), at(2), True)]}
    found = [
        Approval(1, at(4), "IT's list"),
        Approval(1, at(12), "IT's list"),
        Approval(2, at(6), "consent"),
        Approval(2, at(3), "IT's list"),
        Approval(3, at(6), "part of 9", into=9),
        Approval(4, at(6), "part of 2", into=2),
        Approval(5, at(6, month=10), "IT's list"),
    ]
    counted = approved_alone(found, spells, frozenset({1, 9}), DAYS)
    assert [(i.tool_id, i.at, i.what, i.times) for i in counted.items] == [
        (1, at(4), "IT's list", 1),
        (2, at(3), "IT's list", 2),
        (3, at(6), "part of 9", 1),
    ]
    assert counted.over == 4, "these three, and the one that was decided on without any of it"


def test_one_side_is_alone_unless_a_review_brings_the_other() -> None:
    owner, steward = [Deed(at(2), "claimed")], [Deed(at(2), "steward_named")]
    deeds = {1: owner, 2: steward, 3: [*owner, *steward], 4: owner, 5: owner, 6: owner, 7: owner}
    spells = {
        4: [Spell(1, at(3), None, False)],
        5: [Spell(2, at(3), at(5), True)],
        6: [Spell(3, at(3), at(5), False)],
        7: [Spell(4, at(3, month=12), None, False)],
    }
    counted = one_side(deeds, spells, frozenset({1, 2, 3, 4, 5, 6}), DAYS)
    assert {i.tool_id: i.what for i in counted.items} == {
        1: "It has an owner, and nobody of IT is there.",
        2: "It has a steward, and no owner.",
        6: "It has an owner, and nobody of IT is there.",
    }
    assert counted.over == 6


def test_promises_count_in_the_period_in_which_they_were_settled() -> None:
    def promise(number: int, state: str, settled: datetime | None, side: Side = Side.IT) -> Promised:
        return Promised(1, 1, number, side, "SSO", state, at(1, month=9), settled)

    found = [
        promise(1, "kept", at(3)),
        promise(2, "missed", at(4)),
        promise(3, "kept", at(4, month=10)),
        promise(4, "open", None),
        promise(5, "waived", at(5), Side.MARKETING),
        promise(6, "kept", at(5, month=12)),
    ]
    counted = promises(found, DAYS)
    numbers = {
        (number, side): ([i.number for i in one.items], one.over) for (number, side), one in counted.items()
    }
    assert numbers[Number.PROMISES_KEPT, Side.IT] == ([1], 2)
    assert numbers[Number.PROMISES_MISSED, Side.IT] == ([2], 2)
    assert numbers[Number.PROMISES_OPEN, Side.IT] == ([4, 6], 2), "what was settled later was open then"
    assert numbers[Number.PROMISES_WAIVED, Side.MARKETING] == ([5], 1)


def test_of_nothing_there_is_no_number_but_the_reason() -> None:
    nothing = part_of(Number.CLAIMED_SHARE, claimed({}, frozenset(), 0, DAYS), "/x")
    assert (nothing.count, nothing.n, nothing.share) == (0, 0, None)
    assert nothing.why == "No marketing tool was in use on the last day."
    empty = span([], "Nothing was decided.", "/x")
    assert (empty.median_s, empty.p90_s, empty.why) == (None, None, "Nothing was decided.")


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=60))
def test_nine_of_ten_took_no_longer(seconds: list[int]) -> None:
    found = percentile(seconds, 0.9)
    assert found in seconds
    assert 10 * sum(s <= found for s in seconds) >= 9 * len(seconds)
    assert 10 * sum(s < found for s in seconds) < 9 * len(seconds)
