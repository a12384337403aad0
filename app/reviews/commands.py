"""What people can ask of a review. Pure; `rules` says what comes of it.

Where `side` is left out it is the side that the person sits on; who sits on both must say which one.
"""

from dataclasses import dataclass

from app.reviews.events import Terms
from app.reviews.words import Item, Verdict
from app.security.schemas import Side


@dataclass(frozen=True)
class Assess:
    """Say what one's side found about an item."""

    item: Item
    verdict: Verdict
    notes: str = ""
    evidence: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ask:
    """Ask the other side."""

    to: Side
    text: str


@dataclass(frozen=True)
class Answer:
    """Answer what one's side was asked."""

    question: int
    text: str


@dataclass(frozen=True)
class WithdrawQuestion:
    """Take one's side's question back."""

    question: int


@dataclass(frozen=True)
class Comment:
    """Say something."""

    text: str
    side: Side | None = None


@dataclass(frozen=True)
class Attach:
    """Lay a link on the table."""

    link: str
    title: str
    side: Side | None = None


@dataclass(frozen=True)
class Propose:
    """Propose an outcome."""

    terms: Terms
    rationale: str
    side: Side | None = None


@dataclass(frozen=True)
class Sign:
    """Turn one's side's key on the proposal with this number."""

    proposal: int
    rationale: str
    side: Side | None = None


@dataclass(frozen=True)
class Unsign:
    """Take one's side's key back."""

    reason: str = ""
    side: Side | None = None


@dataclass(frozen=True)
class Dissenting:
    """Be against the proposal, for the record."""

    rationale: str
    side: Side | None = None


@dataclass(frozen=True)
class Escalate:
    """Hand the review to the arbiters."""

    reason: str
    side: Side | None = None


@dataclass(frozen=True)
class Withdraw:
    """Ask to end the review without a decision."""

    reason: str
    side: Side | None = None


@dataclass(frozen=True)
class Keep:
    """Say that a promise of one's own side was kept."""

    number: int
    note: str = ""


@dataclass(frozen=True)
class Waive:
    """Let the other side off a promise."""

    number: int
    reason: str


Command = (
    Assess
    | Ask
    | Answer
    | WithdrawQuestion
    | Comment
    | Attach
    | Propose
    | Sign
    | Unsign
    | Dissenting
    | Escalate
    | Withdraw
    | Keep
    | Waive
)
