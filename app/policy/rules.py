"""What a policy says about a tool: its lane, a provisional pass. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from app.language import lasting
from app.policy.conditions import is_over
from app.policy.document import SIDES, LaneName, PassRule, Policy, SideName, seconds
from app.policy.facts import Facts
from app.policy.parts import Money


@dataclass(frozen=True)
class Signers:
    """Who may turn a side's key: a person who sits on the side, and is named here by role or group.

    Attributes:
        roles: whoever has one of these roles may.
        groups: names of groups whose people may.
        people: the e-mail addresses of those groups.
    """

    roles: tuple[str, ...]
    groups: tuple[str, ...]
    people: tuple[str, ...]

    def allow(self, roles: Collection[str], email: str) -> bool:
        """True for these roles or this address; whether the person sits on the side is asked elsewhere."""
        return not set(self.roles).isdisjoint(roles) or email.strip().lower() in self.people


@dataclass(frozen=True)
class Terms:
    """What a lane asks of one side.

    Attributes:
        items: what the side must assess.
        service_seconds: the business time that it has.
        signers: who may turn its key.
        arbiters: e-mail addresses of who decides for it in a deadlock.
        arbiter_seconds: the business time that an arbiter has.
    """

    items: tuple[str, ...]
    service_seconds: int
    signers: Signers
    arbiters: tuple[str, ...]
    arbiter_seconds: int


@dataclass(frozen=True)
class Choice:
    """The lane of a review, and what follows from it.

    Attributes:
        lane: fast, standard or full.
        reasons: sentences, the rule's own first.
        rule: which rule of the policy said so, from 0; None if none held.
        it: what is asked of IT.
        marketing: what is asked of marketing.
    """

    lane: LaneName
    reasons: tuple[str, ...]
    rule: int | None
    it: Terms
    marketing: Terms

    def of(self, side: SideName) -> Terms:
        """What is asked of a side."""
        return self.it if side == "it" else self.marketing


@dataclass(frozen=True)
class Pass:
    """A tool may be used for a while without a review.

    Attributes:
        days: how long.
        people_cap: more people than this end it.
        spend_cap: more spend in 90 days than this ends it; None: spend does not matter.
        reasons: sentences, the rule's own first.
        rule: which of the policy's passes it is, from 0.
        automatic: a flagged tool gets it by itself.
    """

    days: int
    people_cap: int
    spend_cap: Money | None
    reasons: tuple[str, ...]
    rule: int
    automatic: bool


NO_RULE = lasting("No rule of the policy names a lane for it, so it takes the standard one.")


def lane_of(policy: Policy, facts: Facts) -> tuple[LaneName, int | None]:
    """A tool's lane and the rule that says so, without the reasons: for asking of thousands of tools."""
    for at, rule in enumerate(policy.rules):
        if rule.when.holds(facts, policy.exchange):
            return rule.lane, at
    return "standard", None


def choose(policy: Policy, facts: Facts) -> Choice:
    """The lane of a tool's review: what the first rule that holds says, else standard; and what it asks."""
    lane, at = lane_of(policy, facts)
    reasons = [NO_RULE]
    if at is not None:
        rule = policy.rules[at]
        reasons = [rule.because, *rule.when.why(facts, policy.exchange)]
    terms = {side: terms_of(policy, lane, side) for side in SIDES}
    return Choice(lane, tuple(reasons), at, terms["it"], terms["marketing"])


def terms_of(policy: Policy, lane: LaneName, side: SideName) -> Terms:
    """What a lane asks of a side."""
    asked = getattr(policy.lanes.of(lane), side)
    general = policy.sides.of(side)
    groups = tuple(name for name in asked.signers if name in policy.groups)
    people = dict.fromkeys(email.lower() for name in groups for email in policy.groups[name])
    return Terms(
        items=tuple(asked.items),
        service_seconds=seconds(asked.hours),
        signers=Signers(tuple(n for n in asked.signers if n == side), groups, tuple(people)),
        arbiters=tuple(dict.fromkeys(email.lower() for email in general.arbiters)),
        arbiter_seconds=seconds(general.arbiter_hours),
    )


def pass_of(policy: Policy, facts: Facts) -> int | None:
    """Which of the policy's passes a tool may have, without the reasons."""
    if facts.governance != "unreviewed":
        return None  # what is being decided, or was, needs none
    for at, rule in enumerate(policy.passes):
        if _within(policy, rule, facts) and rule.when.holds(facts, policy.exchange):
            return at
    return None


def passes(policy: Policy, facts: Facts) -> Pass | None:
    """The provisional pass that a tool may have without a review; None if it needs a review.

    Only a tool that nobody decided on gets one, and one that is within the pass's own caps.
    """
    at = pass_of(policy, facts)
    if at is None:
        return None
    rule = policy.passes[at]
    reasons = (rule.because, *rule.when.why(facts, policy.exchange))
    return Pass(rule.days, rule.people_cap, rule.spend_cap, reasons, at, rule.automatic)


def _within(policy: Policy, rule: PassRule, facts: Facts) -> bool:
    if facts.people > rule.people_cap:
        return False
    return rule.spend_cap is None or not is_over(facts, rule.spend_cap, policy.exchange)
