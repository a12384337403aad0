"""Passes that the policy gives by itself: which tools get one, and what ends it. Pure."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from app.catalog.money import amount, counted
from app.language import lasting
from app.policy.conditions import is_over
from app.policy.document import Policy
from app.policy.facts import SPEND_DAYS, Facts
from app.policy.parts import Money
from app.policy.rules import Pass, pass_of, passes


class EndCause(StrEnum):
    """Why a pass ended."""

    EXPIRED = "expired"
    PEOPLE = "people"
    SPEND = "spend"
    UNFIT = "unfit"
    """The tool is no longer what it was passed for."""
    POLICY = "policy"
    """Another version of the policy was switched on, which does not pass it: as if it had not been given."""
    REFUSED = "refused"
    REVIEW = "review"
    """A review of the tool was opened."""


@dataclass(frozen=True)
class Given:
    """A pass that was given.

    Attributes:
        version: of the policy that gave it.
        rule: which of that version's passes it is, from 0.
        expires_on: the last day on which it holds.
        people_cap: more people than this end it.
        spend_cap: more spend in 90 days than this ends it; None: spend does not matter.
    """

    version: int
    rule: int
    expires_on: date
    people_cap: int
    spend_cap: Money | None


@dataclass(frozen=True)
class Ending:
    """Why a pass ends, with a sentence for people."""

    cause: EndCause
    reason: str


def gives(policy: Policy, facts: Facts) -> Pass | None:
    """The pass that a flagged tool gets by itself; None if it waits for a review.

    Whether it had a review, or a pass that somebody refused, is asked elsewhere.
    """
    found = passes(policy, facts) if facts.flagged else None
    return found if found is not None and found.automatic else None


def as_without(facts: Facts) -> Facts:
    """A tool that has a pass as it would be without one: what rules ask for is what it is otherwise."""
    active = facts.evidence == "active"
    return replace(
        facts,
        governance="unreviewed",
        shadow=active and not facts.managed,
        flagged=active and facts.audience == "marketing",
    )


def ends(
    given: Given, *, by: Policy, held: Policy, held_version: int, facts: Facts, today: date
) -> Ending | None:
    """Why a pass ends now; None while it holds.

    Args:
        given: the pass.
        by: the policy that gave it, by whose exchange rates its cap is compared.
        held: the policy that holds now.
        held_version: which version that is.
        facts: of the tool, as it is.
        today: the day.
    """
    if given.expires_on < today:
        return Ending(
            EndCause.EXPIRED,
            lasting("The time is over: it held through %(day)s.", day=_day(given.expires_on)),
        )
    if facts.people > given.people_cap:
        cap = counted(given.people_cap, "person", "people")
        using = counted(facts.people, "person uses", "people use")
        return Ending(
            EndCause.PEOPLE, lasting("%(using)s it; the pass was for %(cap)s at most.", using=using, cap=cap)
        )
    if given.spend_cap is not None and is_over(facts, given.spend_cap, by.exchange):
        cap = amount(given.spend_cap.minor, given.spend_cap.currency)
        paid = _paid(facts, by)
        return Ending(
            EndCause.SPEND,
            lasting(
                "It cost %(paid)s in %(days)s days; the pass was for %(cap)s at most.",
                paid=paid,
                days=SPEND_DAYS,
                cap=cap,
            ),
        )
    tool = as_without(facts)
    if _is_passed(held, tool):
        return None
    if held_version != given.version and _is_passed(by, tool):
        return Ending(
            EndCause.POLICY,
            lasting(
                "Version %(version)s of the policy holds now, and it does not pass this tool.",
                version=held_version,
            ),
        )
    return Ending(EndCause.UNFIT, _unfit(given, by, tool))


def _is_passed(policy: Policy, tool: Facts) -> bool:
    at = pass_of(policy, tool)
    return at is not None and policy.passes[at].automatic


def _paid(facts: Facts, by: Policy) -> str:
    unknown = by.exchange.unknown(facts.spend)
    if unknown:
        shown = " and ".join(amount(facts.spend[currency], currency) for currency in unknown)
        return lasting("%(paid_list)s, for which the policy has no exchange rate,", paid_list=shown)
    return by.exchange.written(facts.spend)


def _unfit(given: Given, by: Policy, tool: Facts) -> str:
    why: list[str] = []
    if given.rule < len(by.passes):
        when = by.passes[given.rule].when
        if not when.holds(tool, by.exchange):
            why = when.why(tool, by.exchange)
    return " ".join([lasting("It is no longer what it was passed for."), *why])


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
