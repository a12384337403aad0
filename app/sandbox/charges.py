"""Twelve months of money: what tools cost, and the far larger rest that is no tool.

Amounts are integer minor units, outflow positive. Ramp bills in US dollars and the subsidiary's
bank in euros; what was asked for in another currency is converted at that day's rate, so that a
fixed price in euros drifts from month to month in dollars.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from app.sandbox.people import Person
from app.sandbox.tools import Category, ChargeTrap, Tool, Use, Via, merchants

CARD_CHARGES = 9000
"""How many Ramp transactions there are in twelve months, of every state."""
STATEMENT_ORDINARY = 1300
"""How many lines of the statement files are no software."""
YEAR = 365
_RATES = {"USD": 1.0, "EUR": 1.09, "GBP": 1.27}
_SOFTWARE_MCC = ("5734", "7372", "5817", "5818", "4816", "5734")


@dataclass(frozen=True, slots=True)
class Charge:
    """Money that moved, or was about to.

    Attributes:
        key: names the charge for good.
        via: where it is on record: Ramp card, bill, reimbursement, or a statement file.
        amount_minor, currency: as billed; a refund is negative.
        original_minor, original_currency: as asked for by the merchant.
        state: posted, pending, declined or refund.
        tool: the tool's key, or "" for everything else.
        trap: what the charge really is, where it looks like a tool's.
        refund_of: key of the charge that is paid back.
        replaces: key of the pending charge that this one was issued again for.
    """

    key: str
    via: Via
    day: date
    amount_minor: int
    currency: str
    original_minor: int
    original_currency: str
    descriptor: str
    merchant: str
    mcc: str
    category: str
    gl: str
    person: Person
    state: str = "posted"
    tool: str = ""
    trap: str = ""
    refund_of: str = ""
    replaces: str = ""


def rate(currency: str, billed: str, day: date) -> float:
    """What one unit of `currency` costs in `billed` on a day: a slow wave of 3 % round a mean."""
    if currency == billed:
        return 1.0
    return _RATES[currency] / _RATES[billed] * (1 + 0.03 * math.sin(day.toordinal() / 37))


def months_back(last: date, count: int) -> list[date]:
    """`last` and the same day of the months before it, newest first; the 31st becomes a month's end."""
    days = []
    for n in range(count):
        months = last.year * 12 + last.month - 1 - n
        year, month = divmod(months, 12)
        first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
        days.append(
            min(first_of_next - timedelta(days=1), date(year, month + 1, 1) + timedelta(last.day - 1))
        )
    return days


def build_charges(
    people: Sequence[Person], paid: Sequence[tuple[Tool, Use, tuple[Person, ...]]], seed: int, as_of: date
) -> tuple[Charge, ...]:
    """Everything that was paid for in the twelve months before `as_of`, oldest first."""
    rng = Random(f"charges:{seed}")
    found: list[Charge] = []
    for tool, use, payers in paid:
        found += _tool_charges(tool, use, payers, rng, as_of)
    found = _accidents(found, rng, as_of)
    cards = [p for p in people if p.in_ramp and p.works]
    abroad = [p for p in people if p.subsidiary and p.works]
    found += _traps(cards, abroad, rng, as_of)
    left = CARD_CHARGES - sum(c.via is Via.RAMP for c in found)
    found += _ordinary(cards, Via.RAMP, left, rng, as_of)
    found += _ordinary(abroad, Via.STATEMENT, STATEMENT_ORDINARY, rng, as_of)
    found = [_settle(c, as_of) for c in found]
    return tuple(sorted(found, key=lambda c: (c.day, c.key)))


def _bill(via: Via, currency: str, minor: int, day: date) -> tuple[str, int]:
    """The billed currency and amount of a price."""
    billed = "EUR" if via is Via.STATEMENT else "USD"
    return billed, round(minor * rate(currency, billed, day))


def _tool_charges(tool: Tool, use: Use, payers: tuple[Person, ...], rng: Random, as_of: date) -> list[Charge]:
    last = as_of - timedelta(days=use.ended_days_ago or use.charged_days_ago or rng.randint(1, 29))
    first = max(as_of - timedelta(days=YEAR - 2), as_of - timedelta(days=round(tool.months * 30.4)))
    if use.pending_only:
        days = [as_of - timedelta(days=2)]
    elif use.every == "year":
        days = [last if use.charged_days_ago else as_of - timedelta(days=rng.randint(15, 80))]
        if use.renews_in_days:
            days = [months_back(as_of + timedelta(days=use.renews_in_days), 13)[-1]]
    elif use.every == "metered":
        days = [last]
        days += [
            m - timedelta(days=rng.randint(0, 26))
            for m in months_back(last, 12)
            for _ in range(rng.randint(2, 5))
        ]
    else:
        days = months_back(last, 12)
    found = []
    raised = rng.random() < 0.3
    for n, day in enumerate(sorted({d for d in days if first <= d} or {last})):
        price = use.price
        if use.every == "metered":
            price = max(500, round(price / 4 * rng.uniform(0.4, 1.6)))
        elif raised and (as_of - day).days < 150:
            price = round(price * 1.1)
        found.append(_charge(tool, use, payers[n % len(payers)], day, price, n, rng, as_of))
    return found


