"""Who may answer for a tool, from its evidence, with the reasons. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from app.catalog.money import amount
from app.claims.words import day, times
from app.language import _, count, retold

_FIRST_CONSENT, _PAYS_MOST, _PAYS, _HEAVIEST, _ASKED, _LEADS, _IN_TEAM = 25, 25, 10, 15, 10, 15, 10
"""What each reason weighs; somebody for whom all speak has 100."""


@dataclass(frozen=True)
class Somebody:
    """A person of the directory.

    Attributes:
        id: of the person.
        active: False for who has left.
        department: if it is known.
        manager: address of whom they report to, in lower case.
        address: their own, in lower case.
        machine: a service account.
    """

    id: int
    active: bool | None = True
    department: str | None = None
    manager: str | None = None
    address: str | None = None
    machine: bool = False

    @property
    def may_answer(self) -> bool:
        """Whether it is a person who is still here."""
        return self.active is not False and not self.machine


@dataclass
class Trace:
    """What one person has to do with one tool.

    Attributes:
        uses: whether they use it now.
        first_consent: when they first let it act in their name.
        payments: how often they paid, within 12 months.
        paid: how much in all, refunds taken off; minor units by currency.
        sign_ins: how often they signed in, within 30 days.
        asked_on: when they asked for access themselves.
    """

    uses: bool = False
    first_consent: date | None = None
    payments: int = 0
    paid: dict[str, int] = field(default_factory=dict)
    sign_ins: int = 0
    asked_on: date | None = None


@dataclass(frozen=True)
class Suggestion:
    """Somebody who may answer for the tool.

    Attributes:
        person: who, by id.
        score: how much speaks for them, up to 1.
        reasons: in sentences, the weightiest first.
    """

    person: int
    score: float
    reasons: tuple[str, ...]


def likely_owners(
    traces: Mapping[int, Trace],
    everybody: Mapping[int, Somebody],
    today: date,
    *,
    limit: int = 5,
    discreet: Callable[[str, int], str] | None = None,
) -> list[Suggestion]:
    """Who may answer for a tool, the likeliest first; the same for the same evidence in any order.

    Args:
        traces: what each person has to do with the tool, by id.
        everybody: these people, and those whom they report to.
        today: the day.
        limit: how many at most.
        discreet: for who is not to learn the names: what may be said of a team and how many of it use the
            tool. That somebody leads it is not said then, since there is one who does.
    """
    here = {id_: t for id_, t in traces.items() if everybody[id_].may_answer}
    found: dict[int, list[tuple[int, str]]] = {id_: [] for id_ in here}
    _consented_first(here, today, found)
    _pay(here, found)
    _uses_most(here, found)
    for id_, trace in here.items():
        if trace.asked_on is not None:
            found[id_].append((_ASKED, _("Asked for access on %(day)s.", day=day(trace.asked_on, today))))
    _team(here, everybody, found, discreet)
    ranked = sorted(
        (pair for pair in found.items() if pair[1]),
        key=lambda pair: (-sum(weight for weight, _ in pair[1]), *_tie(here.get(pair[0])), pair[0]),
    )
    return [_suggestion(id_, reasons) for id_, reasons in ranked[:limit]]


def _suggestion(id_: int, reasons: list[tuple[int, str]]) -> Suggestion:
    in_order = sorted(reasons, key=_weight)
    return Suggestion(id_, sum(weight for weight, _ in reasons) / 100, tuple(text for _, text in in_order))


def _weight(reason: tuple[int, str]) -> tuple[int, str]:
    return -reason[0], reason[1]


def _tie(trace: Trace | None) -> tuple[int, int, date]:
    trace = trace or Trace()
    return -trace.payments, -trace.sign_ins, trace.first_consent or date.max


def _consented_first(here: Mapping[int, Trace], today: date, found: dict[int, list[tuple[int, str]]]) -> None:
    firsts = [(t.first_consent, id_) for id_, t in here.items() if t.first_consent is not None]
    if firsts:
        first = min(firsts)[0]
        for on, id_ in firsts:
            if on == first:
                found[id_].append((_FIRST_CONSENT, _("Consented first, on %(day)s.", day=day(on, today))))


def _pay(here: Mapping[int, Trace], found: dict[int, list[tuple[int, str]]]) -> None:
    most = max((t.payments for t in here.values()), default=0)
    for id_, t in here.items():
        if t.payments:
            sums = ", ".join(
                retold(amount(minor, currency)) for currency, minor in sorted(t.paid.items()) if minor
            )
            in_all = _(", %(sums)s in all", sums=sums) if sums else ""
            weight = _PAYS_MOST if t.payments == most else _PAYS
            found[id_].append(
                (weight, _("Paid for it %(times)s%(in_all)s.", times=times(t.payments), in_all=in_all))
            )


def _uses_most(here: Mapping[int, Trace], found: dict[int, list[tuple[int, str]]]) -> None:
    most = max((t.sign_ins for t in here.values()), default=0)
    for id_, t in here.items():
        if t.sign_ins and t.sign_ins == most:
            found[id_].append((_HEAVIEST, _("Signs in most: %(times)s in 30 days.", times=times(most))))


def _team(
    here: Mapping[int, Trace],
    everybody: Mapping[int, Somebody],
    found: dict[int, list[tuple[int, str]]],
    discreet: Callable[[str, int], str] | None,
) -> None:
    users = [everybody[id_] for id_, t in here.items() if t.uses]
    team = _most_frequent(u.department for u in users if u.department)
    if team is None:
        return
    members = [u for u in users if u.department == team]
    which = f" ({team}, {count(len(members), '%(num)s person', '%(num)s people')})"
    if discreet is not None:
        which = discreet(team, len(members))
    is_of_it = _("Is of the team that uses it most%(which)s.", which=which)
    for member in members:
        if found[member.id]:  # being one of the team says something only of who stands out otherwise
            found[member.id].append((_IN_TEAM, is_of_it))
    address = _most_frequent(m.manager for m in members if m.manager)
    leader = next((p for p in everybody.values() if p.address and p.address == address), None)
    if leader is not None and leader.may_answer:
        leads = _("Leads the team that uses it most%(which)s.", which=which) if discreet is None else is_of_it
        found.setdefault(leader.id, []).append((_LEADS, leads))


def _most_frequent(words: Iterable[str]) -> str | None:
    counts = Counter(words)
    return min(counts, key=lambda word: (-counts[word], word), default=None)
