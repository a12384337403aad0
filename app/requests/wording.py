"""The answer's sentences. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date

from app.catalog.money import amount, counted
from app.requests.partners import BUSINESS_DAY
from app.requests.schemas import Condition, History, MayUse, Overlapping, Standing
from app.security.schemas import Side

_MOST_NAMED = 5
_PARTIES = {"it": "IT", "marketing": "marketing", "arbiters": "the arbiters"}
_LANES = {"fast": "the fast lane", "standard": "the standard lane", "full": "the full lane"}


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def day(value: date) -> str:
    """`5 October 2026`."""
    return f"{value:%-d %B %Y}"


def sentence(text: str) -> str:
    """A person's words as the end of a sentence."""
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def waits_for(parties: Sequence[str]) -> str:
    """Whom an open review waits for."""
    if not parties:
        return "It waits for nobody at the moment."
    return f"It waits for {listed([_PARTIES.get(p, p) for p in parties])}."


def promised(conditions: Sequence[Condition]) -> str:
    """What is still to be kept, as one sentence."""
    each = [f"{c.side.words}: {c.text.strip().rstrip('.')}, by {day(c.due)}" for c in conditions]
    return f"Still promised: {'; '.join(each)}." if each else "All that was promised is settled."


def headline(name: str, standing: Standing, *, look_alike: bool = False) -> str:
    """The answer in one sentence."""
    if look_alike and standing.may_use is MayUse.UNDECIDED:
        return f"Look twice before you use {name}: it may not be what it seems."
    instead = f"; use {standing.instead.name} instead" if standing.instead else ""
    return {
        MayUse.YES: f"Yes, you may use {name}: it is sanctioned.",
        MayUse.WITH_CONDITIONS: f"Yes, you may use {name}, under conditions.",
        MayUse.FOR_NOW: f"Yes, you may use {name} for now.",
        MayUse.WAIT: f"Not yet: {name} is being reviewed.",
        MayUse.NO: f"No, {name} is not to be used{instead}.",
        MayUse.SET_ASIDE: f"{name} was looked at and set aside; it was not sanctioned.",
        MayUse.UNDECIDED: f"Nobody has decided on {name} yet: ask before you buy it.",
    }[standing.may_use]


def tool_words(tool: Overlapping) -> str:
    """One overlapping tool with its standing, people and spend."""
    parts = [tool.governance.value.replace("_", " "), counted(tool.people, "person", "people")]
    if tool.spend_minor > 0 and tool.currency:
        parts.append(f"{amount(tool.spend_minor, tool.currency)} in 12 months")
    return f"{tool.name} ({', '.join(parts)})"


def overlap_words(kind: str | None, tools: Sequence[Overlapping], *, count: int = 0, paid: int = 0) -> str:
    """What the company has of that kind.

    Args:
        kind: its category in words; None if nobody knows it.
        tools: the first of them.
        count: how many there are.
        paid: how many of them are paid for.
    """
    if kind is None:
        return "Nobody knows yet what kind of tool it is, so there is nothing to compare it with."
    if not count:
        return f"The company has nothing else for {kind}, as far as the sources show."
    said, free = [], count - paid
    if paid:
        named = _named([t for t in tools if t.spend_minor > 0], paid)
        said.append(f"You already pay for {counted(paid, 'tool')} for {kind}{named}.")
    if free:
        have = "You also have" if paid else "You already have"
        named = _named([t for t in tools if t.spend_minor <= 0], free)
        said.append(f"{have} {counted(free, 'tool')} for {kind} without a payment seen{named}.")
    return " ".join(said)


def _named(tools: Sequence[Overlapping], count: int) -> str:
    shown = [tool_words(tool) for tool in tools[:_MOST_NAMED]]
    more = count - len(shown)
    return (f": {', '.join(shown)}" + (f", and {more:,} more" if more else "")) if shown else ""


def road_words(lane: str, history: History | None, decided: int, service: Mapping[Side, int]) -> str:
    """How long it is likely to take."""
    name = _LANES.get(lane, f"the lane {lane}")
    if history is not None:
        return (
            f"It would take {name}. Of {counted(history.reviews, 'review')} there in the last 12 months, "
            f"half were decided within {counted(history.median_days, 'day')}, 9 in 10 within "
            f"{counted(history.p90_days, 'day')}."
        )
    few = f"only {counted(decided, 'review')} decided there" if decided else "no review decided there"
    allowed = listed(
        [
            f"{counted(-(-seconds // BUSINESS_DAY), 'business day')} for {side.words}"
            for side, seconds in service.items()
        ]
    )
    promise = f" Allowed are {allowed}." if allowed else ""
    return f"It would take {name}. There is no history yet: {few} in the last 12 months.{promise}"
