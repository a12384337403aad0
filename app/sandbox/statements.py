"""The acquired subsidiary's card statements: files that somebody downloads from the bank.

The exports overlap, as they do in life: the newer one repeats the last weeks of the older one, and
what was pending in the older one has its final text and day in the newer.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from app.sandbox.charges import Charge
from app.sandbox.company import Company
from app.sandbox.tools import Via

OVERLAP = timedelta(days=20)
"""How far the newer export reaches back into the older one."""


@dataclass(frozen=True)
class StatementRow:
    """One line of a statement; outflow is positive, amounts are minor units."""

    date: date
    amount_minor: int
    currency: str
    descriptor: str
    pending: bool
    mcc: str | None
    person: str | None


@dataclass(frozen=True)
class Statement:
    """One downloaded file.

    Attributes:
        name: file name.
        style: the layout in which it is written, for `connectors.files.samples.write_statement`.
        rows: oldest first.
    """

    name: str
    style: str
    rows: tuple[StatementRow, ...]


def statements(company: Company) -> tuple[Statement, ...]:
    """The three downloads: two overlapping card exports, and the bank account's."""
    charges = [c for c in company.charges if c.via is Via.STATEMENT and c.state != "declined"]
    cut = company.as_of - timedelta(days=80)
    cards = [c for c in charges if not _by_transfer(c)]
    old = [_row(c) for c in cards if c.day <= cut and c.state != "pending"]
    new = [_row(c) for c in cards if c.day > cut - OVERLAP]
    # The last two days of the older download had not been booked when it was made.
    old = [replace(row, pending=True) if row.date > cut - timedelta(days=2) else row for row in old]
    bank = [_row(c) for c in charges if _by_transfer(c)]
    return (
        Statement("cards-older.csv", "expense_export", tuple(old)),
        Statement("cards-newer.csv", "expense_export", tuple(new)),
        Statement("bank.xml", "camt053_08", tuple(bank)),
    )


def _by_transfer(charge: Charge) -> bool:
    """Utilities and services that are debited from the bank account instead of a card."""
    return charge.mcc in {"4814", "7399", "8299"} or charge.tool in {"datev", "teamviewer"}


def _row(charge: Charge) -> StatementRow:
    return StatementRow(
        charge.day,
        charge.amount_minor,
        charge.currency,
        charge.descriptor,
        charge.state == "pending",
        charge.mcc,
        charge.person.email,
    )


def write_statements(company: Company, folder: Path) -> list[Path]:
    """Write the downloads into `folder`, each in its bank's layout; the folder is made where missing.

    No line is in both the card exports and the bank's file, so that the folder can be read as one
    account.
    """
    from connectors.files import samples

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for statement in statements(company):
        rows = [
            samples.StatementRow(
                date=row.date,
                amount_minor=row.amount_minor,
                descriptor=row.descriptor,
                currency=row.currency,
                pending=row.pending,
                mcc=row.mcc,
                person=row.person,
            )
            for row in statement.rows
        ]
        paths.append(samples.write_statement(folder / statement.name, rows, style=statement.style))
    return paths
