"""Ramp's records, with only the fields that are used: what is not named here is not even decoded.

Every field may be missing or null: Ramp's lists leave out what does not apply. Decimals are decoded
from the text of the answer, never through binary floating point.
"""

from decimal import Decimal

import msgspec

from connectors import money


class Amount(msgspec.Struct):
    """Both of Ramp's money objects, in minor units.

    `{amount, currency_code, minor_unit_conversion_rate}` is the older one, `{value, currency}` the newer.
    """

    amount: Decimal | None = None
    currency_code: str | None = None
    minor_unit_conversion_rate: Decimal | None = None
    value: Decimal | None = None
    currency: str | None = None

    def minor(self) -> tuple[int, str] | None:
        """Minor units by ISO 4217 with the currency, or None where the object is empty.

        Raises:
            ValueError: an unknown currency or an impossible rate.
        """
        number, code = self.amount, self.currency_code
        if number is None:
            number, code = self.value, self.currency
        if number is None or not code:
            return None
        code = money.currency_code(code)
        # A rate of 0 or null has been given for "no rate".
        return money.from_minor(
            number, code, rate=self.minor_unit_conversion_rate or None, rounded=True
        ), code


class Dimension(msgspec.Struct):
    """The accounting field that a selection fills; its `type` says which kind of field that is."""

    type: str | None = None


class Selection(msgspec.Struct):
    """A value chosen for an accounting field. The name here is the account's; `category_info` only
    holds the name of the field."""

    name: str | None = None
    external_code: str | None = None
    type: str | None = None
    category_info: Dimension | None = None


class Line(msgspec.Struct):
    """One line of a split charge, a reimbursement or a bill."""

    accounting_field_selections: list[Selection] | None = None
    memo: str | None = None


class CardHolder(msgspec.Struct):
    """Who holds the card, as a transaction repeats it."""

    user_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    department_name: str | None = None


class Decline(msgspec.Struct):
    """What was tried when a charge was declined; the older `amount` is in major units."""

    declined_amount: Amount | None = None
    amount: Decimal | None = None


class Transaction(msgspec.Struct):
    """A card charge or refund."""

    id: str | None = None
    amount: Decimal | None = None
    currency_code: str | None = None
    original_transaction_amount: Amount | None = None
    merchant_name: str | None = None
    merchant_descriptor: str | None = None
    merchant_category_code: str | int | None = None
    sk_category_name: str | None = None
    memo: str | None = None
    state: str | None = None
    user_transaction_time: str | None = None
    settlement_date: str | None = None
    accounting_date: str | None = None
    card_holder: CardHolder | None = None
    accounting_field_selections: list[Selection] | None = None
    line_items: list[Line] | None = None
    original_transaction_id: str | None = None
    decline_details: Decline | None = None
    entity_id: str | None = None


class Reimbursement(msgspec.Struct):
    """An expense that an employee paid, or (`USER_TO_BUSINESS`) pays back."""

    id: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    entity_amount: Amount | None = None
    payee_amount: Amount | None = None
    merchant_amount: Amount | None = None
    original_reimbursement_amount: Amount | None = None
    merchant: str | None = None
    memo: str | None = None
    state: str | None = None
    type: str | None = None
    direction: str | None = None
    user_id: str | None = None
    user_email: str | None = None
    user_full_name: str | None = None
    transaction_date: str | None = None
    submitted_at: str | None = None
    created_at: str | None = None
    payment_processed_at: str | None = None
    sk_category_name: str | None = None
    accounting_field_selections: list[Selection] | None = None
    line_items: list[Line] | None = None
    entity_id: str | None = None


class BillVendor(msgspec.Struct):
    """The payee of a bill."""

    name: str | None = None
    remote_name: str | None = None
    type: str | None = None


class BillPayment(msgspec.Struct):
    """How a bill is paid."""

    payment_method: str | None = None
    payment_date: str | None = None


class BillOwner(msgspec.Struct):
    """The employee who answers for a bill."""

    id: str | None = None
    first_name: str | None = None
    last_name: str | None = None


class Bill(msgspec.Struct):
    """An invoice in Bill Pay."""

    id: str | None = None
    amount: Amount | None = None
    vendor: BillVendor | None = None
    bill_owner: BillOwner | None = None
    issued_at: str | None = None
    created_at: str | None = None
    paid_at: str | None = None
    archived_at: str | None = None
    status: str | None = None
    status_summary: str | None = None
    approval_status: str | None = None
    payment: BillPayment | None = None
    payment_method: str | None = None
    memo: str | None = None
    vendor_memo: str | None = None
    accounting_field_selections: list[Selection] | None = None
    line_items: list[Line] | None = None
    entity_id: str | None = None


class Vendor(msgspec.Struct):
    """A payee of Bill Pay, or a card merchant that somebody manages as a vendor."""

    id: str | None = None
    name: str | None = None
    name_legal: str | None = None
    is_active: bool | None = None
    vendor_type: str | None = None
    billing_frequency: str | None = None
    sk_category_name: str | None = None
    created_at: str | None = None
    total_spend_last_30_days: Amount | None = None
    total_spend_last_365_days: Amount | None = None
    total_spend_ytd: Amount | None = None
    total_spend_all_time: Amount | None = None


class User(msgspec.Struct):
    """An employee with a Ramp account."""

    id: str | None = None
    business_id: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    department_id: str | None = None
    manager_id: str | None = None
    role: str | None = None
    status: str | None = None


class Department(msgspec.Struct):
    """A department, for its name."""

    id: str | None = None
    name: str | None = None


class Business(msgspec.Struct):
    """What `GET /business` says, as far as it is used."""

    id: str | None = None
    business_name_legal: str | None = None
    business_name_on_card: str | None = None


class Named(msgspec.Struct):
    """Any record, read only to find it again."""

    id: str | None = None
