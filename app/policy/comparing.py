"""Two policies beside each other over the same tools: what one does that the other does not. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from app.policy.document import LANES, SIDES, LaneName, Policy, SideName
from app.policy.facts import Facts
from app.policy.reopening import Agreed, Cause, reopens
from app.policy.rules import Pass, choose, lane_of, pass_of, passes, terms_of

SHOWN = 50
"""So many tools are told one by one; the others are counted."""


@dataclass(frozen=True)
class Seen:
    """A tool in the period.

    Attributes:
        facts: as it is.
        agreed: what it had been agreed on, had that been when the period began; None if it was not there.
        people: how many to compare with `agreed`; None: as many as use it.
        barred: it was under review, or somebody refused it a pass: it gets none by itself.
    """

    facts: Facts
    agreed: Agreed | None = None
    people: int | None = None
    barred: bool = False


@dataclass
class Tally:
    """What one policy does to all tools of the period."""

    lanes: Counter[LaneName] = field(default_factory=Counter)
    passes: int = 0
    given: int = 0
    """Of these, passes that it gives by itself."""
    reopened: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    service_seconds: Counter[SideName] = field(default_factory=Counter)
    """The business time that each side would have had for all its reviews together."""


@dataclass(frozen=True)
class Verdict:
    """What one policy does to one tool, with the reasons."""

    lane: LaneName
    reasons: tuple[str, ...]
    given: Pass | None
    causes: tuple[Cause, ...]
    service_seconds: dict[SideName, int]


@dataclass(frozen=True)
class Difference:
    """A tool to which the two policies do not do the same."""

    tool_id: int
    name: str
    what: tuple[str, ...]
    """Which of lane, pass, reopening, service."""
    active: Verdict
    changed: Verdict


@dataclass
class Comparison:
    """What two policies do to the tools of a period."""

    tools: int = 0
    compared: int = 0
    """Of these, tools that were there when the period began, so that a decision could be opened again."""
    differing: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    active: Tally = field(default_factory=Tally)
    changed: Tally = field(default_factory=Tally)
    first: list[Difference] = field(default_factory=list)


class _Short(NamedTuple):
    """What a policy does to a tool, without reasons: enough to tell two of them apart."""

    lane: LaneName
    given: tuple[object, ...] | None
    causes: tuple[Cause, ...]
    service: tuple[int, ...]


class _Side:
    """One of the two policies, with what does not depend on the tool worked out once."""

    def __init__(self, policy: Policy, today: date) -> None:
        self.policy, self.today = policy, today
        self.tally = Tally()
        self._service = {
            lane: tuple(terms_of(policy, lane, side).service_seconds for side in SIDES) for lane in LANES
        }
        self._given = [(p.days, p.people_cap, p.spend_cap, p.automatic) for p in policy.passes]

    def look(self, tool: Seen) -> _Short:
        lane, _ = lane_of(self.policy, tool.facts)
        at = pass_of(self.policy, tool.facts)
        short = _Short(lane, None if at is None else self._given[at], self._causes(tool), self._service[lane])
        tally = self.tally
        tally.lanes[lane] += 1
        tally.passes += at is not None
        automatic = at is not None and self.policy.passes[at].automatic
        tally.given += automatic and tool.facts.flagged and not tool.barred
        tally.reopened += bool(short.causes)
        for cause in short.causes:
            tally.causes[cause.kind.value] += 1
        for side, seconds in zip(SIDES, short.service, strict=True):
            tally.service_seconds[side] += seconds
        return short

    def tell(self, tool: Seen) -> Verdict:
        choice = choose(self.policy, tool.facts)
        return Verdict(
            choice.lane,
            choice.reasons,
            passes(self.policy, tool.facts),
            self._causes(tool),
            {side: choice.of(side).service_seconds for side in SIDES},
        )

    def _causes(self, tool: Seen) -> tuple[Cause, ...]:
        if tool.agreed is None:
            return ()
        return tuple(reopens(self.policy, tool.agreed, tool.facts, today=self.today, people=tool.people))


def compare(active: Policy, changed: Policy, tools: Iterable[Seen], *, today: date) -> Comparison:
    """What `changed` does to some tools beside what `active` does; the most used tools are told first."""
    ours, theirs = _Side(active, today), _Side(changed, today)
    result = Comparison(active=ours.tally, changed=theirs.tally)
    differing: list[tuple[Seen, tuple[str, ...]]] = []
    for tool in tools:
        result.tools += 1
        result.compared += tool.agreed is not None
        what = _what(ours.look(tool), theirs.look(tool))
        if what:
            result.by_kind.update(what)
            differing.append((tool, what))
    result.differing = len(differing)
    differing.sort(key=lambda pair: (-pair[0].facts.people, pair[0].facts.tool_id))
    result.first = [
        Difference(tool.facts.tool_id, tool.facts.name, what, ours.tell(tool), theirs.tell(tool))
        for tool, what in differing[:SHOWN]
    ]
    return result


def _what(ours: _Short, theirs: _Short) -> tuple[str, ...]:
    kinds = (
        ("lane", ours.lane != theirs.lane),
        ("pass", ours.given != theirs.given),
        ("reopening", ours.causes != theirs.causes and _kinds(ours) != _kinds(theirs)),
        ("service", ours.service != theirs.service),
    )
    return tuple(kind for kind, differs in kinds if differs)


def _kinds(short: _Short) -> list[str]:
    return [cause.kind for cause in short.causes]
