"""Guesses what kind of tool a stranger is, from the words of its name and of what it is needed for. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from app.identify import AudienceSignals, KnowledgeBase, audience
from app.identify.audience_text import Lexicon
from app.identify.words import word_set

_GENERIC = word_set(
    "app apps page pages text live copy data product program local free location native screen planning "
    "image images project task customer market research accounts call web ai"
)
"""Words that stand in the names and needs of tools of every kind."""
_LEAST = 0.5
_LEAD = 1.3
_NEED_COUNTS = 0.5
_LONG_WORD = 10


@dataclass(frozen=True)
class Guess:
    """What kind of tool it may be.

    Attributes:
        category: a code of the landscape; None if nothing says.
        why: in a sentence.
        reasons: whether it is a marketing tool, in sentences.
    """

    category: str | None
    why: str
    reasons: tuple[str, ...]


def guess(kb: KnowledgeBase, name: str, domain: str | None, need: str = "") -> Guess:
    """Say what kind of tool a stranger may be.

    Args:
        kb: the knowledge base.
        name: what it is called.
        domain: its host, if known.
        need: what it is for, in somebody's words.
    """
    lexicon, holders = _words(kb)
    scores: dict[str, float] = defaultdict(float)
    said: dict[str, dict[str, None]] = defaultdict(dict)
    texts = [(name, 1.0, 5), ((domain or "").partition(".")[0], 1.0, 5), (need, _NEED_COUNTS, _LONG_WORD)]
    seen: set[str] = set()
    for text, counts, shortest in texts:
        for found in lexicon.find(text, shortest):
            word = _singular(found.words)
            if word in seen or word not in holders:
                continue
            seen.add(word)
            for code, weight in holders[word].items():
                scores[code] += counts * weight
                said[code][found.words] = None
    opinion = audience(None, AudienceSignals(name=name, domain=domain or "", description=need))
    ranked = sorted(((-score, code) for code, score in scores.items()))
    if not ranked or -ranked[0][0] < _LEAST * _NEED_COUNTS:
        return Guess(None, "Nothing in its name says what kind of tool it is.", opinion.reasons)
    if len(ranked) > 1 and ranked[0][0] > _LEAD * ranked[1][0]:
        return Guess(None, "Its words fit several kinds of tools.", opinion.reasons)
    code = ranked[0][1]
    words = ", ".join(f"“{word}”" for word in said[code])
    suggest = "words {} suggest" if len(said[code]) > 1 else "word {} suggests"
    heading = kb.categories[code].name
    why = f"The {suggest.format(words)} {heading}; nobody has checked that."
    return Guess(code, why, opinion.reasons)


@lru_cache(maxsize=2)
def _words(kb: KnowledgeBase) -> tuple[Lexicon, Mapping[str, Mapping[str, float]]]:
    """The categories' words, and for each the categories it speaks for, weaker the more there are."""
    holders: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    known: set[str] = set()
    for category in kb.categories.values():
        for words, weight in ((category.tagline, 0.5), (category.words, 1.0)):
            for word in words:
                if word not in _GENERIC:
                    known.add(word)
                    holders[_singular(word)][category.code] += weight
    shared = {
        word: {code: weight / len(codes) for code, weight in codes.items()} for word, codes in holders.items()
    }
    return Lexicon({1.0: known}), shared


def _singular(word: str) -> str:
    """One form for a word and its plural; only for comparing."""
    return word.removesuffix("s") if len(word) > 3 else word
