"""An ordinary word is no product's name, until its permissions or its rhythm say so."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from app.catalog.second_look import recurs
from app.db import reading
from app.models import apps, expenses, merchants, tools
from connectors.base import Mode
from connectors.identifiers import APP_NAME, PUBLISHER, Identifier
from connectors.observations import AppSeen, ExpenseSeen, GrantSeen, PersonSeen, SignOn
from tests.support.scanning import NOW, Clock, Scanner
from tests.support.scripted import Script, scripted

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
