"""An ordinary word is no product's name, until its permissions or its rhythm say so."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from app.catalog.second_look import recurs
from app.db import reading, writing
from app.identify import default_knowledge_base
from app.models import apps, expenses, merchants, tools
from app.teaching.schemas import CorrectIn, UndoIn
from app.teaching.service import Classroom
from connectors.base import Mode
from connectors.identifiers import APP_NAME, PUBLISHER, Identifier
from connectors.observations import AppSeen, ExpenseSeen, ExpenseState, GrantSeen, PersonSeen, SignOn
from tests.support.scanning import NOW, Clock, Scanner
from tests.support.scripted import Script, scripted

KB = default_knowledge_base()
PEOPLE = [PersonSeen(ref="u1", email="ada@acme.example", name="Ada", department="Marketing")]
ADS = "https://www.googleapis.com/auth/adwords"


def app(name: str, *more: Identifier) -> AppSeen:
    return AppSeen(
        ref="a1", name=name, identifiers=(Identifier(APP_NAME, name), *more), sign_on=SignOn.CONSENT
    )


def charge(number: int, day: date, merchant: str = "SEGMENT", minor: int = 12000, **more) -> ExpenseSeen:
    return ExpenseSeen(
        ref=f"c{number}",
        merchant=merchant,
        amount_minor=minor,
        occurred_on=day,
        currency="USD",
        person_ref="u1",
        **more,
    )


@pytest.fixture
def google(engine: Engine) -> tuple[Scanner, Script]:
    scan, seen = scripted(engine, "google", clock=Clock(), people=Mode.SNAPSHOT, apps=Mode.SNAPSHOT)
    seen.pages["people"] = [PEOPLE]
    return scan, seen


@pytest.fixture
def bank(engine: Engine) -> tuple[Scanner, Script]:
    scan, seen = scripted(
        engine, "bank", connector="ramp", clock=Clock(), people=Mode.SNAPSHOT, charges=Mode.WINDOW
    )
    seen.pages["people"] = [PEOPLE]
    return scan, seen


def of_app(engine: Engine) -> tuple[str, str, list[str]]:
    with reading(engine) as connection:
        query = sa.select(tools.c.name, apps.c.rule, apps.c.risks).join(apps, apps.c.tool_id == tools.c.id)
        name, rule, risks = connection.execute(query).one()
        return name, rule, list(risks)


def of_charges(engine: Engine) -> set[tuple[str, str]]:
    with reading(engine) as connection:
        joined = sa.select(tools.c.name, merchants.c.rule).join(merchants, merchants.c.tool_id == tools.c.id)
        joined = joined.join(expenses, expenses.c.merchant_id == merchants.c.id)
        return {(row.name, row.rule) for row in connection.execute(joined)}


def rows(engine: Engine) -> tuple[int, int, int]:
    with reading(engine) as connection:
        counts = (sa.select(sa.func.count()).select_from(t) for t in (tools, merchants, expenses))
        return tuple(connection.scalar(c) or 0 for c in counts)


@pytest.mark.parametrize(("scope", "expected"), [(ADS, "supported_name"), ("email", "unidentified")])
def test_what_an_app_may_do_supports_an_ordinary_word(engine, google, scope: str, expected: str) -> None:
    scan, seen = google
    seen.pages["apps"] = [
        [app("Segment"), GrantSeen(ref="g1", app_ref="a1", person_ref="u1", scopes=(scope,))]
    ]
    scan.scan()
    assert of_app(engine) == ("Segment", expected, [])
    before = rows(engine)
    scan.scan()
    assert of_app(engine) == ("Segment", expected, [])
    assert rows(engine) == before, "reading it again adds nothing"


def test_a_look_alike_is_kept_with_its_warning(engine, google) -> None:
    scan, seen = google
    seen.pages["apps"] = [[app("HubSpot", Identifier(PUBLISHER, "Evil Widgets Ltd"))]]
    scan.scan()
    name, rule, risks = of_app(engine)
    assert (name, rule) == ("HubSpot", "unidentified")
    assert risks == [
        "It calls itself “HubSpot” but is published by Evil Widgets Ltd, not by the maker of HubSpot."
    ]
    with reading(engine) as connection:
        assert connection.scalar(sa.select(tools.c.risk_reasons)) == risks


def test_a_rhythm_supports_an_ordinary_word(engine, bank) -> None:
    scan, seen = bank
    monthly = [charge(n, NOW.date() - timedelta(days=30 * n)) for n in range(1, 3)]
    seen.pages["charges"] = [list(monthly)]
    scan.scan()
    assert of_charges(engine) == {("Segment", "unidentified")}, "two charges are no rhythm"
    seen.pages["charges"] = [[*monthly, charge(3, NOW.date() - timedelta(days=90))]]
    scan.scan()
    assert of_charges(engine) == {("Segment", "supported_name")}
    before = rows(engine)
    scan.scan()
    assert of_charges(engine) == {("Segment", "supported_name")}
    assert rows(engine) == before
    seen.pages["charges"] = [[*seen.pages["charges"][0], charge(4, NOW.date())]]
    scan.scan()
    assert of_charges(engine) == {("Segment", "supported_name")}
    assert rows(engine) == (before[0], before[1], before[2] + 1)


def test_charges_without_a_rhythm_join_those_that_were_filed_as_software(engine, bank) -> None:
    scan, seen = bank
    lines = [charge(n, NOW.date() - timedelta(days=30 * n)) for n in range(1, 4)]
    seen.pages["charges"] = [[*lines, charge(9, NOW.date(), mcc="5734")]]
    scan.scan()
    assert of_charges(engine) == {("Segment", "supported_name")}
    assert rows(engine)[1:] == (1, 4)


def all_tools(engine: Engine) -> set[tuple[str, str]]:
    with reading(engine) as connection:
        return {(row.name, row.identity) for row in connection.execute(sa.select(tools))}


UNKNOWN, KNOWN = {("Segment", "unidentified")}, {("Segment", "identified")}


def test_no_tool_is_left_behind_by_what_is_named_in_the_scan_that_met_it(engine, google, bank) -> None:
    scan, seen = google
    seen.pages["apps"] = [[app("Segment"), GrantSeen(ref="g1", app_ref="a1", person_ref="u1", scopes=(ADS,))]]
    scan.scan()
    assert all_tools(engine) == KNOWN
    scan, seen = bank
    seen.pages["charges"] = [[charge(n, NOW.date() - timedelta(days=30 * n)) for n in range(3)]]
    scan.scan()
    assert all_tools(engine) == KNOWN


def test_a_permission_that_was_taken_back_supports_nothing(engine, google) -> None:
    scan, seen = google
    ads = GrantSeen(ref="g1", app_ref="a1", person_ref="u1", scopes=(ADS,))
    mail = GrantSeen(ref="g2", app_ref="a1", person_ref="u1", scopes=("email",))
    for granted, expected in ((ads, KNOWN), (mail, UNKNOWN), (mail, UNKNOWN), (ads, KNOWN)):
        seen.pages["apps"] = [[app("Segment"), granted]]
        scan.scan()
        assert all_tools(engine) == expected, granted
    seen.pages["apps"] = [[]]
    scan.scan()
    assert all_tools(engine) == KNOWN, "what is gone keeps the name it had"


def test_an_app_without_identifiers_is_looked_at_by_its_name(engine, google) -> None:
    scan, seen = google
    nameless = AppSeen(ref="a1", name="Segment", sign_on=SignOn.CONSENT)
    seen.pages["apps"] = [[nameless, GrantSeen(ref="g1", app_ref="a1", person_ref="u1", scopes=(ADS,))]]
    scan.scan()
    assert all_tools(engine) == KNOWN


@pytest.mark.parametrize(
    "state", [ExpenseState.DECLINED, ExpenseState.VOID, ExpenseState.POSTED], ids=lambda s: s.value
)
def test_only_charges_that_stand_have_a_rhythm(engine, bank, state: ExpenseState) -> None:
    scan, seen = bank
    days = [NOW.date() - timedelta(days=30 * n) for n in range(3)]
    seen.pages["charges"] = [[charge(n, day) for n, day in enumerate(days)]]
    scan.scan()
    assert of_charges(engine) == {("Segment", "supported_name")}
    later = [charge(n, day, state=state) for n, day in enumerate(days)]
    if state is ExpenseState.POSTED:
        later.append(charge(9, NOW.date(), minor=-12000, state=ExpenseState.REFUND, refund_of="c0"))
    seen.pages["charges"] = [later]
    for _ in range(2):
        scan.scan()
        assert of_charges(engine) == {("Segment", "unidentified")}
        assert all_tools(engine) == UNKNOWN
        with reading(engine) as connection:
            assert connection.scalar(sa.select(tools.c.flagged)) is False
            assert connection.scalar(sa.select(merchants.c.why)) == (
                "It may be Segment, but that is an ordinary word, and nothing else says so yet."
            )


def test_a_pending_charge_and_the_one_that_replaces_it_are_one(engine, bank) -> None:
    scan, seen = bank
    seen.pages["charges"] = [
        [
            *(charge(n, NOW.date() - timedelta(days=30 * n)) for n in range(3)),
            charge(9, NOW.date(), state=ExpenseState.PENDING),
            charge(8, NOW.date() - timedelta(days=90), replaces="c9"),
        ]
    ]
    scan.scan()
    assert of_charges(engine) == {("Segment", "supported_name")}


def test_what_one_line_says_holds_for_all_of_its_merchant_whichever_came_first(engine, bank) -> None:
    scan, seen = bank
    unfiled = [charge(n, NOW.date() - timedelta(days=n)) for n in range(2)]
    filed = charge(9, NOW.date(), mcc="5734")
    seen.pages["charges"] = [unfiled, [filed]]
    scan.scan()
    assert of_charges(engine) == {("Segment", "supported_name")}
    assert rows(engine) == (1, 1, 3)
    seen.pages["charges"] = [[*unfiled, charge(9, NOW.date(), mcc="5812")]]
    scan.scan()
    assert of_charges(engine) == {("Segment", "unidentified")}
    assert rows(engine) == (1, 1, 2)


def test_a_taught_merchant_stays_while_the_matcher_learns(engine, bank) -> None:
    scan, seen = bank
    seen.pages["charges"] = [[charge(1, NOW.date() - timedelta(days=60)), charge(7, NOW.date(), "Mailchimp")]]
    scan.scan()
    with reading(engine) as connection:
        tool = connection.execute(sa.select(tools).where(tools.c.name == "Segment")).one()
        other = connection.execute(sa.select(tools).where(tools.c.name == "Mailchimp")).one()
        merchant = connection.execute(sa.select(merchants).where(merchants.c.tool_id == tool.id)).one()
    with writing(engine) as connection:
        room = Classroom(connection, KB, actor="token:ada", now=NOW)
        body = {"merchants": [merchant.id], "to": {"tool": other.id}}
        taught = room.correct(tool.id, tool.version, CorrectIn.model_validate(body)).teaching.id
    lines = [charge(n, NOW.date() - timedelta(days=30 * n)) for n in range(3)]
    seen.pages["charges"] = [[*lines, charge(7, NOW.date(), "Mailchimp")]]
    for _ in range(2):
        scan.scan()
        assert {name for name, _ in of_charges(engine)} == {"Mailchimp"}
    with writing(engine) as connection:
        Classroom(connection, KB, actor="token:ada", now=NOW).undo(taught, UndoIn())
    assert of_charges(engine) == {("Segment", "supported_name"), ("Mailchimp", "descriptor")}


def test_a_word_that_was_filed_as_something_else_is_not_kept(engine, bank) -> None:
    scan, seen = bank
    seen.pages["charges"] = [
        [
            charge(1, NOW.date(), mcc="5812"),
            charge(2, NOW.date(), category="Team lunch"),
            charge(3, NOW.date(), merchant="SEGMENT OF LONDON"),
        ]
    ]
    scan.scan()
    assert rows(engine) == (0, 0, 0)


@pytest.mark.parametrize(
    ("charges", "expected"),
    [
        ([(date(2026, 1, 31), 100), (date(2026, 3, 2), 100), (date(2026, 3, 31), 110)], True),
        ([(date(2026, 1, 31), 100), (date(2026, 3, 2), 100)], False),
        ([(date(2026, 1, 1), 100), (date(2026, 1, 8), 100), (date(2026, 1, 15), 100)], False),
        ([(date(2026, 1, 1), 100), (date(2026, 2, 1), 300), (date(2026, 3, 1), 100)], False),
        ([(date(2026, 1, 1), 100), (date(2026, 2, 1), 100), (date(2026, 6, 1), 100)], False),
        ([(date(2026, m, 1), 100) for m in (1, 2, 3)] + [(date(2026, m, 1), 150) for m in (4, 5, 6)], True),
        ([(date(2026, m, 1), 100) for m in (1, 2, 3, 6, 7)], True),
        ([(date(2026, 1, 1), 100), (date(2026, 2, 1), 60), (date(2026, 3, 1), 100)] * 2, False),
        ([(date(2026, m, 1), 9) for m in (1, 2, 3)] + [(date(2026, 5, d), 9) for d in (1, 2, 3, 4)], False),
        ([(date(2026, 1, 1), 9), (date(2026, 1, 2), -9), (date(2026, 2, 1), 9), (date(2026, 3, 1), 9)], True),
    ],
)
def test_what_a_rhythm_is(charges: list[tuple[date, int]], expected: bool) -> None:
    assert recurs(charges) is expected


@given(
    st.lists(
        st.tuples(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(-(10**6), 10**6)), max_size=9
    )
)
def test_the_order_of_charges_does_not_matter(charges: list[tuple[date, int]]) -> None:
    assert recurs(charges) is recurs(charges[::-1])
