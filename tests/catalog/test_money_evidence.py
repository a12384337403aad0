"""What charges say about tools and people, and what they stop saying when they are edited."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from app.catalog import repository
from app.db import reading
from app.models import expenses, tools
from connectors.base import Mode
from connectors.observations import ExpenseSeen, ExpenseState, PersonSeen
from tests.support.scanning import NOW, Scanner
from tests.support.scripted import Script, scripted


def _charge(ref: str, **more: Any) -> ExpenseSeen:
    given = {"occurred_on": NOW.date(), "currency": "USD", "amount_minor": 5000, "merchant": "Mailchimp"}
    return ExpenseSeen(ref=ref, **{**given, **more})


def _cards(engine: Engine) -> tuple[Scanner, Script]:
    scanner, script = scripted(engine, connector="ramp", people=Mode.SNAPSHOT, charges=Mode.WINDOW)
    script.pages["people"] = [[PersonSeen(ref="u1", email="ada@acme.example", department="Marketing")]]
    return scanner, script


@pytest.mark.parametrize("state", list(ExpenseState))
def test_who_was_declined_does_not_use_the_tool(engine: Engine, state: ExpenseState):
    scanner, script = _cards(engine)
    script.pages["charges"] = [[_charge("t1"), _charge("t2", person_ref="u1", state=state)]]
    scanner.scan()
    paid = state not in {ExpenseState.DECLINED, ExpenseState.VOID}
    tool = scanner.rows(tools)[0]
    assert (tool["people"], len(tool["departments"])) == (int(paid), int(paid))
    since = NOW.date() - timedelta(days=90)
    with reading(engine) as connection:
        users = repository.users_of(
            connection, tool["id"], signed_in_since=since, paid_since=since, before=None, limit=9
        )
    assert len(users) == tool["people"]


def test_a_charge_that_turns_out_not_to_be_for_software_is_forgotten(engine: Engine):
    scanner, script = _cards(engine)
    script.pages["charges"] = [[_charge("t1", merchant="Zorblatt", category="Software")]]
    scanner.scan()
    assert scanner.rows(tools)[0]["spend_minor"] == 5000
    script.pages["charges"] = [[_charge("t1", merchant="Zorblatt", category="Meals", mcc="5812")]]
    scan = scanner.scan()
    assert (scan["ignored"], scan["state"]) == (1, "complete")
    assert scanner.rows(expenses) == []
    assert scanner.rows(tools) == []
