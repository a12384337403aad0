"""When something renews, until when notice can be given, and how far ahead that is told. Pure.

A contract that somebody entered stands over whatever the charges of its tool tell of.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.language import lasting
from app.spend.periods import add_months

FAR = timedelta(days=60)
NEAR = timedelta(days=30)
SAME = timedelta(days=45)
"""What charges tell of moves by days with each new charge: so near to one another it is the same renewal."""


class Per(StrEnum):
    """For how long a contract's amount is."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"
    ONCE = "once"


class Stage(StrEnum):
    """How far ahead a renewal is told."""

    SIXTY_DAYS = "sixty_days"
    THIRTY_DAYS = "thirty_days"
    LAST_DAY = "last_day"


@dataclass(frozen=True)
class Contract:
    """What of a contract decides when it renews.

    Attributes:
        id: which one.
        tool_id: of which tool.
        starts_on: its first day.
        ends_on: its last day, where one is agreed.
        renews_on: the day on which it renews; where none is given, the last day stands for it.
        term_months: for so long it renews.
        notice_days: so long before it renews notice must be given; None: nobody wrote it down.
        auto_renews: it goes on unless somebody gives notice; else it ends unless somebody renews it.
        amount_minor, currency, per: what it costs.
        vendor_ref: what the vendor calls it.
    """

    id: int
    tool_id: int
    starts_on: date
    ends_on: date | None
    renews_on: date | None
    term_months: int
    notice_days: int | None
    auto_renews: bool
    amount_minor: int
    currency: str
    per: Per
    vendor_ref: str | None = None

    def stands(self, today: date) -> bool:
        """Whether it has begun and is not over."""
        last = self.ends_on or self.renews_on
        return self.starts_on <= today and (self.auto_renews or last is None or today <= last)

    def next_on(self, today: date) -> date | None:
        """The next day, from today on, on which it renews or ends; None if there is none."""
        first = self.renews_on or self.ends_on
        if first is None or first >= today:
            return first
        if not self.auto_renews:
            return None
        months = (today.year - first.year) * 12 + today.month - first.month
        terms = max(1, months // self.term_months)
        found = add_months(first, terms * self.term_months)
        # Counted from the first day on, so that one of the 31st comes back to the 31st.
        return found if found >= today else add_months(first, (terms + 1) * self.term_months)


@dataclass(frozen=True)
class Expected:
    """A yearly charge that the charges of a tool let expect."""

    tool_id: int
    next_on: date
    last_on: date
    amount_minor: int
    currency: str
    confidence: float


@dataclass(frozen=True)
class Renewal:
    """Something that renews.

    Attributes:
        tool_id: of which tool.
        on: the day.
        notice_by: the last day to give notice.
        notice_known: somebody wrote down how long the notice is; else it is the day before.
        auto_renews: it goes on by itself; else it ends.
        amount_minor, currency, per: what it costs.
        contract_id: the contract that says so; None: the charges do.
        confidence: 0 to 1.
        why: as a sentence.
    """

    tool_id: int
    on: date
    notice_by: date
    notice_known: bool
    auto_renews: bool
    amount_minor: int
    currency: str
    per: Per
    contract_id: int | None
    confidence: float
    why: str

    @property
    def what(self) -> str:
        """Which renewal of its tool it is, whenever that is."""
        return "charges" if self.contract_id is None else f"contract:{self.contract_id}"

    @property
    def place(self) -> tuple[date, int, int, str, int]:
        """By which renewals are listed: the next one first."""
        return self.on, self.tool_id, self.contract_id or 0, self.currency, self.amount_minor

    def reached(self, today: date) -> list[Stage]:
        """How far it has come, the most urgent stage last; nothing once it is over."""
        if today > self.on:
            return []
        left = self.on - today
        looks = (
            (Stage.SIXTY_DAYS, left <= FAR),
            (Stage.THIRTY_DAYS, left <= NEAR),
            (Stage.LAST_DAY, today >= self.notice_by),
        )
        return [stage for stage, there in looks if there]


def renewals(
    contracts: Iterable[Contract], expected: Iterable[Expected], today: date, *, until: date | None = None
) -> list[Renewal]:
    """What renews from today on, by day.

    Args:
        contracts: of any tools.
        expected: yearly charges to come, of any tools; those of tools with a contract are passed over.
        today: the day.
        until: the last day that matters; all, if not given.
    """
    rows = list(contracts)
    covered = {contract.tool_id for contract in rows if contract.stands(today)}
    found = [_by_contract(contract, day) for contract in rows if (day := contract.next_on(today)) is not None]
    found += [
        _by_charges(charge)
        for charge in expected
        if charge.tool_id not in covered and charge.next_on >= today
    ]
    return sorted((r for r in found if until is None or r.on <= until), key=lambda r: r.place)


def first_days(found: Sequence[Renewal]) -> dict[int, date]:
    """The first renewal of each tool."""
    days: dict[int, date] = {}
    for renewal in found:
        days[renewal.tool_id] = min(days.get(renewal.tool_id, renewal.on), renewal.on)
    return days


def untold(
    renewal: Renewal, told: Mapping[str, Collection[tuple[date, str]]], today: date
) -> tuple[Stage, list[Stage]] | None:
    """How urgent a renewal is that was not told so yet, and the stages that are told by that.

    Args:
        renewal: which one.
        told: by `Renewal.what`, the days and stages of the renewals of this tool that were told.
        today: the day.

    Returns:
        The most urgent stage, and all that it tells; None if all was told.
    """
    known = {
        stage
        for day, stage in told.get(renewal.what, ())
        if day == renewal.on or (renewal.contract_id is None and abs(day - renewal.on) <= SAME)
    }
    new = [stage for stage in renewal.reached(today) if stage.value not in known]
    return (new[-1], new) if new else None


def _by_contract(contract: Contract, day: date) -> Renewal:
    name = (
        lasting("contract %(ref)s", ref=contract.vendor_ref) if contract.vendor_ref else lasting("a contract")
    )
    why = (
        lasting(
            "By %(name)s, which renews for %(n)s months unless somebody gives notice.",
            name=name,
            n=contract.term_months,
        )
        if contract.auto_renews
        else lasting("By %(name)s, which ends unless somebody renews it.", name=name)
    )
    return Renewal(
        tool_id=contract.tool_id,
        on=day,
        notice_by=_before(day, 1 if contract.notice_days is None else contract.notice_days),
        notice_known=contract.notice_days is not None,
        auto_renews=contract.auto_renews,
        amount_minor=contract.amount_minor,
        currency=contract.currency,
        per=contract.per,
        contract_id=contract.id,
        confidence=1.0,
        why=why,
    )


def _by_charges(charge: Expected) -> Renewal:
    return Renewal(
        tool_id=charge.tool_id,
        on=charge.next_on,
        notice_by=_before(charge.next_on, 1),
        notice_known=False,
        auto_renews=True,
        amount_minor=charge.amount_minor,
        currency=charge.currency,
        per=Per.YEARLY,
        contract_id=None,
        confidence=charge.confidence,
        why=lasting(
            "By its charges: it is paid by the year, last on %(day)s.",
            day=f"{charge.last_on.day} {charge.last_on:%B %Y}",
        ),
    )


def _before(day: date, days: int) -> date:
    try:
        return day - timedelta(days=days)
    except OverflowError:
        return date.min
