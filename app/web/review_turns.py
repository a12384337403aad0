"""Whose turn it is in a review, as one reader sees it, and where the two sides differ. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.language import N_
from app.reviews.answers import EventOut, ItemOut, QuestionOut, ReviewOut, SideOut
from app.reviews.words import SANCTIONING, Outcome, Party, Standing
from app.security.schemas import Caller, Side

ANSWER, ASSESS, SIGN, PROPOSE, WAIT, ARBITERS = "answer", "assess", "sign", "propose", "wait", "arbiters"
HEADING = {
    ANSWER: {"it": N_("Marketing asks you something"), "marketing": N_("IT asks you something")},
    ASSESS: {"it": N_("Say what IT finds"), "marketing": N_("Say what marketing finds")},
    SIGN: {"it": N_("IT’s key is asked for"), "marketing": N_("Marketing’s key is asked for")},
    PROPOSE: {"it": N_("Propose what to do"), "marketing": N_("Propose what to do")},
    WAIT: {"it": N_("Nothing is asked of you now"), "marketing": N_("Nothing is asked of you now")},
    ARBITERS: {"it": N_("The arbiters decide now"), "marketing": N_("The arbiters decide now")},
}
DEED = {
    ANSWER: N_("Answer"),
    ASSESS: N_("Look at it"),
    SIGN: N_("Read and sign"),
    PROPOSE: N_("Propose"),
    ARBITERS: N_("Look at it"),
}
"""What to do about it, on a button that leads to the review."""


@dataclass(frozen=True)
class Turn:
    """What is asked of one side that the reader sits on.

    Attributes:
        side: the side.
        kind: what comes next for it.
        questions: of the other side, that it has not answered.
        missing: its items that are not assessed.
        decides: whether the reader may propose and sign, as far as a deadlock goes.
    """

    side: SideOut
    kind: str
    questions: tuple[QuestionOut, ...]
    missing: tuple[ItemOut, ...]
    decides: bool

    @property
    def heading(self) -> str:
        """What is asked, marked for translation."""
        return HEADING[self.kind][self.side.side.value]

    @property
    def deed(self) -> str:
        """What the reader would do now, marked for translation."""
        return DEED[self.kind if self.decides else ARBITERS]


def turns_of(review: ReviewOut, caller: Caller) -> list[Turn]:
    """What is asked of the sides that a reader sits on; nothing of a closed review, nor of anybody else."""
    if review.closed_at is not None:
        return []
    return [_turn(review, side, caller) for side in review.sides if caller.sits_with(side.side)]


def _turn(review: ReviewOut, side: SideOut, caller: Caller) -> Turn:
    questions = tuple(q for q in review.questions if q.to is side.side and is_open(q))
    missing = tuple(item for item in side.items if item.assessment is None)
    deadlocked = review.state is Standing.DEADLOCK
    decides = not deadlocked or any(a.user_id == caller.user_id for a in side.arbiters)
    kind = WAIT
    if questions:
        kind = ANSWER
    elif not decides:
        kind = ARBITERS
    elif side.key is not None:
        kind = WAIT
    elif review.proposal is not None:
        kind = SIGN
    elif missing:
        kind = ASSESS
    elif deadlocked or Party(side.side.value) in review.waiting_on:
        kind = PROPOSE
    return Turn(side, kind, questions, missing, decides)


def is_open(question: QuestionOut) -> bool:
    """Whether somebody still waits for the answer."""
    return question.answered_at is None and not question.withdrawn


def lacks_owner(review: ReviewOut, *, owned: bool) -> bool:
    """Whether marketing's key would be refused because nobody answers for the tool."""
    if review.proposal is None or owned:
        return False
    return Outcome(review.proposal.terms["outcome"]) in SANCTIONING


# --- what each side wants --------------------------------------------------------------------


@dataclass(frozen=True)
class Position:
    """What a side proposed last.

    Attributes:
        number: of the proposal.
        by: whose it was.
        at: when.
        terms: as plain values.
        rationale: why.
        on_table: whether it is the one that can be signed.
    """

    number: int
    by: str
    at: datetime
    terms: Mapping[str, Any]
    rationale: str
    on_table: bool


def positions(log: Iterable[EventOut], on_table: int | None) -> dict[Side, Position]:
    """What each side proposed last; a side that proposed nothing is missing."""
    found: dict[Side, Position] = {}
    for event in log:
        if event.kind == "proposed" and event.side is not None:
            found[event.side] = Position(
                event.seq,
                event.by.name if event.by else "?",
                event.at,
                event.data["terms"],
                event.data["rationale"],
                event.seq == on_table,
            )
    return found


@dataclass(frozen=True)
class Row:
    """One term, as each side proposed it; None where it did not speak of it."""

    name: str
    values: Mapping[str, str | None]
    differs: bool


def beside(worded: Mapping[Side, Sequence[tuple[str, str]]]) -> list[Row]:
    """What both sides proposed, term by term."""
    by_side = {side: dict(pairs) for side, pairs in worded.items()}
    names = list(dict.fromkeys(name for side in Side for name, _ in worded.get(side, ())))
    rows: list[Row] = []
    for name in names:
        values = {side.value: by_side.get(side, {}).get(name) for side in Side}
        both = len(by_side) == len(Side)
        rows.append(Row(name, values, both and len(set(values.values())) > 1))
    return rows
