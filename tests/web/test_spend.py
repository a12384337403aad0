"""The pages of spend as HTML: who may enter contracts, what a wrong form says, what is shown of whom."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app import models
from app.db import reading, writing
from tests.spend.support import Company
from tests.support.serving import caller, served

EVIL = "<script>alert(1)</script>"
GOOD = {
    "amount": "1,200.50",
    "currency": "eur",
    "per": "yearly",
    "starts_on": "2026-01-01",
    "renews_on": "2027-01-01",
    "term_months": "12",
    "notice_days": "30",
    "auto_renews": "true",
}


@pytest.fixture
def company(engine: Engine) -> Company:
    return Company(engine)


@contextmanager
def logged_in(app: FastAPI, company: Company, who: str) -> Iterator[httpx.Client]:
    with served(app) as url, caller(url) as client:
        assert client.post("/login", data={"token": company.tokens[who]}).status_code == 303
        yield client


def _secret(client: httpx.Client, address: str) -> str:
    text = client.get(address).text
    return text.split('name="form_secret" value="')[1].split('"')[0]


def send(client: httpx.Client, address: str, **form: Any) -> httpx.Response:
    form["form_secret"] = _secret(client, "/account")
    return client.post(address, data=form)


def test_contracts_are_entered_by_the_sides_and_the_owner_alone(app: FastAPI, company: Company) -> None:
    brevo = company.tool("Brevo")
    for who, status in (("mara", 303), ("ida", 303), ("rudi", 403)):
        with logged_in(app, company, who) as client:
            form = client.get(f"/spend/contracts/new?tool={brevo}")
            assert form.status_code == (200 if status == 303 else 403)
            assert send(client, "/spend/contracts", tool_id=brevo, **GOOD).status_code == status
    with logged_in(app, company, "rudi") as client:
        assert "/spend/contracts/new" not in client.get("/spend/renewals").text
        shown = client.get("/spend/contracts/1").text
        assert "Save the changes" not in shown
        assert "IT, marketing and the owner of the tool can change it." in shown
        assert send(client, "/spend/contracts/1/remove", version=1).status_code == 403
    company.owns("rudi", brevo)
    with logged_in(app, company, "rudi") as client:
        assert send(client, "/spend/contracts/1/remove", version=1).status_code == 303
    rows = company.rows(models.contracts)
    assert [(r["amount_minor"], r["currency"], r["notice_days"]) for r in rows] == [(120_050, "EUR", 30)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount": ""}, "Price: fill this in."),
        ({"amount": "12.000,00"}, "Price: write an amount"),
        ({"amount": "9" * 30}, "Price: write an amount"),
        ({"currency": "EURO"}, "Currency: write three letters"),
        ({"starts_on": ""}, "First day: fill this in."),
        ({"starts_on": "31.12.2026"}, "First day: choose a day."),
        ({"ends_on": "2025-01-01"}, "Last day: choose a day that is not before the first one."),
        ({"renews_on": "2026-01-01"}, "Renews on: choose a day after the first one."),
        ({"term_months": "0"}, "Renews for, in months: write a number from 1 to 120."),
        ({"notice_days": "many"}, "Notice, in days: write a number from 0 to 730."),
        ({"seats": "-3"}, "Seats: write a number from 1"),
        ({"per": "week"}, "The price is for: choose what the price is for."),
        ({"vendor_ref": "x" * 201}, "What the vendor calls it: write 200 characters at most."),
    ],
)
def test_a_wrong_form_names_the_field_and_keeps_what_was_typed(
    app: FastAPI, company: Company, wrong: dict[str, str], said: str
) -> None:
    brevo = company.tool("Brevo")
    with logged_in(app, company, "mara") as client:
        answer = send(client, "/spend/contracts", tool_id=brevo, **{**GOOD, "note": f"Kept {EVIL}", **wrong})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Kept &lt;script&gt;" in answer.text
    assert company.rows(models.contracts) == []


def test_a_contract_that_changed_meanwhile_is_not_written_over(app: FastAPI, company: Company) -> None:
    brevo = company.tool(f"Brevo {EVIL}")
    with logged_in(app, company, "mara") as client:
        assert send(client, "/spend/contracts", tool_id=brevo, **GOOD).status_code == 303
        changed = {**GOOD, "notice_days": "", "auto_renews": "", "note": "By hand"}
        assert send(client, "/spend/contracts/1", version=1, **changed).status_code == 303
        late = send(client, "/spend/contracts/1", version=1, **GOOD)
        assert late.status_code == 412
        assert "Somebody else changed this contract meanwhile" in late.text
        assert EVIL not in client.get("/spend/renewals").text
        assert client.get("/spend/contracts/99").status_code == 404
    row = company.rows(models.contracts)[0]
    assert (row["notice_days"], row["auto_renews"], row["note"], row["version"]) == (
        None,
        False,
        "By hand",
        2,
    )


def test_without_any_payment_it_says_what_would_be_here(app: FastAPI, company: Company) -> None:
    with reading(company.engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(models.expenses)) == 0
    with logged_in(app, company, "mara") as client:
        assert "No payment has been read yet" in client.get("/spend").text
        assert "Nothing renews in the next 12 months" in client.get("/spend/renewals").text
        assert "No tool in use has a category yet" in client.get("/overlap").text
        odd = {"audience": "x", "months": "99", "currency": "xyz", "cursor": "zz", "department": "Nowhere"}
        for address in ("/spend", "/spend/renewals", "/overlap"):
            assert client.get(address, params=odd).status_code == 200
        assert client.get("/spend/contracts/new", params={"tool": "9" * 18}).status_code == 404


def test_filters_narrow_down_what_is_shown(app: FastAPI, company: Company) -> None:
    brevo, crm = company.tool("Brevo"), company.tool("Crm", audience="other", governance="sanctioned")
    company.pays_monthly(brevo, date(2026, 11, 2), 3)
    company.pays_monthly(crm, date(2026, 11, 2), 3, currency="EUR")
    company.assess(brevo, crm)
    company.change(brevo, audience="marketing")
    with logged_in(app, company, "mara") as client:
        usual = client.get("/spend").text
        assert "Brevo" in usual
        assert "Crm" not in usual
        assert 'name="currency"' not in usual
        assert 'name="currency"' in client.get("/spend", params={"audience": "all"}).text
        assert send(client, "/spend/contracts", tool_id=brevo, **GOOD).status_code == 303
        assert "By contract" in client.get("/spend/renewals", params={"governance": "unreviewed"}).text
        none = client.get("/spend/renewals", params={"governance": "sanctioned"}).text
        assert "By contract" not in none


def test_the_front_door_of_a_company_without_sources_says_what_to_do(app: FastAPI, company: Company) -> None:
    with writing(company.engine) as connection:
        connection.execute(sa.delete(models.sources))
    for who, said in (("ida", "Add the first source"), ("mara", "Somebody of IT adds it")):
        with logged_in(app, company, who) as client:
            answer = client.get("/")
        assert answer.status_code == 200
        assert said in answer.text
