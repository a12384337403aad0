"""What each of Ramp's records becomes: pure functions from a record to an observation.

A record that cannot be used raises `SkipRecord`; one that is left out on purpose gives None.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connectors import money
from connectors.errors import SkipRecord
from connectors.identifiers import MERCHANT, Identifier
from connectors.observations import AppSeen, ExpenseSeen, ExpenseState, PersonKind, PersonSeen
from connectors.ramp.records import (
    Amount,
    Bill,
    BillPayment,
    BillVendor,
    CardHolder,
    Line,
    Reimbursement,
    Selection,
    Transaction,
    User,
    Vendor,
)

_POSTED = frozenset({"CLEARED", "COMPLETION"})
_DECLINED = frozenset({"DECLINED", "ERROR"})
_GONE = frozenset({"USER_INACTIVE", "USER_SUSPENDED", "INVITE_DELETED", "INVITE_EXPIRED"})
_REIMBURSED = frozenset({"REIMBURSED", "REIMBURSED_VIA_PUSH", "MANUALLY_REIMBURSED"})
_REIMBURSEMENT_VOID = frozenset({"REJECTED", "CANCELED", "DELETED"})
_NO_PURCHASE = frozenset({"MILEAGE", "PER_DIEM"})
_BILL_VOID = frozenset({"REJECTED", "TERMINATED"})
_BY_CARD = frozenset({"CARD", "ONE_TIME_CARD", "ONE_TIME_CARD_DELIVERY"})
_INDIVIDUAL = "INDIVIDUAL"


def read_user(user: User, departments: dict[str, str]) -> PersonSeen:
    """A person of the directory; `departments` gives names by id.

    A status that is not known counts as active: only Ramp's own words for "gone" end somebody.
    """
    return PersonSeen(
        ref=_ref(user.id),
        email=(user.email or "").strip().lower() or None,
        name=_name(user.first_name, user.last_name),
        department=departments.get(user.department_id or ""),
        manager_ref=user.manager_id or None,
        active=user.status not in _GONE,
        kind=PersonKind.GUEST if user.role == "GUEST_USER" else PersonKind.EMPLOYEE,
    )


def read_vendor(vendor: Vendor) -> AppSeen | None:
    """A vendor as an application with merchant identifiers; None for a private person."""
    if vendor.vendor_type == _INDIVIDUAL:
        return None
    ref = _ref(vendor.id)
    name = _text(vendor.name) or _text(vendor.name_legal)
    if name is None:
        raise SkipRecord("the vendor has no name", ref=ref)
    facts: dict[str, Any] = {
        "billing_frequency": _text(vendor.billing_frequency),
        "category": _text(vendor.sk_category_name),
        "spend_last_30_days": _shown(vendor.total_spend_last_30_days),
        "spend_last_365_days": _shown(vendor.total_spend_last_365_days),
        "spend_this_year": _shown(vendor.total_spend_ytd),
        "spend_all_time": _shown(vendor.total_spend_all_time),
    }
    created = _moment(vendor.created_at)
    return AppSeen(
        ref=ref,
        name=name,
        identifiers=_merchants(name, vendor.name_legal),
        active=vendor.is_active is not False,
        created_at=created,
        facts={key: value for key, value in facts.items() if value is not None},
    )


def read_transaction(row: Transaction) -> ExpenseSeen:
    """A card charge.

    Ramp names the original of a refund. On a charge that is no refund the same field names the charge
    that this one belongs to, and `replaces` says so; whether that one still stands only Ramp knows, so
    the connector asks before it lets `replaces` pass.

    Raises:
        SkipRecord: no id, merchant, day, amount or known currency.
    """
    ref = _ref(row.id)
    amount, currency = _charged(row, ref)
    original = _minor(row.original_transaction_amount, ref)
    state = _card_state(row.state, amount)
    merchant = _text(row.merchant_name) or _text(row.merchant_descriptor)
    if merchant is None:
        raise SkipRecord("the charge names no merchant", ref=ref)
    holder = row.card_holder or CardHolder()
    other = row.original_transaction_id or None
    return ExpenseSeen(
        ref=ref,
        occurred_on=_first_day(ref, row.user_transaction_time, row.accounting_date, row.settlement_date),
        amount_minor=amount,
        currency=currency,
        merchant=merchant,
        descriptor=_text(row.merchant_descriptor),
        identifiers=_merchants(row.merchant_name, row.merchant_descriptor),
        state=state,
        posted_on=_day(row.settlement_date) if state in {ExpenseState.POSTED, ExpenseState.REFUND} else None,
        # Refunds were seen with a positive original amount: the sign of the charge counts.
        original_amount_minor=_signed(original[0], amount) if original else None,
        original_currency=original[1] if original else None,
        mcc=_mcc(row.merchant_category_code),
        category=_category(row.sk_category_name, row.accounting_field_selections, row.line_items),
        memo=_text(row.memo),
        department=_text(holder.department_name),
        person_ref=holder.user_id or None,
        refund_of=other if amount < 0 else None,
        replaces=other if amount >= 0 and state in {ExpenseState.PENDING, ExpenseState.POSTED} else None,
    )


def card_holder(row: Transaction) -> PersonSeen | None:
    """The person whom a charge names, in passing."""
    holder = row.card_holder
    if holder is None or not holder.user_id:
        return None
    return PersonSeen(
        ref=holder.user_id,
        name=_name(holder.first_name, holder.last_name),
        department=_text(holder.department_name),
        mention=True,
    )


def read_reimbursement(row: Reimbursement) -> ExpenseSeen | None:
    """A reimbursement; None for drafts (not handed in yet) and for mileage and daily allowances.

    Raises:
        SkipRecord: no id, merchant, day, amount or known currency.
    """
    ref = _ref(row.id)
    merchant = _text(row.merchant)
    if row.state == "DRAFT" or row.type in _NO_PURCHASE:
        return None
    paid_back = row.direction == "USER_TO_BUSINESS"
    if merchant is None and paid_back:
        return None
    if merchant is None:
        raise SkipRecord("the reimbursement names no merchant", ref=ref)
    amount, currency = _reimbursed(row, ref)
    original = _minor(row.original_reimbursement_amount, ref) or _minor(row.merchant_amount, ref)
    # What an employee pays back takes from the company's spend, whichever sign Ramp gives it.
    amount = -abs(amount) if paid_back else amount
    state = ExpenseState.PENDING
    if row.state in _REIMBURSED:
        state = ExpenseState.REFUND if amount < 0 else ExpenseState.POSTED
    elif row.state in _REIMBURSEMENT_VOID:
        state = ExpenseState.VOID
    return ExpenseSeen(
        ref=ref,
        occurred_on=_first_day(ref, row.transaction_date, row.submitted_at, row.created_at),
        amount_minor=amount,
        currency=currency,
        merchant=merchant,
        identifiers=_merchants(merchant),
        state=state,
        posted_on=_day(row.payment_processed_at)
        if state in {ExpenseState.POSTED, ExpenseState.REFUND}
        else None,
        original_amount_minor=_signed(original[0], amount) if original else None,
        original_currency=original[1] if original else None,
        category=_category(row.sk_category_name, row.accounting_field_selections, row.line_items),
        memo=_text(row.memo) or _line_memo(row.line_items),
        person_ref=row.user_id or None,
    )


def claimant(row: Reimbursement) -> PersonSeen | None:
    """The person who asked for a reimbursement, in passing."""
    if not row.user_id:
        return None
    email = (row.user_email or "").strip().lower() or None
    return PersonSeen(ref=row.user_id, email=email, name=_text(row.user_full_name), mention=True)


def read_bill(row: Bill, *, archived: bool = False) -> ExpenseSeen | None:
    """A bill as an expense of its vendor; None when the payee is a private person.

    A bill is spend once it is paid. One that was paid with a Ramp card stays pending for good: its
    money arrives as a card charge, and counting both would double it.

    Args:
        row: the bill.
        archived: the bill comes from the list of archived ones, which is how Ramp deletes.

    Raises:
        SkipRecord: no id, vendor, day, amount or known currency.
    """
    ref = _ref(row.id)
    vendor = row.vendor or BillVendor()
    if vendor.type == _INDIVIDUAL:
        return None
    merchant = _text(vendor.name) or _text(vendor.remote_name)
    if merchant is None:
        raise SkipRecord("the bill names no vendor", ref=ref)
    found = _minor(row.amount, ref)
    if found is None:
        raise SkipRecord("the bill has no amount", ref=ref)
    amount, currency = found
    payment = row.payment or BillPayment()
    state = ExpenseState.PENDING
    if archived or row.archived_at or row.status_summary == "ARCHIVED" or row.approval_status in _BILL_VOID:
        state = ExpenseState.VOID
    elif (payment.payment_method or row.payment_method) in _BY_CARD:
        state = ExpenseState.PENDING
    elif row.status == "PAID" or row.paid_at:
        state = ExpenseState.REFUND if amount < 0 else ExpenseState.POSTED
    owner = row.bill_owner
    return ExpenseSeen(
        ref=ref,
        occurred_on=_first_day(ref, row.issued_at, row.created_at),
        amount_minor=amount,
        currency=currency,
        merchant=merchant,
        identifiers=_merchants(merchant),
        state=state,
        posted_on=_day(row.paid_at or payment.payment_date)
        if state in {ExpenseState.POSTED, ExpenseState.REFUND}
        else None,
        category=_category(None, row.accounting_field_selections, row.line_items),
        memo=_text(row.memo) or _text(row.vendor_memo) or _line_memo(row.line_items),
        person_ref=(owner.id or None) if owner else None,
    )


def bill_owner(row: Bill) -> PersonSeen | None:
    """The person who owns a bill, in passing."""
    owner = row.bill_owner
    if owner is None or not owner.id:
        return None
    return PersonSeen(ref=owner.id, name=_name(owner.first_name, owner.last_name), mention=True)


def bill_in_pass(row: Bill, number: int, since: date) -> bool:
    """Whether a bill belongs into pass 0 (issued), 1 (paid) or 2 (archived) of a span from `since`.

    Ramp's date filters on bills have been seen to be ignored, so they are checked again here; and a bill
    that the first pass has brought is not brought again by the second.
    """
    issued, paid = _day(row.issued_at), _day(row.paid_at)
    recent = issued is None or issued >= since
    return (paid is not None and paid >= since and not recent) if number == 1 else recent


def is_pending(row: Transaction) -> bool:
    """Whether a charge has neither cleared nor been declined."""
    return _card_state(row.state, 0) is ExpenseState.PENDING


def _card_state(state: str | None, amount: int) -> ExpenseState:
    # A state that is not known is evidence but no spend, which is what PENDING means.
    if state in _DECLINED:
        return ExpenseState.DECLINED
    if state in _POSTED:
        return ExpenseState.REFUND if amount < 0 else ExpenseState.POSTED
    return ExpenseState.PENDING


def _charged(row: Transaction, ref: str) -> tuple[int, str]:
    # Ramp's main amount is in dollars unless it names another currency.
    currency = row.currency_code or "USD"
    if not row.amount and row.state in _DECLINED and row.decline_details:
        tried = _minor(row.decline_details.declined_amount, ref)
        if tried is not None:
            return tried
        if row.decline_details.amount is not None:
            return _major(row.decline_details.amount, currency, ref)
    if row.amount is not None:
        return _major(row.amount, currency, ref)
    found = _minor(row.original_transaction_amount, ref)
    if found is None:
        raise SkipRecord("the charge has no amount", ref=ref)
    return found


def _reimbursed(row: Reimbursement, ref: str) -> tuple[int, str]:
    # The bare `amount` is on its way out; what the entity settles says its own currency.
    found = _minor(row.entity_amount, ref) or _minor(row.payee_amount, ref)
    if found is None and row.amount is not None and row.currency:
        found = _major(row.amount, row.currency, ref)
    found = found or _minor(row.original_reimbursement_amount, ref)
    if found is None:
        raise SkipRecord("the reimbursement has no amount", ref=ref)
    return found


def _major(amount: Decimal, currency: str, ref: str) -> tuple[int, str]:
    try:
        code = money.currency_code(currency)
        return money.to_minor(amount, code, rounded=True), code
    except ValueError as error:
        raise SkipRecord(str(error), ref=ref) from error


def _minor(amount: Amount | None, ref: str) -> tuple[int, str] | None:
    try:
        return amount.minor() if amount else None
    except ValueError as error:
        raise SkipRecord(str(error), ref=ref) from error


def _shown(amount: Amount | None) -> str | None:
    try:
        found = amount.minor() if amount else None
    except ValueError:
        return None  # a fact for people to read, not worth losing the vendor for
    return money.format_money(*found) if found else None


def _signed(amount: int, like: int) -> int:
    return -abs(amount) if like < 0 else amount


def _category(
    spending: str | None, selections: Sequence[Selection] | None, lines: Sequence[Line] | None
) -> str | None:
    chosen = [
        *(selections or ()),
        *(s for line in lines or () for s in line.accounting_field_selections or ()),
    ]
    parts = [_text(spending), *map(_account, chosen)]
    return " / ".join(dict.fromkeys(p for p in parts if p)) or None


def _account(selection: Selection) -> str | None:
    kind = selection.category_info.type if selection.category_info else None
    if (kind or selection.type) != "GL_ACCOUNT":
        return None
    name, code = _text(selection.name), _text(selection.external_code)
    return f"{code} {name}" if code and name else name or code


def _merchants(*names: str | None) -> tuple[Identifier, ...]:
    return tuple(Identifier(MERCHANT, name) for name in dict.fromkeys(map(_text, names)) if name)


def _mcc(code: str | int | None) -> str | None:
    text = str(code).strip() if code is not None else ""
    return text.zfill(4) if text else None  # as a number, 0742 has lost its zero


def _line_memo(lines: Sequence[Line] | None) -> str | None:
    return next((memo for line in lines or () if (memo := _text(line.memo))), None)


def _name(first: str | None, last: str | None) -> str | None:
    return " ".join(part for part in (_text(first), _text(last)) if part) or None


def _text(value: str | None) -> str | None:
    return (value or "").strip() or None


def _ref(value: str | None) -> str:
    if not value:
        raise SkipRecord("the field id is missing", ref="(no id)")
    return value


def _first_day(ref: str, *values: str | None) -> date:
    for value in values:
        day = _day(value)
        if day is not None:
            return day
    raise SkipRecord("the record has no date", ref=ref)


def _day(value: str | None) -> date | None:
    # The day as Ramp writes it: moving it to another zone could move the charge to another day.
    try:
        return datetime.fromisoformat(value).date() if value else None
    except ValueError:
        return None


def _moment(value: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if value else None
    except ValueError:
        return None
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
