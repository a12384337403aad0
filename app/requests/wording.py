"""The answer's sentences. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date

from app.catalog.money import amount
from app.language import N_, _, count, figure, listing, retold
from app.requests.partners import BUSINESS_DAY
from app.requests.schemas import Condition, History, MayUse, Overlapping, Standing
from app.security.schemas import Side

_MOST_NAMED = 5
_PARTIES = {"it": N_("IT"), "marketing": N_("marketing"), "arbiters": N_("the arbiters")}
_LANES = {"fast": N_("the fast lane"), "standard": N_("the standard lane"), "full": N_("the full lane")}


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return listing(words)


def day(value: date) -> str:
    """`5 October 2026`."""
    return retold(f"{value:%-d %B %Y}")


def sentence(text: str) -> str:
    """A person's words as the end of a sentence."""
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def waits_for(parties: Sequence[str]) -> str:
    """Whom an open review waits for."""
    if not parties:
        return _("It waits for nobody at the moment.")
    return _("It waits for %(whom)s.", whom=listed([_(_PARTIES.get(p, p)) for p in parties]))


def promised(conditions: Sequence[Condition]) -> str:
    """What is still to be kept, as one sentence."""
    each = [
        _(
            "%(side)s: %(promise)s, by %(day)s",
            side=_(c.side.words),
            promise=c.text.strip().rstrip("."),
            day=day(c.due),
        )
        for c in conditions
    ]
    return (
        _("Still promised: %(each)s.", each="; ".join(each))
        if each
        else _("All that was promised is settled.")
    )


def headline(name: str, standing: Standing, *, look_alike: bool = False) -> str:
    """The answer in one sentence."""
    if look_alike and standing.may_use is MayUse.UNDECIDED:
        return _("Look twice before you use %(name)s: it may not be what it seems.", name=name)
    instead = _("; use %(name)s instead", name=standing.instead.name) if standing.instead else ""
    return {
        MayUse.YES: _("Yes, you may use %(name)s: it is sanctioned.", name=name),
        MayUse.WITH_CONDITIONS: _("Yes, you may use %(name)s, under conditions.", name=name),
        MayUse.FOR_NOW: _("Yes, you may use %(name)s for now.", name=name),
        MayUse.WAIT: _("Not yet: %(name)s is being reviewed.", name=name),
        MayUse.NO: _("No, %(name)s is not to be used%(instead)s.", name=name, instead=instead),
        MayUse.SET_ASIDE: _("%(name)s was looked at and set aside; it was not sanctioned.", name=name),
        MayUse.UNDECIDED: _("Nobody has decided on %(name)s yet: ask before you buy it.", name=name),
    }[standing.may_use]


def tool_words(tool: Overlapping) -> str:
    """One overlapping tool with its standing, people and spend."""
    parts = [
        retold(tool.governance.value.replace("_", " ")),
        count(tool.people, "%(num)s person", "%(num)s people"),
    ]
    if tool.spend_minor > 0 and tool.currency:
        parts.append(_("%(sum)s in 12 months", sum=retold(amount(tool.spend_minor, tool.currency))))
    return f"{tool.name} ({', '.join(parts)})"


def overlap_words(kind: str | None, tools: Sequence[Overlapping], *, known: int = 0, paid: int = 0) -> str:
    """What the company has of that kind.

    Args:
        kind: its category in words; None if nobody knows it.
        tools: the first of them.
        known: how many there are.
        paid: how many of them are paid for.
    """
    if kind is None:
        return _("Nobody knows yet what kind of tool it is, so there is nothing to compare it with.")
    if not known:
        return _("The company has nothing else for %(kind)s, as far as the sources show.", kind=kind)
    said, free = [], known - paid
    if paid:
        named = _named([t for t in tools if t.spend_minor > 0], paid)
        said.append(
            _(
                "You already pay for %(tools)s for %(kind)s%(named)s.",
                tools=count(paid, "%(num)s tool", "%(num)s tools"),
                kind=kind,
                named=named,
            )
        )
    if free:
        named = _named([t for t in tools if t.spend_minor <= 0], free)
        have = count(free, "%(num)s tool", "%(num)s tools")
        if paid:
            text = _("You also have %(tools)s for %(kind)s without a payment seen%(named)s.")
        else:
            text = _("You already have %(tools)s for %(kind)s without a payment seen%(named)s.")
        said.append(text % {"tools": have, "kind": kind, "named": named})
    return " ".join(said)


def _named(tools: Sequence[Overlapping], count: int) -> str:
    shown = [tool_words(tool) for tool in tools[:_MOST_NAMED]]
    more = count - len(shown)
    return (
        (f": {', '.join(shown)}" + (_(", and %(more)s more", more=figure(more)) if more else ""))
        if shown
        else ""
    )


def road_words(lane: str, history: History | None, decided: int, service: Mapping[Side, int]) -> str:
    """How long it is likely to take."""
    name = _(_LANES[lane]) if lane in _LANES else _("the lane %(lane)s", lane=lane)
    if history is not None:
        return _(
            "It would take %(lane)s. Of %(reviews)s there in the last 12 months, half were "
            "decided within %(median)s, 9 in 10 within %(most)s.",
            lane=name,
            reviews=count(history.reviews, "%(num)s review", "%(num)s reviews"),
            median=count(history.median_days, "%(num)s day", "%(num)s days"),
            most=count(history.p90_days, "%(num)s day", "%(num)s days"),
        )
    few = (
        count(decided, "only %(num)s review decided there", "only %(num)s reviews decided there")
        if decided
        else _("no review decided there")
    )
    allowed = listed(
        [
            _(
                "%(days)s for %(side)s",
                days=count(-(-seconds // BUSINESS_DAY), "%(num)s business day", "%(num)s business days"),
                side=_(side.words),
            )
            for side, seconds in service.items()
        ]
    )
    promise = _(" Allowed are %(allowed)s.", allowed=allowed) if allowed else ""
    return _(
        "It would take %(lane)s. There is no history yet: %(few)s in the last 12 months.%(promise)s",
        lane=name,
        few=few,
        promise=promise,
    )
