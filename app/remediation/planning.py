"""Which steps it takes to stop using a tool. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.language import lasting


class StepKind(StrEnum):
    """Who does it."""

    REVOKE = "revoke"
    """Penumbra, through the vendor's API."""
    TASK = "task"
    """A person."""


@dataclass(frozen=True)
class Source:
    """A source, as far as ending access goes.

    Attributes:
        title: what the vendor is called.
        streams: whose grants its connector can end.
        allowed: whether this source was allowed to.
    """

    id: int
    name: str
    title: str
    streams: frozenset[str]
    allowed: bool


@dataclass(frozen=True)
class LiveGrant:
    """A grant in force."""

    id: int
    source: Source
    stream: str
    ref: str
    app: str
    app_ref: str
    person_id: int | None
    person_ref: str | None


@dataclass(frozen=True)
class LiveApp:
    """An app that people are let into by single sign-on."""

    source: Source
    name: str
    people: int


@dataclass(frozen=True)
class Payment:
    """A merchant that was paid of late."""

    merchant: str
    last_on: date
    charges: int


@dataclass(frozen=True)
class Step:
    """One thing to do.

    Attributes:
        what: in a sentence.
        how: by which means, or where a person does it.
        due: for a task, the day by which it should be done.
        grant: what is revoked.
    """

    kind: StepKind
    what: str
    how: str
    due: date | None = None
    grant: LiveGrant | None = None


def plan(
    tool: str,
    grants: Iterable[LiveGrant],
    apps: Iterable[LiveApp],
    payments: Iterable[Payment],
    *,
    due: date,
    revoking: bool,
) -> list[Step]:
    """The steps that end a tool's use, those that Penumbra can do itself first.

    Args:
        tool: its name.
        grants: what may be done in somebody's name, one by one.
        apps: where people enter by single sign-on.
        payments: whom it is paid to.
        due: by when people should have done what is theirs to do.
        revoking: whether this installation may end access at all.
    """
    revocations: list[Step] = []
    by_hand: list[Step] = []
    for grant in sorted(grants, key=lambda g: (g.source.name, g.app.casefold(), g.id)):
        step = _end(grant, due=due, revoking=revoking)
        (revocations if step.kind is StepKind.REVOKE else by_hand).append(step)
    for app in sorted(apps, key=lambda a: (a.source.name, a.name.casefold())):
        by_hand.append(
            Step(
                StepKind.TASK,
                lasting(
                    "Take “%(name)s” out of single sign-on; %(people)s may enter it.",
                    name=app.name,
                    people=_people(app.people),
                ),
                lasting("In %(where)s, by an administrator.", where=_where(app.source)),
                due,
            )
        )
    for payment in sorted(payments, key=lambda p: p.merchant.casefold()):
        by_hand.append(
            Step(
                StepKind.TASK,
                lasting(
                    "Cancel what %(merchant)s is paid for; the last charge was on %(last_on)s.",
                    merchant=payment.merchant,
                    last_on=payment.last_on,
                ),
                lasting(
                    "At the vendor, by whoever owns the tool; the card itself can be locked in the card "
                    "system."
                ),
                due,
            )
        )
    by_hand.append(
        Step(
            StepKind.TASK,
            lasting(
                "Take out what is worth keeping of %(tool)s, and have the company's data deleted there.",
                tool=tool,
            ),
            lasting("In the tool, before its accounts are closed."),
            due,
        )
    )
    return [*revocations, *by_hand]


def _end(grant: LiveGrant, *, due: date, revoking: bool) -> Step:
    whose = lasting("everybody's") if grant.person_ref is None else lasting("one person's")
    what = lasting("End what “%(app)s” may do in %(whose)s name.", app=grant.app, whose=whose)
    if grant.stream not in grant.source.streams:
        why = lasting("%(title)s offers no way to do this from outside", title=grant.source.title)
    elif not grant.source.allowed:
        why = lasting("the source “%(name)s” was not allowed to end access", name=grant.source.name)
    elif not revoking:
        why = lasting("this installation was not allowed to end access")
    else:
        return Step(
            StepKind.REVOKE,
            what,
            lasting("Through %(title)s (%(name)s).", title=grant.source.title, name=grant.source.name),
            grant=grant,
        )
    how = lasting("In %(where)s, by an administrator: %(why)s.", where=_where(grant.source), why=why)
    return Step(StepKind.TASK, what, how, due, grant)


def _where(source: Source) -> str:
    return f"{source.title} ({source.name})"


def _people(count: int) -> str:
    return lasting("1 person") if count == 1 else lasting("%(n)s people", n=count)


def is_finished(states: Sequence[str]) -> bool:
    """Whether every step is done."""
    return all(state == "done" for state in states)
