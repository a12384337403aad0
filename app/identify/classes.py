"""What kinds of word a word is, as one look-up: everything beside a name has to be explained by these.

Sets of words are kept where people read and correct them (`words.py`, `describing.py`). Here they become
bits of one number for each word, so that a word is asked once about all of them.
"""

from app.identify.describing import BAIT, DESCRIPTIVE, EVENT_WORDS, FOREIGN_WORK, PLUGIN
from app.identify.trade_words import BUSINESS_WORDS, PART_WORDS, SHOP_WORDS
from app.identify.words import (
    AREAS,
    BILLING,
    COMPANY,
    COMPANY_PARTS,
    EDITION,
    ENVIRONMENT,
    LEGAL_FORMS,
    PLACE_WORDS,
    PLACES,
    PLAN,
    PROTOCOL,
    REGION,
    STATES_AND_COUNTRIES,
    VAGUE_FORMS,
)

SURROUNDING = 1 << 0
REGIONAL = 1 << 1
EDITIONAL = 1 << 2
LEGAL = 1 << 3
VAGUE = 1 << 4
NOISE = 1 << 5
PLAN_WORD = 1 << 6
AREA = 1 << 7
PART = 1 << 8
DESCRIBING = 1 << 9
EVENT = 1 << 10
STATE = 1 << 11
FOREIGN = 1 << 12
BAITING = 1 << 13
PLUGGING = 1 << 14
PLACED = 1 << 15
SOFTWARE = 1 << 16
BUSINESS = 1 << 17

_SHORTEST_INFLECTED = 5

_SETS = (
    (SURROUNDING, ENVIRONMENT | PROTOCOL),
    (REGIONAL, REGION),
    (EDITIONAL, EDITION),
    (LEGAL, LEGAL_FORMS),
    (VAGUE, VAGUE_FORMS),
    (NOISE, BILLING | COMPANY | PLACES),
    (PLAN_WORD, PLAN),
    (AREA, AREAS),
    (PART, COMPANY_PARTS),
    (DESCRIBING, DESCRIPTIVE),
    (EVENT, EVENT_WORDS),
    (STATE, STATES_AND_COUNTRIES),
    (FOREIGN, FOREIGN_WORK),
    (BAITING, BAIT),
    (PLUGGING, PLUGIN),
    (PLACED, PLACE_WORDS),
    (SOFTWARE, PART_WORDS),
    (BUSINESS, BUSINESS_WORDS),
)


def _classes() -> dict[str, int]:
    found: dict[str, int] = {}
    for bit, words in _SETS:
        for word in words:
            found[word] = found.get(word, 0) | bit
    # One or several of them: a label says as much. What shops call themselves is theirs in both.
    for word in DESCRIPTIVE | PART_WORDS | BUSINESS_WORDS:
        other = _one_or_several(word)
        if len(other) >= _SHORTEST_INFLECTED and word.isascii() and other not in SHOP_WORDS:
            found.setdefault(other, BUSINESS)
    return found


def _one_or_several(word: str) -> str:
    """Write an English word for several things if it is for one, and the other way round."""
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("ss", "us", "is", "x", "ch", "sh")):
        return f"{word}es"
    if word.endswith("s"):
        return word[:-1]
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}s"


CLASSES = _classes()
"""The kinds of each word that has any; look up with `CLASSES.get(word, 0)`."""
