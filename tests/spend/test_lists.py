"""Lists of contracts and of prices that went up, and what a period cost."""

from datetime import date

from app.catalog.facts import Audience
from app.db import reading
from app.spend import reports
from tests.spend.support import TODAY, Office


async def test_contracts_are_listed_the_last_one_first(office: Office) -> None:
    company = office.company
    brevo, canva = company.tool("Brevo"), company.tool("Canva")
    made = [await office.enter(tool) for tool in (brevo, canva, brevo)]
    first = await office.get("/contracts", limit=2)
    assert [c["id"] for c in first["items"]] == [made[2]["id"], made[1]["id"]]
    rest = await office.get("/contracts", limit=2, cursor=first["next"])
    assert ([c["tool"]["name"] for c in rest["items"]], rest["next"]) == (["Brevo"], None)
    company.change(brevo, merged_into=canva)
    assert {c["tool"]["name"] for c in (await office.get("/contracts"))["items"]} == {"Canva"}
    assert (await office.ask("rudi", "GET", "/contracts", cursor="x")).status_code == 422


async def test_prices_that_went_up_in_a_year_are_listed_the_latest_first(office: Office) -> None:
    company = office.company
    recent, old, other = (
        company.tool("Recent"),
        company.tool("Old", governance="sanctioned"),
        company.tool("Other", audience="other"),
    )
    company.pays_monthly(recent, date(2026, 11, 5), 4, minor=6000)
    company.pays_monthly(recent, date(2026, 7, 5), 6, minor=5000)
    company.pays_monthly(other, date(2026, 11, 9), 6, minor=2000)
    company.pays_monthly(other, date(2026, 5, 9), 6, minor=1000)
    company.pays_monthly(old, date(2026, 11, 9), 20, minor=2000)
    company.pays_monthly(old, date(2025, 3, 9), 6, minor=1000)
    company.assess(recent, old, other)
    company.change(recent, audience="marketing")
    found = (await office.get("/spend/rises"))["items"]
    assert [(r["tool"]["name"], r["before_minor"], r["after_minor"], r["percent"]) for r in found] == [
        ("Recent", 5000, 6000, 20),
        ("Other", 1000, 2000, 100),
    ]
    assert found[0]["on"] == "2026-08-05"
    only = (await office.get("/spend/rises", audience="marketing", limit=1))["items"]
    assert [r["tool"]["name"] for r in only] == ["Recent"]


def test_a_period_costs_what_was_charged_in_it_less_refunds(office: Office) -> None:
    company = office.company
    brevo, crm = company.tool("Brevo"), company.tool("Crm", audience="other")
    company.pays(brevo, date(2026, 9, 1), date(2026, 9, 30), date(2026, 10, 1), minor=1000)
    company.pays(brevo, date(2026, 9, 15), minor=-300, state="refund")
    company.pays(brevo, date(2026, 9, 16), minor=9000, state="declined")
    company.pays(crm, date(2026, 9, 2), minor=500, currency="EUR")
    with reading(company.engine) as connection:
        days = (date(2026, 9, 1), date(2026, 9, 30))
        assert reports.spent_between(connection, *days) == {"USD": 1700, "EUR": 500}
        assert reports.spent_between(connection, *days, audience=Audience.MARKETING) == {"USD": 1700}
        assert reports.spent_between(connection, TODAY, TODAY) == {}
