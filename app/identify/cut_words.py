"""Words that a line's end or a bank cut off: whether they begin one that may stand behind a name."""

from app.identify.classes import AREA, CLASSES, DESCRIBING, LEGAL, NOISE, PART, PLAN_WORD, SOFTWARE
from app.identify.trade_words import SHOP_WORDS
from app.identify.words import word_set

SHORTEST_CUT_WORD = 3
"""A word cut off at a line's end is recognised only from this many characters on."""
_SHORTEST_CUT_TRADE = 5
_CUT_WORDS = frozenset(
    word[:end]
    for word, bits in CLASSES.items()
    if bits & (NOISE | LEGAL | AREA | PLAN_WORD)
    for end in range(SHORTEST_CUT_WORD, len(word))
)


_WHOLE = word_set("disco opera organ plant school schools stand train") | SHOP_WORDS
"""What a club, a school or a shop is called by begins such a word only by chance."""
_CUT_TRADES = (
    frozenset(
        word[:end]
        for word, bits in CLASSES.items()
        if bits & (DESCRIBING | PART | SOFTWARE) and len(word) > _SHORTEST_CUT_TRADE + 1
        for end in range(_SHORTEST_CUT_TRADE, len(word))
    )
    - _WHOLE
)


def begins_known_word(word: str) -> bool:
    """Say whether a word, cut off at a line's end, begins a word that may stand there."""
    return len(word) >= SHORTEST_CUT_WORD and word in _CUT_WORDS


def begins_trade_word(word: str) -> bool:
    """Say whether a word, cut off wherever a bank cut it, begins one that describes software."""
    return word in _CUT_TRADES
