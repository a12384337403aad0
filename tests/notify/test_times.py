"""Quiet hours, digests and pauses: pure functions of time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.notify.times import MOST_ATTEMPTS, Preferences, after_quiet, next_digest, pause_after, when_to_send
from app.notify.topics import Mode, known_pattern, topic_of, wanted

BERLIN = Preferences(timezone="Europe/Berlin")
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "moment"),
    [
        ("2026-11-20T12:00", "2026-11-20T12:00"),
        ("2026-11-20T18:59", "2026-11-20T18:59"),
        ("2026-11-20T19:00", "2026-11-21T06:00"),  # 20:00 in Berlin
        ("2026-11-20T23:30", "2026-11-21T06:00"),
        ("2026-11-21T05:59", "2026-11-21T06:00"),
        ("2026-11-21T06:00", "2026-11-21T06:00"),
        ("2026-03-28T22:00", "2026-03-29T05:00"),  # the clocks go forward in that night
        ("2026-10-24T22:00", "2026-10-25T06:00"),  # and back in this one
    ],
)
def test_quiet_hours_are_those_of_the_persons_clock(now: str, moment: str) -> None:
    assert after_quiet(at(now), BERLIN) == at(moment)


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    noon = Preferences(quiet_from=12 * 60, quiet_until=13 * 60)
    assert after_quiet(at("2026-11-20T12:20"), noon) == at("2026-11-20T13:00")
    never = Preferences(quiet_from=0, quiet_until=0)
    assert after_quiet(at("2026-11-20T03:00"), never) == at("2026-11-20T03:00")


def test_what_is_urgent_passes_and_a_digest_waits_for_its_day() -> None:
    night = at("2026-11-20T23:00")  # a Friday
    assert when_to_send(night, BERLIN, Mode.NOW, urgent=True) == night
    assert when_to_send(night, BERLIN, Mode.NOW) == at("2026-11-21T06:00")
    assert when_to_send(night, BERLIN, Mode.DIGEST) == at("2026-11-23T07:00")  # Monday, 8:00 in Berlin
    assert next_digest(at("2026-11-23T07:00"), BERLIN) == at("2026-11-30T07:00")


preferences = st.builds(
    Preferences,
    timezone=st.sampled_from(ZONES),
    quiet_from=st.integers(0, 1439),
    quiet_until=st.integers(0, 1439),
    digest_day=st.integers(0, 6),
    digest_minute=st.integers(0, 1439),
)
moments = st.integers(0, 10 * 365 * 24 * 60).map(lambda m: at("2020-01-01T00:00") + timedelta(minutes=m))


@given(moments, preferences)
def test_nobody_waits_longer_than_a_night_or_a_week(now: datetime, wanted: Preferences) -> None:
    assert now <= after_quiet(now, wanted) <= now + timedelta(hours=26)
    digest = next_digest(now, wanted)
    # A clock that jumps over a whole day, as Samoa's did, is in nobody's week here.
    assert now < digest <= now + timedelta(days=7, hours=2)
    assert digest.astimezone(ZoneInfo(wanted.timezone)).weekday() in {
        wanted.digest_day,
        (wanted.digest_day + 1) % 7,
    }


@given(moments, preferences)
def test_after_quiet_hours_it_is_not_quiet(now: datetime, wanted: Preferences) -> None:
    moment = after_quiet(now, wanted)
    again = after_quiet(moment, wanted)
    assert again == moment or again - moment <= timedelta(hours=2)  # the hour that comes twice in autumn


def test_pauses_grow_from_a_minute_to_six_hours_over_two_days() -> None:
    pauses = [pause_after(n, 0.5) for n in range(1, MOST_ATTEMPTS)]
    assert pauses[0] == timedelta(minutes=1)
    assert pauses == sorted(pauses)
    assert max(pauses) == timedelta(hours=6)
    assert timedelta(hours=36) < sum(pauses, timedelta()) < timedelta(hours=50)
    assert pause_after(1, 0.0) < pause_after(1, 1.0)
    assert pause_after(10_000, 0.5) == timedelta(hours=6)


def test_a_channel_names_topics_one_by_one_by_group_or_all() -> None:
    assert wanted(["review.decided"], "review.decided")
    assert wanted(["review.*"], "review.decided")
    assert wanted(["*"], "review.decided")
    assert not wanted(["review.*"], "renewal.due")
    assert not wanted(["rev*"], "review.decided")
    assert not known_pattern("reviews.*")
    with pytest.raises(ValueError, match=r"no topic 'review\.decide'"):
        topic_of("review.decide")
