"""A statement line as Penumbra understands it, and the key by which it is known again."""

import hashlib
import re
import unicodedata
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import msgspec

from connectors.base import SkippedRecord
from connectors.identifiers import MERCHANT, Identifier
from connectors.observations import ExpenseSeen, ExpenseState, PersonSeen

LONGEST_TEXT = 500
LONGEST_MERCHANT = 200


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One charge or refund. Outflow is positive.

    `vendor_id` is the bank's own id of the line where the format defines one (OFX FITID, CAMT
    AcctSvcrRef); `reference` is a table's reference column, which helps but is not trusted alone.
    """

    occurred_on: date
    amount_minor: int
    currency: str
    merchant: str
    descriptor: str = ""
    state: ExpenseState = ExpenseState.POSTED
    posted_on: date | None = None
    vendor_id: str = ""
    reference: str = ""
    original_amount_minor: int | None = None
    original_currency: str | None = None
    mcc: str | None = None
    category: str | None = None
    memo: str | None = None
    department: str | None = None
    person: str | None = None
    email: str | None = None


Item = Entry | SkippedRecord | None
"""What one record of a file gave: a charge, a record that cannot be used, or (None) left out."""


@dataclass(frozen=True)
class Keyed:
    """One record with its stable reference; `ref` is empty unless `item` is an Entry."""

    item: Item
    ref: str = ""


@lru_cache(maxsize=4096)
def plain_descriptor(text: str) -> str:
    """A descriptor without case, width and spacing, so that two exports of one line agree."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def is_plausible_id(text: str) -> bool:
    """Whether a reference can tell lines apart: not a row number, not zeros, not `NOTPROVIDED`."""
    return (
        len(text) >= 6
        and len(set(text) - {"0", "-", " "}) > 1
        and any(c.isdigit() for c in text)
        and not re.fullmatch(r"0*\d{1,5}", text)
    )


def key_of(entry: Entry, account: str) -> bytes:
    """The key of a line: who it belongs to, when, how much, and the bank's id or the text.

    Day and amount are always part of it, because banks reissue FITIDs. State is not, so that a
    pending line and the same line cleared are one. A table's reference joins the text and never
    replaces it, because some exports fill the column with a customer number.
    """
    parts = [" ".join(account.casefold().split()), entry.occurred_on.isoformat(), str(entry.amount_minor)]
    parts.append(entry.currency)
    if entry.vendor_id:
        parts += ["id", entry.vendor_id]
    else:
        parts += ["text", plain_descriptor(entry.descriptor or entry.merchant)]
        parts.append(entry.reference if is_plausible_id(entry.reference) else "")
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=12).digest()


def keyed(items: Iterable[Item], account: str) -> Generator[Keyed, None, None]:
    """Give every entry of one file its reference: key and occurrence within the file.

    Two equal charges of one day are real and get -1 and -2; the same two in another file get the
    same references again, so overlapping files come to the larger count and never to the sum.
    """
    once: set[int] = set()
    more: dict[int, int] = {}
    for item in items:
        if not isinstance(item, Entry):
            yield Keyed(item)
            continue
        key = key_of(item, account)
        # 64 of the 96 bits do for counting; this is all that is remembered of a line.
        short = int.from_bytes(key[:8], "big")
        count = 1
        if short in once:
            count = more.get(short, 1) + 1
            more[short] = count
        once.add(short)
        yield Keyed(item, f"{key.hex()}-{count}")


def person_ref(entry: Entry) -> str | None:
    """The reference of the card holder or employee a line names; None where it names nobody."""
    if entry.email:
        return f"email:{entry.email.casefold()}"
    return f"name:{plain_descriptor(entry.person)}" if entry.person else None


def person_of(entry: Entry) -> PersonSeen | None:
    """The person a line names, as a mention."""
    ref = person_ref(entry)
    if ref is None:
        return None
    return PersonSeen(ref=ref, email=entry.email, name=entry.person, mention=True)


def expense_of(entry: Entry, ref: str) -> ExpenseSeen:
    """The observation of a line."""
    texts = [entry.merchant]
    if (
        entry.descriptor
        and entry.descriptor != entry.merchant
        and plain_descriptor(entry.descriptor) != plain_descriptor(entry.merchant)
    ):
        texts.append(entry.descriptor)
    return ExpenseSeen(
        ref=ref,
        occurred_on=entry.occurred_on,
        amount_minor=entry.amount_minor,
        currency=entry.currency,
        merchant=entry.merchant[:LONGEST_MERCHANT],
        descriptor=entry.descriptor[:LONGEST_TEXT] or None,
        identifiers=tuple(Identifier(MERCHANT, text[:LONGEST_MERCHANT]) for text in texts),
        state=entry.state,
        posted_on=entry.posted_on,
        original_amount_minor=entry.original_amount_minor,
        original_currency=entry.original_currency,
        mcc=entry.mcc,
        category=entry.category,
        memo=entry.memo[:LONGEST_TEXT] if entry.memo else None,
        department=entry.department,
        person_ref=person_ref(entry),
    )


def one_line(text: str) -> str:
    """Text without line breaks and the spaces around them; spacing inside a line is kept."""
    if text.isprintable():
        return text.strip()
    return " ".join(part.strip() for part in text.splitlines() if part.strip())


def shortened(text: str, length: int = 40) -> str:
    """A value for an error message: one line, quoted, cut."""
    text = " ".join(text.split())
    return f"“{text if len(text) <= length else text[: length - 1] + '…'}”"


def mcc_of(text: str) -> str | None:
    """A merchant category code as four digits; None for anything that is none."""
    text = text.strip()
    return text.zfill(4) if text.isascii() and text.isdigit() and 3 <= len(text) <= 4 else None
