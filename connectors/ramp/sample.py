"""A small company in Ramp, for tests and first tries: every kind of record, and every odd one."""

from datetime import datetime, timedelta
from typing import Any

from connectors.base import utc_now
from connectors.ramp.simulator import RampWorld, Record

BUSINESS = "b0000000-0000-4000-8000-000000000001"
ENTITY = "e0000000-0000-4000-8000-000000000001"
OTHER_ENTITY = "e0000000-0000-4000-8000-000000000002"


def user(ref: str, name: str, department: str, **changes: Any) -> Record:
    """A person as `GET /users` answers it; `name` is first and last name."""
    first, last = name.split(" ")
    record = {
        "id": ref,
        "business_id": BUSINESS,
        "email": f"{first}.{last}@Example.com",
        "first_name": first,
        "last_name": last,
        "department_id": department,
        "location_id": None,
        "manager_id": None,
        "employee_id": None,
        "entity_id": ENTITY,
        "is_manager": False,
        "phone": "+15555550100",
        "role": "BUSINESS_USER",
        "status": "USER_ACTIVE",
    }
    return {**record, **changes}


def gl_account(name: str, code: str | None) -> Record:
    """A choice of a ledger account; `category_info` only names the field that was filled."""
    return {
        "id": f"option-{name}",
        "name": name,
        "external_id": "internal",
        "external_code": code,
        "type": "GL_ACCOUNT",
        "category_info": {
            "id": "field-1",
            "name": "Category",
            "type": "GL_ACCOUNT",
            "external_id": "Category",
        },
    }


def minor(amount: int, currency: str = "USD", rate: int | None = 100) -> Record:
    """Ramp's older money object."""
    return {"amount": amount, "currency_code": currency, "minor_unit_conversion_rate": rate}


def transaction(ref: str, at: datetime, amount: float | None, **changes: Any) -> Record:
    """A card charge as `GET /transactions` answers it; `amount` in dollars."""
    record = {
        "id": ref,
        "amount": amount,
        "currency_code": "USD",
        "minor_unit_conversion_rate": 100,
        "original_transaction_amount": None if amount is None else minor(round(amount * 100)),
        "merchant_name": "HubSpot",
        "merchant_descriptor": "HUBSPOT INC. 888-4827768",
        "merchant_id": "m-hubspot",
        "merchant_category_code": "5734",
        "merchant_category_code_description": "Computer Software Stores",
        "merchant_data": None,
        "merchant_location": {"city": "CAMBRIDGE", "country": "US", "postal_code": None, "state": "MA"},
        "sk_category_id": 40,
        "sk_category_name": "SaaS / Software",
        "memo": None,
        "state": "CLEARED",
        "user_transaction_time": at.isoformat(),
        "settlement_date": (at + timedelta(days=2)).isoformat(),
        "accounting_date": at.isoformat(),
        "synced_at": None,
        "updated_at": (at + timedelta(days=2)).isoformat(),
        "card_id": "card-1",
        "card_present": False,
        "card_holder": {
            "user_id": "u-1",
            "first_name": "Ada",
            "last_name": "Mora",
            "department_id": "d-1",
            "department_name": "Marketing",
            "location_id": None,
            "location_name": None,
        },
        "accounting_field_selections": [],
        "line_items": [],
        "receipts": [],
        "disputes": [],
        "policy_violations": [],
        "decline_details": None,
        "entity_id": ENTITY,
        "original_transaction_id": None,
        "sync_status": "NOT_SYNC_READY",
    }
    return {**record, **changes}


def reimbursement(ref: str, at: datetime, **changes: Any) -> Record:
    """An employee's claim as `GET /reimbursements` answers it."""
    record = {
        "id": ref,
        "amount": 49.0,
        "currency": "USD",
        "entity_amount": {"currency": "USD", "value": 4900},
        "payee_amount": {"currency": "USD", "value": 4900},
        "original_reimbursement_amount": minor(4900),
        "merchant": "Canva",
        "memo": None,
        "state": "REIMBURSED",
        "type": "OUT_OF_POCKET",
        "direction": "BUSINESS_TO_USER",
        "user_id": "u-2",
        "user_email": "Ben.Lind@Example.com",
        "user_full_name": "Ben Lind",
        "transaction_date": at.date().isoformat(),
        "submitted_at": at.isoformat(),
        "created_at": at.isoformat(),
        "updated_at": at.isoformat(),
        "payment_processed_at": (at + timedelta(days=3)).isoformat(),
        "accounting_field_selections": [],
        "line_items": [],
        "receipts": [],
        "entity_id": ENTITY,
        "sync_status": "SYNCED",
    }
    return {**record, **changes}


def bill(ref: str, issued: datetime, **changes: Any) -> Record:
    """An invoice as `GET /bills` answers it."""
    record = {
        "id": ref,
        "amount": minor(1_200_000),
        "vendor": {"id": "v-1", "name": "Semrush", "remote_name": "SEMrush Inc", "type": "BUSINESS"},
        "bill_owner": {"id": "u-1", "first_name": "Ada", "last_name": "Mora"},
        "invoice_number": "INV-1",
        "issued_at": issued.isoformat(),
        "due_at": (issued + timedelta(days=30)).isoformat(),
        "created_at": issued.isoformat(),
        "paid_at": (issued + timedelta(days=5)).isoformat(),
        "archived_at": None,
        "status": "PAID",
        "status_summary": "PAYMENT_COMPLETED",
        "approval_status": "APPROVED",
        "payment": {"payment_method": "ACH", "payment_date": (issued + timedelta(days=5)).isoformat()},
        "memo": None,
        "vendor_memo": None,
        "accounting_field_selections": [],
        "line_items": [
            {"amount": minor(1_200_000), "memo": "Guru plan, yearly", "accounting_field_selections": []}
        ],
        "entity_id": ENTITY,
    }
    return {**record, **changes}


