"""A contract as its form holds it: texts as typed, read into a contract, and written back. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from app.errors import FieldError, Invalid, field_errors
from app.language import N_, _
from app.spend.schemas import ContractIn, ContractOut
from app.web.spend_words import FIELDS
from app.web.typed import is_number, minor_of, typed_amount

NAMES = (
    "vendor_ref",
    "starts_on",
    "ends_on",
    "renews_on",
    "term_months",
    "notice_days",
    "auto_renews",
    "amount",
    "currency",
    "per",
    "seats",
    "note",
)
_NUMBERS = ("term_months", "notice_days", "seats")
_MISSING = N_("fill this in.")
_SAID = {
    "missing": _MISSING,
    "starts_on": N_("choose a day."),
    "ends_on": N_("choose a day that is not before the first one."),
    "renews_on": N_("choose a day after the first one."),
    "term_months": N_("write a number from 1 to 120."),
    "notice_days": N_("write a number from 0 to 730."),
    "amount_minor": N_("write an amount such as 1200 or 1,200.50."),
    "currency": N_("write three letters such as EUR."),
    "auto_renews": N_("choose one."),
    "seats": N_("write a number from 1 to 1,000,000."),
    "vendor_ref": N_("write 200 characters at most."),
    "note": N_("write 2,000 characters at most."),
    "per": N_("choose what the price is for."),
}


def empty(today: date) -> dict[str, str]:
    """A form that nobody has touched."""
    usual = {"term_months": "12", "auto_renews": "true", "currency": "EUR", "per": "yearly"}
    return dict.fromkeys(NAMES, "") | usual | {"starts_on": today.isoformat()}


def typed(form: Mapping[str, Any]) -> dict[str, str]:
    """The form's texts, as they came."""
    return {name: str(form.get(name, "")).replace("\x00", " ").strip()[:4000] for name in NAMES}


def of_contract(contract: ContractOut) -> dict[str, str]:
    """A contract as its form shows it."""
    values = {
        name: getattr(contract, name)
        for name in NAMES
        if name not in {"amount", "auto_renews", "per"} and getattr(contract, name) is not None
    }
    return dict.fromkeys(NAMES, "") | {
        **{name: str(value) for name, value in values.items()},
        "amount": typed_amount(contract.amount_minor, contract.currency),
        "auto_renews": "true" if contract.auto_renews else "",
        "per": contract.per.value,
    }


def wanted(texts: Mapping[str, str]) -> ContractIn:
    """The contract that a form describes.

    Raises:
        Invalid: names each field that is wrong.
    """
    body: dict[str, Any] = {"auto_renews": texts["auto_renews"] == "true"}
    faults: list[str] = []
    currency = texts["currency"].upper()
    for name in NAMES:
        text = texts[name]
        if name in {"auto_renews", "amount"} or not text:
            continue
        if name in _NUMBERS:
            if is_number(text):
                body[name] = int(text)
            else:
                faults.append(name)
        else:
            body[name] = currency if name == "currency" else text
    if texts["amount"]:
        minor = minor_of(texts["amount"], currency)
        if minor is None:
            faults.append("amount_minor")
        else:
            body["amount_minor"] = minor
    try:
        made = ContractIn.model_validate(body)
    except ValidationError as error:
        faults += [f.field.split(".")[0] for f in field_errors(error.errors(include_url=False))]
        made = None
    if faults or made is None:
        known = [name for name in FIELDS if name in faults]
        missing = {name for name in known if not texts["amount" if name == "amount_minor" else name]}
        raise Invalid(
            _("The contract is not complete."),
            fields=[FieldError(name, _SAID["missing" if name in missing else name]) for name in known],
        )
    return made


def told(error: Invalid) -> list[str]:
    """What is wrong with the form, in words, each fault with its field."""
    named = [f for f in error.fields if f.field in FIELDS]
    if not named:
        return [_(error.message)]
    # The service's own words name days as the API writes them.
    said = [(f.field, _MISSING if f.message == _MISSING else _SAID[f.field]) for f in named]
    return [f"{_(FIELDS[field])}: {_(text)}" for field, text in said]
