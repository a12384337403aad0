"""What opens a decision again: the tool as it was agreed on beside the tool as it is. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.catalog.money import amount, counted
from app.identify.scopes import describe_scope
from app.language import lasting
from app.policy.document import PeopleGrowth, Policy, Reopen, SpendGrowth
from app.policy.facts import SPEND_DAYS, Facts
from app.policy.money import Rates
from app.policy.wording import listed


class CauseKind(StrEnum):
    """Why a decision is opened again."""

    NEW_SCOPE = "new_scope"
    PEOPLE = "people"
    SPEND = "spend"
    CONDITION_MISSED = "condition_missed"
    RENEWAL = "renewal"
    OWNER_GONE = "owner_gone"
    PUBLISHER_CHANGED = "publisher_changed"


@dataclass(frozen=True)
class Cause:
    """One reason to open a decision again, with a sentence for people."""

    kind: CauseKind
    sentence: str


@dataclass(frozen=True)
class Agreed:
    """What a decision was taken on; what came later is compared with it.

    Attributes:
        scopes: the sensitive permissions that the tool had.
        people: how many used it, or might by the decision.
        spend: what was agreed for 90 days, by currency, in minor units.
        publishers: who published it.
        owned: whether somebody answered for it.
        people_capped: `people` is a cap that was agreed: whoever comes above it counts.
        spend_capped: `spend` is one.
        decided_on: the day of the decision, where that was kept.
    """

    scopes: frozenset[str] = frozenset()
    people: int = 0
    spend: Mapping[str, int] | None = None
    publishers: frozenset[str] = frozenset()
    owned: bool = True
    people_capped: bool = False
    spend_capped: bool = False
    decided_on: date | None = None

    @classmethod
    def on(
        cls, facts: Facts, *, people_cap: int | None = None, spend_cap: Mapping[str, int] | None = None
    ) -> "Agreed":
        """What is agreed by deciding on a tool as it is; caps that the decision names go before that."""
        return cls(
            scopes=facts.scopes,
            people=facts.people if people_cap is None else people_cap,
            spend=dict(facts.spend) if spend_cap is None else dict(spend_cap),
            publishers=facts.publishers,
            owned=facts.ownership in {"owned", "claimed"},
            people_capped=people_cap is not None,
            spend_capped=spend_cap is not None,
        )

    def plain(self) -> dict[str, Any]:
        """As JSON values, for keeping it with the decision."""
        return {
            "scopes": sorted(self.scopes),
            "people": self.people,
            "spend": dict(self.spend or {}),
            "publishers": sorted(self.publishers),
            "owned": self.owned,
            "people_capped": self.people_capped,
            "spend_capped": self.spend_capped,
            "decided_on": None if self.decided_on is None else self.decided_on.isoformat(),
        }

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "Agreed":
        """What `plain` made, as it was."""
        return cls(
            scopes=frozenset(value["scopes"]),
            people=value["people"],
            spend=dict(value["spend"]),
            publishers=frozenset(value["publishers"]),
            owned=value["owned"],
            people_capped=value.get("people_capped", False),
            spend_capped=value.get("spend_capped", False),
            decided_on=date.fromisoformat(day) if (day := value.get("decided_on")) else None,
        )


_ANYBODY = PeopleGrowth.model_construct(percent=0, at_least=1)
_ANY_SPEND = SpendGrowth()


def reopens(
    policy: Policy,
    before: Agreed,
    now: Facts,
    *,
    today: date,
    standing: Collection[CauseKind] = (),
    people: int | None = None,
) -> list[Cause]:
    """Why a decision should be opened again; empty if nothing says so.

    Args:
        policy: which causes count, and how much is much.
        before: what the decision was taken on.
        now: the tool as it is.
        today: the day, for renewals.
        standing: causes that are known already and not settled: they are not told twice.
        people: how many use it, if they were counted in another way than for `now`.
    """
    rules = policy.reopen
    # How much more is much is asked only where nobody agreed on how far it may go.
    more_people = _ANYBODY if before.people_capped else rules.people
    more_spend = _ANY_SPEND if before.spend_capped else rules.spend
    looks: list[tuple[CauseKind, str | None]] = [
        (CauseKind.NEW_SCOPE, _new_scope(before, now) if rules.new_scope else None),
        (CauseKind.PEOPLE, _people(more_people, before.people, now.people if people is None else people)),
        (CauseKind.SPEND, _spend(more_spend, policy.exchange, before, now)),
        (CauseKind.CONDITION_MISSED, _condition_missed(now) if rules.condition_missed else None),
        (CauseKind.RENEWAL, _renewal(rules.renewal_days, before, now, today)),
        (CauseKind.OWNER_GONE, _owner_gone(before, now) if rules.owner_gone else None),
        (CauseKind.PUBLISHER_CHANGED, _publisher_changed(before, now) if rules.publisher_changed else None),
    ]
    return [Cause(kind, text) for kind, text in looks if text is not None and kind not in standing]


_NEWS_PEOPLE, _NEWS_SPEND = PeopleGrowth(percent=50, at_least=5), SpendGrowth(percent=50)
"""How much more is news where the policy does not say how much is much."""


def changes(
    policy: Policy, before: Agreed, now: Facts, *, today: date, standing: Collection[CauseKind] = ()
) -> list[Cause]:
    """What a tool became since its decision, whether or not the policy opens a decision again for it.

    More access, people or cost, and another publisher. Arguments as for `reopens`.
    """
    rules = policy.reopen
    all_of_it = Reopen(
        new_scope=True,
        people=rules.people or _NEWS_PEOPLE,
        spend=rules.spend or _NEWS_SPEND,
        publisher_changed=True,
    )
    told = policy.model_copy(update={"reopen": all_of_it})
    return reopens(told, before, now, today=today, standing=standing)


def _new_scope(before: Agreed, now: Facts) -> str | None:
    added = now.scopes - before.scopes
    if not added:
        return None
    words = list(dict.fromkeys(describe_scope(scope).words for scope in sorted(added)))
    if len(words) > 3:
        return lasting(
            "Since the decision it may also %(thing_list)s, and %(more)s.",
            thing_list=listed(words[:3]),
            more=counted(len(words) - 3, "more thing"),
        )
    return lasting("Since the decision it may also %(thing_list)s.", thing_list=listed(words))


def _people(growth: PeopleGrowth | None, before: int, now: int) -> str | None:
    more = now - before
    if growth is None or more < growth.at_least or more * 100 < before * growth.percent:
        return None
    return lasting(
        "%(who)s it; the decision was for %(before)s.",
        who=counted(now, "person uses", "people use"),
        before=f"{before:,}",
    )


def _spend(growth: SpendGrowth | None, rates: Rates, before: Agreed, now: Facts) -> str | None:
    if growth is None or not now.spend:
        return None
    agreed = before.spend or {}
    for currency in rates.unknown(now.spend):
        paid, was = now.spend[currency], agreed.get(currency, 0)
        if paid * 100 > was * (100 + growth.percent):
            return lasting(
                "It cost %(paid)s in %(days)s days; %(agreed)s was agreed, and the policy "
                "has no exchange rate for %(currency)s to set it against anything else.",
                paid=amount(paid, currency),
                days=SPEND_DAYS,
                agreed=amount(was, currency),
                currency=currency,
            )
    # What has no rate was compared in its own currency; the rest is compared together.
    total, limit = _known(rates, now.spend), _known(rates, agreed)
    if not _is_more(growth, rates, total, limit):
        return None
    return lasting(
        "It cost %(paid_list)s in %(days)s days; %(agreed_list)s was agreed.",
        paid_list=rates.written(now.spend),
        days=SPEND_DAYS,
        agreed_list=rates.written(agreed),
    )


def _known(rates: Rates, spend: Mapping[str, int]) -> Decimal:
    return sum((rates.worth(m, c) for c, m in spend.items() if rates.knows(c)), Decimal(0))


def _is_more(growth: SpendGrowth, rates: Rates, total: Decimal, limit: Decimal) -> bool:
    least = growth.at_least
    if least is not None and total - limit < rates.worth(least.minor, least.currency):
        return False
    return total > limit and total * 100 > limit * (100 + growth.percent)


def _condition_missed(now: Facts) -> str | None:
    if not now.missed_conditions:
        return None
    first, others = now.missed_conditions[0].removesuffix("."), len(now.missed_conditions) - 1
    if others:
        more = counted(others, "other")
        return lasting(
            "A condition was missed: %(first_said)s, and %(others)s.", first_said=first, others=more
        )
    return lasting("A condition was missed: %(first_said)s.", first_said=first)


def _renewal(days: int | None, before: Agreed, now: Facts, today: date) -> str | None:
    if days is None or now.renews_on is None or not 0 <= (now.renews_on - today).days <= days:
        return None
    if before.decided_on is not None and (now.renews_on - before.decided_on).days <= days:
        return None  # it was decided with this renewal in sight
    left = (now.renews_on - today).days
    when = f"in {counted(left, 'day')}" if left else lasting("today")
    return lasting(
        "It renews %(when_word)s, on %(day_word)s.",
        when_word=when,
        day_word=f"{now.renews_on.day} {now.renews_on:%B %Y}",
    )


def _owner_gone(before: Agreed, now: Facts) -> str | None:
    if before.owned and now.ownership == "lapsed":
        return lasting("Nobody answers for it any more: its ownership has lapsed.")
    return None


def _publisher_changed(before: Agreed, now: Facts) -> str | None:
    if not before.publishers:
        return None
    known = {name.casefold() for name in before.publishers}
    new = sorted(name for name in now.publishers if name.casefold() not in known)
    if not new:
        return None
    return lasting(
        "It is now published by %(new_list)s; it was by %(old_list)s.",
        new_list=listed(new),
        old_list=listed(sorted(before.publishers)),
    )