def vendor(ref: str, name: str, **changes: Any) -> Record:
    """A vendor as `GET /vendors` answers it."""
    record = {
        "id": ref,
        "name": name,
        "name_legal": None,
        "is_active": True,
        "vendor_type": "BUSINESS",
        "billing_frequency": None,
        "sk_category_id": 40,
        "sk_category_name": "SaaS / Software",
        "country": "US",
        "created_at": "2025-02-01T09:30:00+00:00",
        "total_spend_last_30_days": None,
        "total_spend_last_365_days": None,
        "total_spend_ytd": None,
        "total_spend_all_time": None,
        "vendor_owner_id": None,
    }
    return {**record, **changes}


def sample_world(now: datetime | None = None) -> RampWorld:
    """Six people and what they bought in the weeks before `now` (None: before today)."""
    noon = (now or utc_now()).replace(hour=12, minute=0, second=0, microsecond=0)

    def ago(days: int) -> datetime:
        return noon - timedelta(days=days)

    return RampWorld(
        business_id=BUSINESS,
        business_name="Example, Inc.",
        departments=[{"id": "d-1", "name": "Marketing"}, {"id": "d-2", "name": "Finance"}],
        users=[
            user("u-1", "Ada Mora", "d-1", manager_id="u-3"),
            user("u-2", "Ben Lind", "d-1"),
            user("u-3", "Cleo Park", "d-2", role="BUSINESS_ADMIN"),
            user("u-4", "Dan Reyes", "d-1", status="USER_INACTIVE"),
            user("u-5", "Eve Stone", "d-2", status="USER_SUSPENDED"),
            user("u-6", "Fay Guest", "d-2", role="GUEST_USER", department_id=None),
        ],
        vendors=[
            vendor(
                "v-1",
                "Semrush",
                name_legal="SEMrush Inc",
                billing_frequency="ANNUALLY",
                total_spend_last_365_days=minor(1_200_000),
                total_spend_ytd=minor(1_200_000),
            ),
            vendor("v-2", "Ahrefs Pte. Ltd.", is_active=False),
            vendor("v-3", "Gil Private", vendor_type="INDIVIDUAL"),
        ],
        transactions=[
            transaction("t-01", ago(200), 1080.0),
            transaction(
                "t-02", ago(40), 19.99, merchant_name="Canva", merchant_descriptor="CANVA* 04412-77812"
            ),
            transaction(
                "t-03",
                ago(30),
                540.1,
                accounting_field_selections=[gl_account("Marketing Software", "6420")],
                memo="Starter seats",
            ),
            transaction("t-04", ago(28), -540.1, original_transaction_id="t-03"),
            transaction(
                "t-05",
                ago(20),
                0.0,
                state="DECLINED",
                settlement_date=None,
                decline_details={"amount": 99.0, "reason": "CARD_LIMIT", "declined_amount": None},
                merchant_name="Apollo.io",
                merchant_descriptor="APOLLO.IO",
            ),
            transaction(
                "t-06",
                ago(10),
                8.13,
                merchant_name="Chatwork",
                merchant_descriptor="CHATWORK CO LTD TOKYO",
                original_transaction_amount=minor(1200, "JPY", 1),
            ),
            transaction("t-07", ago(2), 45.0, state="PENDING", settlement_date=None),
            transaction(
                "t-08",
                ago(1),
                20.0,
                card_holder=None,
                merchant_name=None,
                merchant_descriptor="PAYPAL *RESCUETIME",
                entity_id=OTHER_ENTITY,
            ),
            transaction(
                "t-09",
                ago(1),
                62.5,
                card_holder={
                    "user_id": "u-9",
                    "first_name": "Former",
                    "last_name": "Employee",
                    "department_id": "d-1",
                    "department_name": "Marketing",
                },
            ),
            transaction("t-10", ago(1), 45.0, original_transaction_id="t-07"),
        ],
        reimbursements=[
            reimbursement("r-1", ago(25)),
            reimbursement("r-2", ago(12), state="APPROVED", payment_processed_at=None, merchant="Miro"),
            reimbursement("r-3", ago(11), type="MILEAGE", merchant=None),
            reimbursement("r-4", ago(10), direction="USER_TO_BUSINESS", merchant="Spotify"),
            reimbursement("r-5", ago(9), state="DRAFT", merchant=None),
            reimbursement("r-6", ago(8), state="REJECTED", merchant="Netflix"),
        ],
        bills=[
            bill("i-1", ago(20)),
            bill("i-2", ago(5), status="OPEN", status_summary="APPROVAL_PENDING", paid_at=None, payment=None),
            bill("i-3", ago(18), archived_at=ago(3).isoformat(), status_summary="ARCHIVED"),
            bill("i-4", ago(16), payment={"payment_method": "ONE_TIME_CARD", "payment_date": None}),
            bill("i-5", ago(15), vendor={"name": "Gil Private", "type": "INDIVIDUAL"}),
            bill("i-6", ago(500), paid_at=ago(6).isoformat()),
        ],
    )
