"""What charges tell of, kept beside the tool; and contracts, which stand over it."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from app import models
from app.catalog.leftovers import forget_tools
from app.db import writing
from tests.conftest import NOW
from tests.spend.support import CONTRACT, TODAY, Company, Office


async def test_what_charges_tell_of_is_kept_and_follows_them(office: Office) -> None:
    company = office.company
    brevo = company.tool("Brevo")
    company.pays_monthly(brevo, date(2026, 11, 5), 6)
    company.assess(brevo)
    (found,) = (await office.get(f"/tools/{brevo}/subscriptions"))["subscriptions"]
    assert (found["period"], found["usual_minor"], found["charges"]) == ("monthly", 4900, 6)
    assert (found["next_on"], found["ended"], found["under_contract"]) == ("2026-12-05", False, False)
    assert found["reasons"] == ["6 charges, a month apart.", "Each was 49.00 USD."]
    company.pays(brevo, date(2026, 6, 20), minor=50_000, merchant="Other")
    company.assess(brevo)
    periods = [s["period"] for s in (await office.get(f"/tools/{brevo}/subscriptions"))["subscriptions"]]
    assert periods == ["monthly", "one_off"]
    with writing(company.engine) as connection:
        connection.execute(sa.delete(models.expenses))
    company.assess(brevo)
    assert (await office.get(f"/tools/{brevo}/subscriptions"))["subscriptions"] == []


async def test_one_without_a_charge_for_a_period_and_a_half_has_ended(office: Office) -> None:
    company = office.company
    tool = company.tool("Brevo")
    company.pays_monthly(tool, date(2026, 10, 1), 5)
    company.assess(tool)
    (found,) = (await office.get(f"/tools/{tool}/subscriptions"))["subscriptions"]
    assert (found["ended"], found["next_on"]) == (True, None)


async def test_price_rises_and_foreign_prices_are_shown(office: Office) -> None:
    company = office.company
    tool = company.tool("Brevo")
    for month, (billed, asked) in enumerate([(109, 100), (111, 100), (108, 100), (121, 110), (122, 110)], 7):
        company.pays(
            tool,
            date(2026, month, 3),
            minor=billed * 100,
            original_amount_minor=asked * 100,
            original_currency="EUR",
        )
    company.assess(tool)
    (found,) = (await office.get(f"/tools/{tool}/subscriptions"))["subscriptions"]
    assert found["rises"] == [
        {
            "on": "2026-10-03",
            "before_minor": 10_000,
            "after_minor": 11_000,
            "currency": "EUR",
            "percent": 10,
        }
    ]
    assert (found["currency"], found["asked_currency"], found["asked_minor"]) == ("USD", "EUR", 11_000)


# --- contracts -----------------------------------------------------------------------------------


async def test_a_contract_stands_over_what_charges_tell(office: Office) -> None:
    company = office.company
    tool = company.tool("Brevo", governance="sanctioned")
    company.pays_yearly(tool, date(2026, 1, 10))
    company.assess(tool)
    shown = await office.get(f"/tools/{tool}/subscriptions")
    assert (shown["renewal"]["on"], shown["renewal"]["contract"]) == ("2027-01-10", None)
    assert shown["renewal"]["notice_known"] is False
    made = await office.enter(tool, renews_on="2027-01-01", notice_days=30, vendor_ref="Q-77", seats=12)
    assert made["by"] == {"user_id": company.users["mara"], "name": "Mara"}
    assert (made["stands"], made["next_on"], made["term_months"], made["per"]) == (
        True,
        "2027-01-01",
        12,
        "yearly",
    )
    shown = await office.get(f"/tools/{tool}/subscriptions")
    assert shown["renewal"] == {
        "tool": {"id": tool, "name": "Brevo"},
        "governance": "sanctioned",
        "on": "2027-01-01",
        "days": 42,
        "notice_by": "2026-12-02",
        "notice_known": True,
        "auto_renews": True,
        "amount_minor": 1_200_000,
        "currency": "EUR",
        "per": "yearly",
        "contract": made["id"],
        "confidence": 1.0,
        "why": "By contract Q-77, which renews for 12 months unless somebody gives notice.",
    }
    assert shown["contracts"] == [made]
    assert [s["under_contract"] for s in shown["subscriptions"]] == [True]
    assert [r["contract"] for r in (await office.get("/renewals"))["items"]] == [made["id"]]


async def test_contracts_are_changed_at_a_version_and_audited(office: Office) -> None:
    tool = office.company.tool("Brevo")
    made = await office.enter(tool, renews_on="2027-03-01")
    address = f"/contracts/{made['id']}"
    assert (await office.ask("ida", "PATCH", address, {"seats": 5})).status_code == 428
    assert (await office.ask("ida", "PATCH", address, {"seats": 5}, at=2)).status_code == 412
    answer = await office.ask("ida", "PATCH", address, {"seats": 5, "renews_on": None}, at=1)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"v2"')
    assert (answer.json()["seats"], answer.json()["renews_on"]) == (5, None)
    same = await office.ask("ida", "PATCH", address, {"seats": 5}, at=2)
    assert same.json()["version"] == 2, "nothing changed"
    assert (await office.ask("ida", "DELETE", address, at=1)).status_code == 412
    assert (await office.ask("ida", "DELETE", address, at=2)).status_code == 204
    assert (await office.ask("ida", "GET", address)).status_code == 404
    lines = [line for line in office.company.rows(models.audit_events) if "contract." in line["action"]]
    assert [line["action"] for line in lines] == ["contract.create", "contract.change", "contract.delete"]
    assert lines[1]["before"] == {"seats": None, "renews_on": "2027-03-01"}
    assert lines[1]["after"] == {"seats": 5, "renews_on": None}
    assert (lines[2]["before"]["tool_id"], lines[2]["before"]["amount_minor"]) == (tool, 1_200_000)


async def test_both_sides_and_the_owner_enter_contracts_and_nobody_else(office: Office) -> None:
    company = office.company
    tool = company.tool("Brevo")
    for who in ("mara", "ida", "adam"):
        await office.enter(tool, who)
    refused = await office.ask("rudi", "POST", f"/tools/{tool}/contracts", CONTRACT)
    assert refused.status_code == 403
    company.owns("rudi", tool)
    made = await office.enter(tool, "rudi")
    other = await office.enter(company.tool("Other"))
    assert (
        await office.ask("rudi", "PATCH", f"/contracts/{made['id']}", {"seats": 2}, at=1)
    ).status_code == 200
    for method in ("PATCH", "DELETE"):
        body = {"seats": 2} if method == "PATCH" else None
        answer = await office.ask("rudi", method, f"/contracts/{other['id']}", body, at=1)
        assert answer.status_code == 403


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"ends_on": "2025-12-31"}, "ends_on"),
    ({"renews_on": "2026-01-01"}, "renews_on"),
    ({"starts_on": "1.1.2026"}, "starts_on"),
    ({"starts_on": "2026-02-30"}, "starts_on"),
    ({"currency": "euro"}, "currency"),
    ({"amount_minor": -1}, "amount_minor"),
    ({"term_months": 0}, "term_months"),
    ({"notice_days": 731}, "notice_days"),
    ({"note": "  "}, "note"),
    ({"per": "daily"}, "per"),
    ({"user_id": 1}, "user_id"),
)


async def test_a_contract_that_cannot_be_is_refused(office: Office) -> None:
    tool = office.company.tool("Brevo")
    for wrong, field in WRONG:
        answer = await office.ask("mara", "POST", f"/tools/{tool}/contracts", {**CONTRACT, **wrong})
        assert answer.status_code == 422, answer.text
        assert [e["field"] for e in answer.json()["errors"]] == [field]
    assert office.company.rows(models.contracts) == []


async def test_a_change_leaves_no_contract_that_cannot_be(office: Office) -> None:
    made = await office.enter(office.company.tool("Brevo"), ends_on="2026-12-31")
    for wrong, field in (({"starts_on": "2027-01-01"}, "ends_on"), ({"currency": None}, "currency")):
        answer = await office.ask("mara", "PATCH", f"/contracts/{made['id']}", wrong, at=1)
        assert answer.status_code == 422
        assert [e["field"] for e in answer.json()["errors"]] == [field]


async def test_contracts_follow_a_merged_tool_and_keep_their_own(office: Office) -> None:
    company = office.company
    one, other = company.tool("Brevo"), company.tool("Sendinblue")
    made = await office.enter(other, renews_on="2027-01-01")
    company.change(other, merged_into=one, listed=False)
    shown = await office.get(f"/tools/{one}/subscriptions")
    assert [c["id"] for c in shown["contracts"]] == [made["id"]]
    assert shown["renewal"]["tool"] == {"id": one, "name": "Brevo"}
    (item,) = (await office.get("/renewals"))["items"]
    assert item["tool"]["id"] == one
    assert (await office.ask("mara", "POST", f"/tools/{other}/contracts", CONTRACT)).status_code == 410
    company.change(other, merged_into=None, listed=True)
    assert (await office.get("/renewals"))["items"][0]["tool"]["id"] == other


def test_a_tool_with_a_contract_does_not_go_for_want_of_evidence(company: Company) -> None:
    kept, gone = company.tool("Kept"), company.tool("Gone")
    with writing(company.engine) as connection:
        connection.execute(
            sa.insert(models.contracts).values(
                tool_id=kept,
                starts_on=TODAY,
                term_months=12,
                auto_renews=True,
                amount_minor=1,
                currency="EUR",
                per="yearly",
                actor="test",
                version=1,
                created_at=NOW,
                updated_at=NOW,
            )
        )
        assert forget_tools(connection, [kept, gone]) == 1
    assert [tool["id"] for tool in company.rows(models.tools)] == [kept]
