"""What renews, when, and who is told: by contracts and charges, at 60 and 30 days and on the last day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from app import models
from app.db import reading, writing
from app.joining import house_rules, owners_of
from app.policy.reopening import Agreed
from app.reviews.choosing import Caps
from app.spend.reminding import remind
from app.spend.renewals import Contract, Per, Stage, renewals
from app.spend.service import renewal_days
from tests.conftest import NOW
from tests.spend.support import TODAY, Company, Office


def contract(**values: Any) -> Contract:
    defaults: dict[str, Any] = {
        "id": 1,
        "tool_id": 1,
        "starts_on": date(2025, 1, 1),
        "ends_on": None,
        "renews_on": None,
        "term_months": 12,
        "notice_days": None,
        "auto_renews": True,
        "amount_minor": 1,
        "currency": "EUR",
        "per": Per.YEARLY,
    }
    return Contract(**{**defaults, **values})


# --- pure ----------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(st.dates(), st.dates(), st.integers(1, 120))
def test_one_that_renews_by_itself_always_has_a_next_day(first: date, today: date, term: int) -> None:
    found = contract(renews_on=first, term_months=term).next_on(today)
    assert found is not None
    assert found >= min(today, date(9999, 12, 1))
    assert (found.year * 12 + found.month - first.year * 12 - first.month) % term == 0 or found == date.max
    if found != first and found < date(9990, 1, 1):
        before = (found.toordinal() - today.toordinal()) / 30.4
        assert before <= term + 1, "no renewal is passed over"


def test_a_contract_that_ends_is_over_then() -> None:
    ends = contract(ends_on=date(2026, 11, 30), auto_renews=False)
    assert ends.next_on(TODAY) == date(2026, 11, 30)
    assert ends.stands(date(2026, 11, 30))
    assert not ends.stands(date(2026, 12, 1))
    assert ends.next_on(date(2026, 12, 1)) is None
    assert contract().next_on(TODAY) is None
    month_end = contract(renews_on=date(2026, 1, 31), term_months=1)
    assert month_end.next_on(date(2026, 2, 2)) == date(2026, 2, 28)
    assert month_end.next_on(date(2026, 3, 1)) == date(2026, 3, 31)


def test_without_a_written_notice_the_day_before_is_the_last() -> None:
    (found,) = renewals([contract(renews_on=date(2026, 12, 31))], [], TODAY)
    assert (found.notice_by, found.notice_known) == (date(2026, 12, 30), False)
    (known,) = renewals([contract(renews_on=date(2026, 12, 31), notice_days=0)], [], TODAY)
    assert (known.notice_by, known.notice_known) == (date(2026, 12, 31), True)
    reached = {day: known.reached(known.on - timedelta(days=day)) for day in (61, 60, 31, 30, 1, 0, -1)}
    assert reached == {
        61: [],
        60: [Stage.SIXTY_DAYS],
        31: [Stage.SIXTY_DAYS],
        30: [Stage.SIXTY_DAYS, Stage.THIRTY_DAYS],
        1: [Stage.SIXTY_DAYS, Stage.THIRTY_DAYS],
        0: [Stage.SIXTY_DAYS, Stage.THIRTY_DAYS, Stage.LAST_DAY],
        -1: [],
    }


# --- the list ------------------------------------------------------------------------------------


async def test_renewals_are_listed_by_day_filtered_and_paged(office: Office) -> None:
    company = office.company
    names = {}
    for n, (name, governance) in enumerate(
        [("Ahrefs", "unreviewed"), ("Brevo", "sanctioned"), ("Canva", "unreviewed")]
    ):
        tool = names[name] = company.tool(name, governance=governance)
        account = company.person(f"Person{n}", "Marketing" if n else "Sales")
        company.pays_yearly(tool, date(2025, 12, 1) + timedelta(days=20 * n), account=account)
        company.pays_monthly(tool, date(2026, 11, 1), 3, account=account)
        company.assess(tool)
    await office.enter(names["Canva"], renews_on="2026-11-25", auto_renews=False)
    listed = (await office.get("/renewals"))["items"]
    assert [(r["tool"]["name"], r["on"], r["auto_renews"]) for r in listed] == [
        ("Canva", "2026-11-25", False),
        ("Ahrefs", "2026-12-01", True),
        ("Brevo", "2026-12-21", True),
    ]
    assert (listed[1]["amount_minor"], listed[1]["per"], listed[1]["confidence"]) == (
        1_200_000,
        "yearly",
        0.5,
    )

    async def seen(**query: Any) -> list[str]:
        return [r["tool"]["name"] for r in (await office.get("/renewals", **query))["items"]]

    assert await seen(within_days=5) == ["Canva"]
    assert await seen(within_days=4) == []
    assert await seen(department="Sales") == ["Ahrefs"]
    assert await seen(governance=["sanctioned", "retired"]) == ["Brevo"]
    pages, cursor = [], {}
    while True:
        page = await office.get("/renewals", limit=1, **cursor)
        pages += [r["tool"]["name"] for r in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert pages == ["Canva", "Ahrefs", "Brevo"]
    assert (await office.ask("rudi", "GET", "/renewals", cursor="abc")).status_code == 422
    assert (await office.ask("rudi", "GET", "/renewals", days=3)).status_code == 422


# --- who is told ---------------------------------------------------------------------------------


def told(company: Company, now: datetime) -> list[dict[str, Any]]:
    """The messages that looking through the renewals at a moment puts into the outbox."""
    before = len(company.rows(models.messages))
    with writing(company.engine) as connection:
        remind(connection, now, owners_of=owners_of)
    return company.rows(models.messages)[before:]


def receivers(company: Company, message: dict[str, Any]) -> set[int]:
    rows = company.rows(models.deliveries)
    return {d["user_id"] for d in rows if d["message_id"] == message["id"]}


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 6, tzinfo=UTC)


async def test_a_renewal_is_told_once_for_each_stage(office: Office) -> None:
    company = office.company
    tool = company.tool("Brevo")
    company.owns("mara", tool)
    company.owns("rudi", tool, "co_owner")
    renews = TODAY + timedelta(days=70)
    await office.enter(tool, renews_on=renews.isoformat(), notice_days=20)
    seen: dict[int, list[dict[str, Any]]] = {}
    for days in range(70, -3, -1):
        found = told(company, at(renews - timedelta(days=days)))
        assert told(company, at(renews - timedelta(days=days))) == []
        if found:
            seen[days] = found
    assert {days: [m["data"]["stage"] for m in found] for days, found in seen.items()} == {
        60: ["sixty_days"],
        30: ["thirty_days"],
        20: ["last_day"],
    }
    (last,) = seen[20]
    assert last["topic"] == "renewal.due"
    assert last["title"] == "Brevo renews in 20 days, on 29 January 2027"
    assert "12,000.00 EUR a year." in last["text"]
    assert last["text"].endswith("Today is the last day to give notice.")
    assert receivers(company, last) == {company.users["mara"], company.users["rudi"]}
    # A year later it is another renewal.
    assert [m["data"]["stage"] for m in told(company, at(date(2027, 12, 15)))] == ["sixty_days"]


async def test_what_is_found_late_is_told_once_and_to_both_sides_without_an_owner(office: Office) -> None:
    company = office.company
    tool, gone, dismissed = (
        company.tool("Brevo"),
        company.tool("Gone"),
        company.tool("Not ours", governance="dismissed"),
    )
    for one in (tool, tool, gone, dismissed):
        await office.enter(one, renews_on="2026-11-30", notice_days=30)
    company.change(gone, merged_into=tool)
    (message,) = told(company, NOW)
    assert message["data"]["stage"] == "last_day"
    assert len(message["data"]["renewals"]) == 3, "one message a tool, with all that renews"
    assert message["text"].count("The last day to give notice was 31 October 2026.") == 3
    assert receivers(company, message) == {company.users["mara"], company.users["ida"]}
    assert told(company, NOW + timedelta(days=3)) == []


def test_an_expected_charge_that_moves_by_days_is_the_same_renewal(company: Company) -> None:
    tool = company.tool("Brevo")
    company.pays_yearly(tool, date(2025, 12, 10))
    company.assess(tool)
    assert [m["data"]["stage"] for m in told(company, NOW)] == ["thirty_days"]
    company.pays_yearly(tool, date(2025, 12, 14), minor=1_300_000)  # a second one, days later
    company.assess(tool)
    assert told(company, NOW + timedelta(hours=1)) == []


# --- what it does to decisions -------------------------------------------------------------------


def test_a_renewal_opens_a_decision_again_but_not_one_that_was_taken_in_its_sight(engine: Engine) -> None:
    company = Company(engine)
    tool = company.tool("Brevo", governance="sanctioned", ownership="owned")
    company.pays_yearly(tool, date(2026, 1, 10))
    company.assess(tool)
    with reading(engine) as connection:
        assert renewal_days(connection, [tool, 99], TODAY) == {tool: date(2027, 1, 10)}
    rules = house_rules()

    def reasons(agreed: Agreed, now: datetime = NOW) -> list[str]:
        with writing(engine) as connection:
            found = rules.look_again(connection, {tool: agreed.plain()}, now)
            rules.settle(connection, tool, "test", now)
            return list(found.get(tool, ()))

    spend = {"USD": 10_000_000}
    long_ago = Agreed(people=9, spend=spend, decided_on=date(2026, 3, 1))
    assert reasons(long_ago) == ["It renews in 51 days, on 10 January 2027."]
    assert reasons(long_ago, NOW - timedelta(days=10)) == []
    assert reasons(Agreed(people=9, spend=spend)) == ["It renews in 51 days, on 10 January 2027."]
    assert reasons(Agreed(people=9, spend=spend, decided_on=TODAY)) == []
    with writing(engine) as connection:
        agreed = Agreed.of(rules.agree(connection, tool, Caps(), NOW))
    assert agreed.decided_on == TODAY
