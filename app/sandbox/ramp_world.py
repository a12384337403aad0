"""The company as Ramp's API shows it: card holders, charges, claims and bills of headquarters."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from app.sandbox import ids
from app.sandbox.charges import Charge
from app.sandbox.company import Company
from app.sandbox.moments import moment
from app.sandbox.people import Person, departments
from app.sandbox.tools import Via

Record = dict[str, Any]

BUSINESS = ids.guid("ramp-business", "larkfield")
ENTITY = ids.guid("ramp-entity", "larkfield")
_MCC_TEXT = {
    "5734": "Computer Software Stores",
    "7372": "Computer Programming, Data Processing",
    "5817": "Digital Goods: Applications",
    "5818": "Digital Goods: Large Digital Goods Merchant",
    "4816": "Computer Network/Information Services",
    "7311": "Advertising Services",
}
_SYNC_AFTER = 12
"""Days until accounting has coded a charge and its receipt and ledger account are filled in."""


def ramp_records(company: Company) -> Record:
    """The fields of `RampWorld`, as plain records."""
    holders = [p for p in company.people if p.in_ramp]
    cards = [c for c in company.charges if c.via is Via.RAMP]
    refs = {c.key: _ref(company, c) for c in company.charges}
    return {
        "business_id": BUSINESS,
        "business_name": company.name,
        "users": [_user(company, p) for p in holders],
        "departments": [{"id": _department(key), "name": name} for key, (name, _) in departments().items()],
        "vendors": _vendors(company),
        "transactions": [_transaction(company, c, refs) for c in reversed(cards)],
        "reimbursements": [_claim(company, c) for c in company.charges if c.via is Via.REIMBURSEMENT],
        "bills": [_bill(company, c) for c in company.charges if c.via is Via.RAMP_BILL],
    }


def _ref(company: Company, charge: Charge) -> str:
    return ids.guid("ramp", company.seed, charge.key)


def _department(key: str) -> str:
    return ids.guid("ramp-department", key)


def user_id(company: Company, person: Person) -> str:
    """A card holder's id."""
    return ids.guid("ramp-user", company.seed, person.email)


def _money(minor: int, currency: str) -> Record:
    return {"amount": minor, "currency_code": currency, "minor_unit_conversion_rate": 100}


def _user(company: Company, person: Person) -> Record:
    boss = company.by_email.get(person.manager or "")
    return {
        "id": user_id(company, person),
        "business_id": BUSINESS,
        "email": person.email,
        "first_name": person.given,
        "last_name": person.family,
        "department_id": _department(person.department),
        "location_id": ids.guid("ramp-location", person.office[0]),
        "entity_id": ENTITY,
        "manager_id": user_id(company, boss) if boss and boss.in_ramp else None,
        "employee_id": f"LF{person.index:05d}",
        "is_manager": person.title.startswith(("Head", "Chief")),
        "phone": None,
        "role": "BUSINESS_USER",
        "status": "USER_ACTIVE" if person.works else "USER_INACTIVE",
    }


def _account(name: str) -> Record:
    return {
        "id": ids.guid("gl", name),
        "name": name,
        "external_id": ids.opaque(8, "gl", name),
        "external_code": str(6000 + ids.number("gl", name) % 900),
        "type": "GL_ACCOUNT",
        "category_info": {
            "id": ids.guid("gl-field"),
            "name": "Category",
            "type": "GL_ACCOUNT",
            "external_id": "Category",
        },
    }


def _time(at: datetime) -> str:
    return f"{at.isoformat(timespec='seconds')[:19]}+00:00"


def _transaction(company: Company, charge: Charge, refs: dict[str, str]) -> Record:
    person, number = charge.person, ids.number("at", charge.key)
    at = moment(charge.day, person, Random(number))
    posted = charge.state in {"posted", "refund"}
    declined = charge.state == "declined"
    coded = posted and (company.as_of - charge.day).days > _SYNC_AFTER
    settled = _time(min(at + timedelta(days=2), company.end - timedelta(minutes=1))) if posted else None
    advert = charge.category == "Advertising"
    return {
        "id": refs[charge.key],
        "amount": 0.0 if declined else charge.amount_minor / 100,
        "currency_code": "USD",
        "minor_unit_conversion_rate": 100,
        "original_transaction_amount": _money(charge.original_minor, charge.original_currency),
        "merchant_name": charge.merchant,
        "merchant_descriptor": charge.descriptor,
        "merchant_id": ids.guid("ramp-merchant", charge.merchant),
        "network_merchant_id": None,
        "merchant_category_code": charge.mcc,
        "merchant_category_code_description": _MCC_TEXT.get(charge.mcc, charge.category),
        "merchant_data": None,
        "merchant_location": {"city": None, "country": None, "postal_code": None, "state": None},
        "sk_category_id": 1 + ids.number("sk", charge.category) % 45,
        "sk_category_name": charge.category,
        "memo": _memo(charge, number) if coded else None,
        "state": "DECLINED" if declined else "CLEARED" if posted else "PENDING",
        "user_transaction_time": _time(at),
        "settlement_date": settled,
        "accounting_date": settled,
        "synced_at": settled if coded else None,
        "updated_at": settled or _time(at),
        "card_id": ids.guid("ramp-card", person.email),
        "card_present": charge.mcc.startswith("58") and not charge.tool,
        "card_holder": {
            "user_id": user_id(company, person),
            "first_name": person.given,
            "last_name": person.family,
            "department_id": _department(person.department),
            "department_name": person.department_name,
            "location_id": ids.guid("ramp-location", person.office[0]),
            "location_name": person.office[0],
        },
        "accounting_field_selections": [_account("Advertising" if advert else charge.gl)] if coded else [],
        "line_items": [],
        "receipts": [ids.guid("receipt", charge.key)] if coded else [],
        "disputes": [],
        "policy_violations": [],
        "entity_id": ENTITY,
        "limit_id": None,
        "spend_program_id": None,
        "decline_details": {"amount": charge.amount_minor / 100, "reason": "CARD_LIMIT_EXCEEDED"}
        if declined
        else None,
        "original_transaction_id": refs[charge.refund_of] if charge.refund_of else None,
        "sync_status": "SYNCED" if coded else "NOT_SYNC_READY",
    }


