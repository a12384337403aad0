"""Which tool a subject belongs to, from what the matcher said and what people taught. Pure.

The answer is a function of the active teachings only, never of the order in which they came into force
or were undone. So undoing is marking one as undone and asking again.

A taught handle beats a merge, and a merge beats the matcher. Among taught handles the one that says most
wins (an id before a domain before a name), then the newest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from app.teaching.handles import Handle, rank

TAUGHT = "taught"
_PINS = frozenset({"confirm", "correct", "split"})
_DONE = {"confirm": "Confirmed", "correct": "Corrected", "split": "Split off"}


class Learned(NamedTuple):
    """A handle that somebody tied to a tool.

    `only` narrows it to what the matcher gives to that tool, for a merchant whose lines are several tools'.
    """

    handle: Handle
    only: int | None = None


@dataclass(frozen=True)
class Teaching:
    """One active teaching, as far as resolving needs it."""

    id: int
    verb: str
    at: datetime
    actor: str
    reason: str
    from_tool_id: int | None
    to_tool_id: int | None
    from_name: str = ""
    learned: tuple[Learned, ...] = ()


@dataclass(frozen=True)
class Matched:
    """What the matcher said of a subject."""

    tool_id: int
    rule: str
    confidence: float
    why: str

    def as_json(self) -> dict[str, Any]:
        """How it is kept beside a person's word."""
        return {"rule": self.rule, "confidence": self.confidence, "why": self.why}


@dataclass(frozen=True)
class Held:
    """What holds for a subject; `matched` is None where that is the matcher's own answer."""

    tool_id: int
    rule: str
    confidence: float
    why: str
    matched: dict[str, Any] | None


class Book:
    """The active teachings, ready to be asked."""

    def __init__(self, teachings: Iterable[Teaching] = ()) -> None:
        self.teachings = tuple(sorted(teachings, key=lambda t: (t.at, t.id)))
        self._order = {t.id: number for number, t in enumerate(self.teachings)}
        self._pins: dict[Handle, list[tuple[Teaching, int | None]]] = {}
        self._merges: dict[int, Teaching] = {}
        for teaching in reversed(self.teachings):  # the newest first
            if teaching.verb == "merge" and teaching.from_tool_id is not None:
                self._merges.setdefault(teaching.from_tool_id, teaching)
            elif teaching.verb in _PINS and teaching.to_tool_id is not None:
                for handle, only in teaching.learned:
                    self._pins.setdefault(handle, []).append((teaching, only))

    def with_one(self, teaching: Teaching) -> "Book":
        """The same with one more."""
        return Book((*self.teachings, teaching))

    def without(self, teaching_id: int) -> "Book":
        """The same without one."""
        return Book(t for t in self.teachings if t.id != teaching_id)

    def is_taught(self, handles: Sequence[Handle]) -> bool:
        """Whether somebody tied one of the handles to a tool, whatever the matcher says."""
        return any(only is None for handle in handles for _, only in self._pins.get(handle, ()))

    def final(self, tool_id: int) -> int:
        """The tool that a tool became, merge by merge; itself if it was not merged away."""
        return self._followed(tool_id)[0]

    def parts_of(self, tool_id: int) -> set[int]:
        """A tool with all that were merged into it."""
        return {tool_id} | {part for part in self._merges if self.final(part) == tool_id}

    def learned(self) -> dict[Handle, Teaching]:
        """Each taught handle with the newest teaching that holds for all its subjects."""
        newest = {
            handle: next((t for t, only in pins if only is None), None) for handle, pins in self._pins.items()
        }
        return {handle: teaching for handle, teaching in newest.items() if teaching is not None}

    def hold(self, handles: Sequence[Handle], matched: Matched) -> Held:
        """What holds for a subject.

        Args:
            handles: of the subject.
            matched: what the matcher said.

        Returns:
            The tool with rule, confidence and why: the matcher's, where nobody taught otherwise.
        """
        pin = self.pin(handles, matched.tool_id)
        start = matched.tool_id
        words = []
        if pin is not None and pin.to_tool_id is not None:
            start = pin.to_tool_id
            words.append(_sentence(_DONE[pin.verb], pin))
        tool_id, merges = self._followed(start)
        words += [_sentence(f"Merged from “{merge.from_name}”", merge) for merge in merges]
        if not words:
            return Held(matched.tool_id, matched.rule, matched.confidence, matched.why, None)
        return Held(tool_id, TAUGHT, 1.0, " ".join(words), matched.as_json())

    def pin(self, handles: Sequence[Handle], matched_tool_id: int) -> Teaching | None:
        """The teaching that ties a subject to a tool by one of its handles, if any does."""
        found: list[tuple[tuple[int, int], int, Teaching]] = []
        for handle in handles:
            pins = self._pins.get(handle, ())
            newest = next((t for t, only in pins if only in {None, matched_tool_id}), None)
            if newest is not None:
                found.append((rank(handle), -self._order[newest.id], newest))
        return min(found, key=lambda f: f[:2])[2] if found else None

    def _followed(self, tool_id: int) -> tuple[int, list[Teaching]]:
        path: list[Teaching] = []
        while (merge := self._merges.get(tool_id)) is not None and merge.to_tool_id is not None:
            if len(path) > len(self._merges):
                raise ValueError("the merges of these teachings go round in a circle")
            path.append(merge)
            tool_id = merge.to_tool_id
        return tool_id, path


def _sentence(done: str, teaching: Teaching) -> str:
    reason = teaching.reason.strip().rstrip(".")
    day = f"{teaching.at.day} {teaching.at:%B %Y}"
    return f"{done} by {who(teaching.actor)} on {day}{f': {reason}' if reason else ''}."


def who(actor: str) -> str:
    """Who acted, as people say it: `token:ada` is ada."""
    return actor.partition(":")[2] or actor