def _charge(
    tool: Tool, use: Use, payer: Person, day: date, price: int, n: int, rng: Random, as_of: date
) -> Charge:
    renamed = use.former_name and (as_of - day).days > YEAR // 2
    text = use.former_name if renamed else use.name
    reference = "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=9)) + "2"
    invoice = f"0{rng.randint(4100, 4499)}-{rng.randint(10_000_000, 79_999_999)}"
    descriptor = text.format(ref=reference, inv=invoice)
    currency, amount = _bill(use.via, use.currency, price, day)
    advertising = use.mcc == "7311"
    return Charge(
        key=f"{tool.key}/{use.via}/{n}",
        via=use.via,
        day=day,
        amount_minor=amount,
        currency=currency,
        original_minor=price,
        original_currency=use.currency,
        descriptor=descriptor,
        merchant=(use.former_merchant if renamed else use.merchant) or descriptor.title(),
        mcc=use.mcc or _SOFTWARE_MCC[sum(map(ord, tool.key)) % len(_SOFTWARE_MCC)],
        category="Advertising" if advertising else "SaaS / Software",
        gl="Advertising" if advertising else "Software & Subscriptions",
        person=payer,
        tool=tool.key,
    )


def _accidents(charges: list[Charge], rng: Random, as_of: date) -> list[Charge]:
    """Declines before a charge goes through, refunds, and pending charges issued again under a new id."""
    found = list(charges)
    cards = [c for c in charges if c.via is Via.RAMP]
    for charge in rng.sample(cards, 40):
        found.append(replace(charge, key=f"{charge.key}/declined", state="declined"))
    old = [c for c in cards if 25 < (as_of - c.day).days < 300 and c.category != "Advertising"]
    for charge in rng.sample(old, 18):
        share = rng.choice((1.0, 1.0, 0.5))
        found.append(
            replace(
                charge,
                key=f"{charge.key}/refund",
                state="refund",
                refund_of=charge.key,
                day=charge.day + timedelta(days=rng.randint(2, 20)),
                amount_minor=-round(charge.amount_minor * share),
                original_minor=-round(charge.original_minor * share),
            )
        )
    recent = [c for c in charges if 3 <= (as_of - c.day).days <= 12 and c.via in {Via.RAMP, Via.STATEMENT}]
    for charge in rng.sample(recent, 8):
        hold = replace(charge, key=f"{charge.key}/hold", state="pending", day=charge.day - timedelta(days=2))
        found[found.index(charge)] = replace(charge, replaces=hold.key)
        found.append(hold)
    return found


def _settle(charge: Charge, as_of: date) -> Charge:
    """The newest charges have not cleared yet."""
    fresh = (as_of - charge.day).days <= 2 and charge.state == "posted"
    return replace(charge, state="pending") if fresh and charge.via in {Via.RAMP, Via.STATEMENT} else charge


def _other(
    trap: ChargeTrap | Category,
    key: str,
    via: Via,
    day: date,
    minor: int,
    person: Person,
    name: str,
    merchant: str,
) -> Charge:
    currency, amount = _bill(via, "USD", minor, day)
    category = trap if isinstance(trap, Category) else None
    return Charge(
        key=key,
        via=via,
        day=day,
        amount_minor=amount,
        currency=currency,
        original_minor=amount,
        original_currency=currency,
        descriptor=name,
        merchant=merchant,
        mcc=trap.mcc,
        category=category.category if category else "Other",
        gl=category.gl if category else "Other expenses",
        person=person,
        trap=trap.kind if isinstance(trap, ChargeTrap) else "",
    )


def _traps(cards: Sequence[Person], abroad: Sequence[Person], rng: Random, as_of: date) -> list[Charge]:
    found = []
    for trap in merchants().traps:
        via = Via.STATEMENT if trap.descriptor.endswith(" DE") else Via.RAMP
        people = rng.sample(abroad if via is Via.STATEMENT else cards, 4)
        newest = as_of - timedelta(days=150 if trap.kind == "refunded charge" else rng.randint(3, 25))
        days = (
            months_back(newest, trap.times)
            if trap.monthly
            else [
                newest - timedelta(days=round(n * 330 / max(1, trap.times)) + rng.randint(0, 9))
                for n in range(trap.times)
            ]
        )
        for n, day in enumerate(days):
            minor = rng.randrange(trap.low, trap.high)
            person = people[0] if trap.monthly else people[n % 4]
            charge = _other(
                trap,
                f"trap/{trap.merchant}/{trap.descriptor[:9]}/{n}",
                via,
                day,
                minor,
                person,
                trap.descriptor,
                trap.merchant,
            )
            if trap.kind == "declined charge":
                charge = replace(charge, state="declined")
            found.append(charge)
            if trap.kind == "refunded charge":
                found.append(
                    replace(
                        charge,
                        key=f"{charge.key}/refund",
                        state="refund",
                        refund_of=charge.key,
                        day=day + timedelta(days=3),
                        amount_minor=-charge.amount_minor,
                        original_minor=-charge.original_minor,
                    )
                )
    return found


def _ordinary(people: Sequence[Person], via: Via, count: int, rng: Random, as_of: date) -> list[Charge]:
    kinds = merchants().ordinary
    chosen = rng.choices(kinds, weights=[k.weight for k in kinds], k=count)
    found = []
    for n, kind in enumerate(chosen):
        person = rng.choice(people)
        day = as_of - timedelta(days=rng.randint(1, YEAR - 1))
        minor = int(kind.low * (kind.high / kind.low) ** rng.random())
        name = rng.choice(kind.names)
        city = person.office[0].upper().replace("Ó", "O")
        number = f" {rng.randint(2, 9999):04d}" if rng.random() < 0.4 else ""
        descriptor = f"{name}{number} {city} {person.office[1]}"
        found.append(_other(kind, f"ordinary/{via}/{n}", via, day, minor, person, descriptor, name.title()))
    return found
