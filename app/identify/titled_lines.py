"""Lines that a person typed in as if they were labels: a name, a dash or a bracket, and what it is."""

import re

from app.identify.classes import BUSINESS, CLASSES, EVENT, PLAN_WORD
from app.identify.clue import Clue
from app.identify.index import SHORTEST_START, Index
from app.identify.labels import read_dressed
from app.identify.normalise import words_of
from app.identify.trade_words import BILLED_WORDS
from app.identify.words import BILLING

_MARKS = re.compile(r"[:|()\[\]–—]|\s-")
_TITLED = re.compile(r"[:|()\[\]–—]|\s-|\b(?:by|for)\b")


def titled(index: Index, descriptor: str, text: str) -> Clue | None:
    """Read a merchant that a person typed in: a coined name, then what it is (`Acmely podcast hosting`).

    Args:
        index: the look-up tables.
        descriptor: the raw line, whose capitals may say something if it is no more than the text.
        text: the line without the bank's words, folded.

    Returns:
        The clue; None if the line has no title, or names no product in it.
    """
    start = text[:SHORTEST_START]
    if start.isalnum() and start.isascii() and not index.begins_alike(start):
        return None  # no name begins so, whatever follows
    if not _may_be_titled(text) or _TITLED.search(text) is None:
        return None
    words = words_of(text)
    if len(words) < 2 or not index.begins_with_name("".join(words), words):
        return None
    if any(CLASSES.get(w, 0) & EVENT for w in words):
        return None
    label = descriptor if len(descriptor) == len(text) else text
    dressed = read_dressed(index, label, text, words)
    if dressed is None or dressed.weak or dressed.rule == "bracketed_name":
        return None
    front, *rest = _MARKS.split(text, maxsplit=1)
    if rest and _is_of_a_trade(index, words_of(front), words_of(rest[0])):
        return None
    return Clue(dressed.product, dressed.rule, False, descriptor)


def _is_of_a_trade(index: Index, front: list[str], rest: list[str]) -> bool:
    """Say whether a name goes on in a trade, which in a label is a part of it (`ACMELY RENTALS - LONDON`).

    Behind the dash may stand that it is a bill for software all the same (`Acmely Mobile - annual plan`).
    """
    if "".join(front) in index.names or not any(CLASSES.get(w, 0) == BUSINESS for w in front[1:]):
        return False
    return not any(w in BILLING or w in BILLED_WORDS or CLASSES.get(w, 0) & PLAN_WORD for w in rest)


def _may_be_titled(low: str) -> bool:
    """Say whether a folded line has a character or a word of a title: cheaper than to look for it."""
    return (
        "-" in low or ":" in low or "by" in low or "for" in low or "|" in low or "(" in low or ")" in low
        or "[" in low or "]" in low or "–" in low or "—" in low
    )  # fmt: skip
