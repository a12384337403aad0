"""Whether the terms of an outcome can be agreed on. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.language import _
from app.reviews.events import Migrate, Promise, Provisional, Retire, SanctionedWithConditions, Terms
from app.reviews.words import Outcome
from app.security.schemas import Side

USABLE = (Outcome.SANCTIONED.value, Outcome.SANCTIONED_WITH_CONDITIONS.value)
"""What a tool must be for people to be sent to it."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with some terms, in a sentence, and where."""

    why: str
    field: str


def problem_of(
    terms: Terms,
    today: date,
    tool_id: int,
    users: Mapping[int, frozenset[Side]],
    targets: Mapping[int, str],
) -> Problem | None:
    """What is wrong with some terms; None if they can be agreed on.

    Args:
        terms: of the outcome.
        today: the day; what is promised lies after it.
        tool_id: which tool they are about.
        users: the sides of each active user that the terms name.
        targets: the governance of each tool that the terms name.
    """
    match terms:
        case SanctionedWithConditions():
            return _promises(terms.conditions, today, users)
        case Provisional():
            if terms.expires <= today:
                return _past(_("A provisional decision must end on a day to come."), "expires")
            if (terms.spend_cap_minor is None) != (terms.currency is None):
                return Problem(_("A cap on spend is an amount and its currency."), "terms.currency")
        case Migrate():
            return _migration(terms, today, tool_id, targets)
        case Retire():
            if terms.by <= today:
                return _past(_("A tool is retired by a day to come."), "by")
        case _:
            pass
    return None


def _past(why: str, field: str) -> Problem:
    return Problem(why, f"terms.{field}")


def _promises(
    promises: tuple[Promise, ...], today: date, users: Mapping[int, frozenset[Side]]
) -> Problem | None:
    if not promises:
        return Problem(_("Sanctioned with conditions takes at least one condition."), "terms.conditions")
    for n, promise in enumerate(promises):
        where = f"terms.conditions.{n}"
        if promise.due <= today:
            return Problem(
                _("Condition %(number)s must be due on a day to come.", number=n + 1), f"{where}.due"
            )
        if promise.side not in users.get(promise.owner_user_id, ()):
            return Problem(
                _(
                    "Condition %(number)s: user %(user)s is not an active user of %(side)s's side.",
                    number=n + 1,
                    user=promise.owner_user_id,
                    side=_(promise.side.words),
                ),
                f"{where}.owner_user_id",
            )
    return None


def _migration(terms: Migrate, today: date, tool_id: int, targets: Mapping[int, str]) -> Problem | None:
    where = "terms.to_tool_id"
    if terms.to_tool_id == tool_id:
        return Problem(_("A tool cannot be replaced by itself."), where)
    if terms.to_tool_id not in targets:
        return Problem(_("There is no tool %(tool_id)s.", tool_id=terms.to_tool_id), where)
    if targets[terms.to_tool_id] not in USABLE:
        return Problem(
            _(
                "Tool %(tool_id)s is not sanctioned: people can only be sent to a tool that is.",
                tool_id=terms.to_tool_id,
            ),
            where,
        )
    if terms.by <= today:
        return _past(_("People move by a day to come."), "by")
    return None
