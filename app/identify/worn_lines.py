"""Statement lines that say more, or less, than a merchant's name and what usually stands behind it.

What is read here nobody knew at first sight: the line is written anew without what banks and clerks put
behind the merchant, and with a space where two words run into one another, and then read once more. Only
lines that begin like a name come here, so that it costs the others nothing.
"""

import re
from collections.abc import Iterator

from app.identify.words import CITIES, PLACE_WORDS, STATES, word_set

_BEHIND = re.compile(
    r"(?<=\S)(?:"
    r",?\s+(?:tarjeta|kartennr\.?|kaart|card|cd)\s+[\dx*]{4,}(?:\s+\d\d[a-z]{3}(?:\d\d)?)?"
    r"|\s+\d\d[a-z]{3}\d\d(?:\s+cd\s+\d{4})?"
    r"|\s+\d{4}-\d\d-\d\dt\d\d:.*"
    r"|(?:\s+[a-z]{3})?\s+pasvolgnr\b.*"
    r"|\s+(?:mandat|mandate|mandaat|fact|txn|trx|trans|folio|kenmerk|vs)[\s.:#-]+[a-z-]{0,4}\d[\w-]*.*"
    r"|\s+web\s+pmts?(?:\s.*)?"
    r"|\s+via\s+(?:stripe|mollie|adyen|paypal|klarna|buckaroo|pay\.nl)(?:\s.*)?"
    r"|\s+\*\s+[a-z]{2}"
    r")$"
)
"""The card, the day, the order and the way of a payment, as banks print them behind a merchant."""
_TRIAL = re.compile(r"\s+trial\s+(?:over|ended|end)\b")
_RUN_ON = re.compile(
    r"\b(?:([a-z][a-z0-9]*[a-z]{3})(inc|llc|ltd|gmbh|bv|sas|srl|plc|\+?\d{7,})|([a-z]{5,})"
    r"(com|monthly|annual|yearly|subscription|premium|business|enterprise|invoice))(?=\s|$)"
)
_RUN_ON_FORMS = (
    *("com", "inc", "llc", "ltd", "gmbh", "bv", "sas", "srl", "plc", "monthly", "annual", "yearly"),
    *("subscription", "premium", "business", "enterprise", "invoice"),
)
RUN_ON_ENDS = (*_RUN_ON_FORMS, *"0123456789")
"""How a word ends that may be two: cheaper to ask than to take it apart."""
_SHORTEST_RUN_ON, _RUN_ON_DIGITS, _SHORTEST_BEFORE = 6, 7, 4
_LETTERS = 4
_SEGMENTED = ("upi", "neft", "imps", "inb", "ecom")
_SEGMENT = re.compile(r"[-/]")
_MOST_SEGMENTS = 5
_SHORTEST_TOGETHER, _SHORTEST_PART, _SHORTEST_CITY = 7, 3, 5
_PLACED = frozenset(word for word in CITIES | PLACE_WORDS if len(word) >= _SHORTEST_PART)
_CLOSING = STATES | word_set("us usa gb uk ie de fr nl")


def rewritten(body: str) -> Iterator[str]:
    """Write a line that nobody could read in other ways, the likeliest first.

    Args:
        body: the line without what stands in front of the merchant.

    Yields:
        Texts to be read instead; none if nothing can be taken off or apart.
    """
    shorter = _BEHIND.sub("", body)
    if "trial" in shorter:
        shorter = _TRIAL.sub(" trial", shorter)
    if shorter != body:
        yield shorter
    if any(map(may_be_two, shorter.split())):
        apart = _RUN_ON.sub(_apart, shorter)
        if apart != shorter:
            yield apart


def may_be_two(word: str) -> bool:
    """Say whether a word may be two that ran into one another; cheaper than to take it apart."""
    if len(word) < _SHORTEST_RUN_ON:
        return False
    if word[-1].isdigit():
        before = word[:-_RUN_ON_DIGITS]
        return len(before) >= _SHORTEST_BEFORE and word[-_RUN_ON_DIGITS:].isdigit() and not word.isdigit()
    return word.endswith(_RUN_ON_FORMS) and word not in _RUN_ON_FORMS


def _apart(found: re.Match[str]) -> str:
    return f"{found[1] or found[3]} {found[2] or found[4]}"


def segments(descriptor: str, text: str) -> list[str]:
    """List the parts of a transfer that are parted by dashes or strokes (`UPI/DR/4077/ACMELY/BANK`).

    Args:
        descriptor: the whole line.
        text: the folded line without the bank's words in front.
    """
    if not descriptor[:_LETTERS].lower().startswith(_SEGMENTED):
        return []
    parts = [part for part in _SEGMENT.split(text) if part]
    return parts[:_MOST_SEGMENTS] if len(parts) > 1 else []


def is_run_together(word: str) -> bool:
    """Say whether a word is a place written in one with what follows it (`SANFRANCISCO`, `FRANCISCOCA`)."""
    if len(word) < _SHORTEST_TOGETHER:
        return len(word) == len("usca") and word[:2] == "us" and word[2:] in STATES
    for cut in range(_SHORTEST_PART, len(word) - 1):
        front, tail = word[:cut], word[cut:]
        if front in _PLACED and (tail in _PLACED or (cut >= _SHORTEST_CITY and tail in _CLOSING)):
            return True
    return False
