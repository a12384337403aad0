"""Find words of a list in names, domains and descriptions: whole words, phrases, and words glued together.

A glued word counts only if known words cover it from end to end (`seo` + `toolkit`); a part of an unknown
word never does, so neither `adobe` nor `address` speaks of ads.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from app.identify.normalise import fold, squash, words_of

_LONGEST_PHRASE = 4
_SHORTEST_PART = 4
_LONGEST_WORD = 40
_SHORTEST_AFTER_AD = 4
# Letters that no accent can be taken off.
_PLAIN = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i"})


class Found(NamedTuple):
    """A word or phrase as the text has it, and what it weighs."""

    words: str
    weight: float


def plain(folded: str) -> str:
    """Take the accents off a folded text: `publicité` becomes `publicite`."""
    if folded.isascii():
        return folded
    apart = unicodedata.normalize("NFKD", folded.translate(_PLAIN))
    kept = "".join(letter for letter in apart if not "\u0300" <= letter <= "\u036f")
    return unicodedata.normalize("NFC", kept)


class Lexicon:
    """Terms with weights, and what they may be glued to.

    Args:
        terms: lists of terms by weight; words of a phrase are joined by dashes.
        fillers: words that may stand in a glued word and weigh nothing.
        short: terms shorter than four letters that may be part of a glued word.
        whole: words that are never taken apart.
    """

    def __init__(
        self,
        terms: Mapping[float, Iterable[str]],
        fillers: Iterable[str] = (),
        short: Iterable[str] = (),
        whole: Iterable[str] = (),
    ) -> None:
        self._terms = {squash(term): weight for weight, some in terms.items() for term in some}
        allowed = set(short)
        self._parts = {
            form: weight
            for term, weight in self._terms.items()
            if len(term) >= _SHORTEST_PART or term in allowed
            for form in (term, f"{term}s")
        }
        # How a phrase may begin: most words of a text begin none, and need no further look.
        self._beginnings = frozenset(term[:end] for term in self._terms for end in range(1, len(term) + 1))
        self._fillers = frozenset(fillers) - self._parts.keys()
        self._whole = frozenset(whole)
        self._longest = max(map(len, (*self._parts, *self._fillers)), default=0)
        # On its own "AD" may be a directory; glued in front (`adreach`) it is what "ads" is.
        self._ad = self._terms.get("ads")
        self._apart = lru_cache(maxsize=16384)(self._take_apart)

    def find(self, text: str, shortest: int = _SHORTEST_PART + 1) -> list[Found]:
        """Find the terms in a text, each once.

        Args:
            text: as people or vendors wrote it, in any case.
            shortest: take unknown words of so many letters apart; in running text only long ones are glued.

        Returns:
            What was found, in the order of the text; of overlapping phrases the longest.
        """
        words = words_of(fold(text))
        keys = [plain(word) for word in words]
        found: dict[str, Found] = {}
        at = 0
        while at < len(keys):
            size = self._phrase_at(keys, at)
            if size:
                key = "".join(keys[at : at + size])
                found.setdefault(key, Found(" ".join(words[at : at + size]), self._weight(key)))
            elif len(keys[at]) >= shortest:
                for part in self._apart(keys[at]):
                    found.setdefault(part.words, part)
            at += size or 1
        return list(found.values())

    def _phrase_at(self, keys: list[str], at: int) -> int:
        if keys[at] not in self._beginnings and keys[at][:-1] not in self._beginnings:
            return 0
        for size in range(min(_LONGEST_PHRASE, len(keys) - at), 0, -1):
            if self._weight("".join(keys[at : at + size])):
                return size
        return 0

    def _weight(self, key: str) -> float:
        found = self._terms.get(key)
        if found is None and key[-1:] == "s" and len(key) > 3:
            found = self._terms.get(key[:-1])
        return found or 0.0

    def _take_apart(self, word: str) -> tuple[Found, ...]:
        """Cover a word with known ones, as few as possible; empty if that fails or none of them is a term."""
        if len(word) > _LONGEST_WORD or word in self._whole or word in self._fillers:
            return ()
        cover: list[tuple[str, ...] | None] = [(), *[None] * len(word)]
        for end in range(1, len(word) + 1):
            for start in range(max(0, end - self._longest), end):
                before, part = cover[start], word[start:end]
                if before is None or not self._is_part(part, start, len(word) - end):
                    continue
                best = cover[end]
                if best is None or len(before) + 1 < len(best):
                    cover[end] = (*before, part)
        parts = cover[-1] or ()
        return tuple(
            Found(p, w) for p in parts if (w := self._parts.get(p) or (self._ad if p == "ad" else None))
        )

    def _is_part(self, part: str, start: int, after: int) -> bool:
        if part == "ad":
            return self._ad is not None and start == 0 and after >= _SHORTEST_AFTER_AD
        return part in self._parts or part in self._fillers