def _memo(charge: Charge, number: int) -> str | None:
    if charge.tool:
        return ("monthly subscription", "for the team", None, None)[number % 4]
    return ("team lunch", "client visit", "offsite", None, None, None)[number % 6]


def _claim(company: Company, charge: Charge) -> Record:
    at = _time(moment(charge.day, charge.person, Random(ids.number(charge.key))))
    return {
        "id": _ref(company, charge),
        "amount": charge.amount_minor / 100,
        "currency": "USD",
        "entity_amount": {"currency": "USD", "value": charge.amount_minor},
        "payee_amount": {"currency": "USD", "value": charge.amount_minor},
        "original_reimbursement_amount": _money(charge.original_minor, charge.original_currency),
        "merchant": charge.descriptor,
        "memo": None,
        "state": "REIMBURSED",
        "type": "OUT_OF_POCKET",
        "direction": "BUSINESS_TO_USER",
        "user_id": user_id(company, charge.person),
        "user_email": charge.person.email,
        "user_full_name": charge.person.name,
        "transaction_date": charge.day.isoformat(),
        "submitted_at": at,
        "created_at": at,
        "updated_at": at,
        "payment_processed_at": None,
        "sk_category_name": charge.category,
        "accounting_field_selections": [],
        "line_items": [],
        "receipts": [],
        "entity_id": ENTITY,
        "sync_status": "SYNCED",
    }


def _yearly(company: Company) -> dict[str, tuple[Charge, str]]:
    """Bills by vendor name, with the vendor's id."""
    return {
        c.descriptor: (c, ids.guid("ramp-vendor", c.descriptor))
        for c in company.charges
        if c.via is Via.RAMP_BILL
    }


def _vendors(company: Company) -> list[Record]:
    found = []
    for name, (charge, ref) in _yearly(company).items():
        spent = _money(charge.amount_minor, charge.currency)
        found.append(
            {
                "id": ref,
                "name": name,
                "name_legal": name,
                "is_active": True,
                "vendor_type": "BUSINESS",
                "billing_frequency": "ANNUALLY",
                "sk_category_id": 1 + ids.number("sk", charge.category) % 45,
                "sk_category_name": charge.category,
                "country": "US",
                "description": None,
                "created_at": _time(_midday(charge.day - timedelta(days=380))),
                "total_spend_last_30_days": None,
                "total_spend_last_365_days": spent,
                "total_spend_ytd": spent,
                "total_spend_all_time": spent,
                "vendor_owner_id": user_id(company, charge.person),
            }
        )
    return found


def _midday(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001 - written out as UTC below


def _bill(company: Company, charge: Charge) -> Record:
    issued, paid = (
        _midday(charge.day),
        _midday(min(charge.day + timedelta(days=9), company.as_of - timedelta(days=1))),
    )
    amount = _money(charge.amount_minor, charge.currency)
    vendor = _yearly(company)[charge.descriptor][1]
    return {
        "id": _ref(company, charge),
        "amount": amount,
        "vendor": {
            "id": vendor,
            "name": charge.descriptor,
            "remote_name": charge.descriptor,
            "type": "BUSINESS",
        },
        "bill_owner": {
            "id": user_id(company, charge.person),
            "first_name": charge.person.given,
            "last_name": charge.person.family,
        },
        "invoice_number": f"INV-{ids.number(charge.key) % 90000 + 10000}",
        "issued_at": _time(issued),
        "due_at": _time(issued + timedelta(days=30)),
        "created_at": _time(issued),
        "paid_at": _time(paid),
        "archived_at": None,
        "status": "PAID",
        "status_summary": "PAYMENT_COMPLETED",
        "approval_status": "APPROVED",
        "payment": {"payment_method": "ACH", "payment_date": _time(paid)},
        "memo": "Annual subscription",
        "vendor_memo": None,
        "accounting_field_selections": [_account(charge.gl)],
        "line_items": [
            {"amount": amount, "memo": "Annual licence", "accounting_field_selections": [_account(charge.gl)]}
        ],
        "entity_id": ENTITY,
    }
