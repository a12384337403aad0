"""Decide whether a tool is a marketing tool: from the knowledge base, else from the evidence.

The evidence is weighed, not voted on. Each kind of it (who uses the tool, what it may do, how it is booked,
what it calls itself) gives at most one weight toward marketing and one away from it, and leaves a sentence
behind for each. Two kinds must agree before a tool that nobody knows is called marketing's or somebody
else's, unless one of them is decisive; if they contradict each other, "unsure" is the answer.

The words are in `audience_words`, the scopes and merchant codes in `audience_signs`.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from app.identify import audience_words as words
from app.identify.audience_signs import DECISIVE, code_sign, scope_sign
from app.identify.audience_text import Found, Lexicon
from app.identify.records import KnowledgeBase, Product, default_knowledge_base
from app.language import lasting

Value = Literal["marketing", "other", "unsure"]
Side = Literal[1, -1]


@dataclass(frozen=True, slots=True)
class AudienceSignals:
    """What is known about how a tool came into the company.

    `departments` counts the people who use it by department; `people` is their total, with those whose
    department is not known. `mcc` are card networks' merchant category codes, `accounts` ledger accounts
    and expense categories in words. `unresolved` says that only a reseller is known, not the product.
    `description` is what a consent screen or catalogue says of it; `names` are further labels it was seen
    under, such as an app's name in each source and the merchant on a statement.
    """

    departments: Mapping[str, int] = field(default_factory=dict)
    people: int = 0
    scopes: tuple[str, ...] = ()
    mcc: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    name: str = ""
    domain: str = ""
    unresolved: bool = False
    description: str = ""
    names: tuple[str, ...] = ()


class Audience(NamedTuple):
    """Whose tool it is, how sure that is (0 to 1), and why, in sentences.

    A confidence below one half comes with "unsure" only, and says how far the evidence leans.
    """

    value: Value
    confidence: float
    reasons: tuple[str, ...]


class Sign(NamedTuple):
    """What one kind of evidence says: toward marketing if the weight is positive, else away from it."""

    weight: float
    kind: str
    reason: str
    decisive: bool = False


_TEAMS = Lexicon(
    {1.0: words.MARKETING_TEAMS, -0.5: words.SALES_TEAMS, -1.0: words.OTHER_TEAMS},
    fillers=words.TEAM_FILLERS,
    whole=words.ORDINARY,
)
_ACCOUNTS = Lexicon(
    {1.0: words.ACCOUNTS, 0.5: words.WEAK_ACCOUNTS, -1.0: words.OTHER_ACCOUNTS},
    fillers=words.FILLERS,
    whole=words.ORDINARY,
)
_TERMS = Lexicon(
    {
        1.0: words.STRONG_TERMS,
        0.5: words.WEAK_TERMS,
        -1.0: words.OTHER_TERMS,
        -0.5: words.WEAK_OTHER_TERMS,
    },
    fillers=words.FILLERS,
    short=words.SHORT_PARTS,
    whole=words.ORDINARY,
)

_UNRESOLVED = lasting("Only the reseller is known, not what was bought, so nobody can say whose tool it is.")
_TOO_LITTLE = lasting("The evidence is not enough to say whose tool it is.")
_CONTRADICTION = lasting("The evidence contradicts itself, so it does not say whose tool it is.")
_NAME_SAYS = (
    lasting("Its name or domain says %(word_list)s."),
    lasting("Its name or domain says %(word_list)s, which is not marketing."),
)
_DESCRIPTION_SAYS = (
    lasting("Its description says %(word_list)s."),
    lasting("Its description says %(word_list)s, which is not marketing."),
)
CLOSINGS = frozenset([_UNRESOLVED, _TOO_LITTLE, _CONTRADICTION])
"""Sentences that explain an "unsure" and stand for no sign."""

_MARKETING = 2.0
_OTHER = -1.5
_AGAINST = 1.5
_FOR = 1.0
_REST = 0.25
_MOST_FROM_TEXT = 1.5
_MANY = 4
_FEW = 3
_NAMED = 3
_LONG_WORD = 10


def audience(product: Product | None, signals: AudienceSignals, kb: KnowledgeBase | None = None) -> Audience:
    """Say whether a tool is a marketing tool.

    Args:
        product: what the tool was identified as, or None.
        signals: the evidence; read only if the tool is not identified.
        kb: the knowledge base, for the category's name; the shipped one if None.

    Returns:
        The value with its confidence and at least one reason. "unsure" if the evidence is thin or
        contradicts itself.
    """
    if product is not None:
        category = (kb or default_knowledge_base()).category_name(product)
        belongs = (
            lasting("a marketing tool")
            if product.audience == "marketing"
            else lasting("not a marketing tool")
        )
        reason = lasting(
            "%(name)s is listed under “%(category)s” in the knowledge base, %(belongs)s.",
            name=product.name,
            category=category,
            belongs=belongs,
        )
        return Audience(product.audience, 0.95, (reason,))
    if signals.unresolved:
        return Audience("unsure", 0.1, (_UNRESOLVED,))
    signs = weigh(signals)
    toward = [sign for sign in signs if sign.weight > 0]
    away = [sign for sign in signs if sign.weight < 0]
    gain, loss = sum(s.weight for s in toward), sum(s.weight for s in away)
    balance = gain + loss
    reasons = tuple(sign.reason for sign in signs)
    if balance >= _MARKETING and loss > -_AGAINST and _enough(toward):
        return Audience("marketing", _confidence(toward, loss), reasons)
    if balance <= _OTHER and gain < _FOR and _enough(away):
        return Audience("other", _confidence(away, gain), reasons)
    closing = _CONTRADICTION if min(gain, -loss) >= 1 else _TOO_LITTLE
    return Audience("unsure", round(min(0.49, 0.1 + abs(balance) / 6), 2), (*reasons, closing))


def weigh(signals: AudienceSignals) -> tuple[Sign, ...]:
    """Give the signs in the evidence, the weightiest first.

    Args:
        signals: the evidence; its order does not matter.

    Returns:
        At most two signs of each kind, one toward marketing and one away from it; none weighs nothing.
        More evidence for marketing never makes the sum of the weights smaller.
    """
    signs = [*_departments(signals), *_scopes(signals.scopes), *_codes(signals.mcc)]
    signs += _accounts(signals.accounts)
    said = [found for label in {signals.name, signals.domain} for found in _TERMS.find(label)]
    said += [
        found
        for label in set(signals.names) - {signals.name}
        for found in _TERMS.find(label)
        if found.words not in words.STATEMENT_WORDS
    ]
    signs += _spoken(said, "name", _NAME_SAYS)
    signs += _spoken(
        _TERMS.find(signals.description, _LONG_WORD),
        "description",
        _DESCRIPTION_SAYS,
    )
    return tuple(sorted((s for s in signs if s.weight), key=lambda s: (-abs(s.weight), s.kind, s.reason)))


def is_marketing_team(department: str) -> bool:
    """Say whether a department's name is that of a marketing team (`Brand & Communications`)."""
    return _team(department) > 0


def _team(department: str) -> int:
    """Say whose a department is: 1 marketing's, -1 another team's, 0 sales' or if its name does not tell."""
    found = _TEAMS.find(department)
    if any("marketing" in said.words for said in found):
        return 1
    least = min((said.weight for said in found), default=0.0)
    return 1 if least > 0 else -1 if least <= -1 else 0


def _enough(signs: Sequence[Sign]) -> bool:
    return len({sign.kind for sign in signs}) >= 2 or any(sign.decisive for sign in signs)


def _confidence(agreeing: Sequence[Sign], opposing: float) -> float:
    """Grow with what agrees, and more with how many kinds do; what points the other way takes some off."""
    margin = abs(sum(sign.weight for sign in agreeing)) - abs(opposing) - _MARKETING
    kinds = len({sign.kind for sign in agreeing})
    sure = 1 - math.exp(-0.6 * margin) / 3 + (0.05 * min(kinds - 2, 2) if kinds > 1 else -0.1)
    return round(max(0.5, min(0.95, sure - abs(opposing) / 8)), 2)


def _departments(signals: AudienceSignals) -> Iterator[Sign]:
    counts = {name: count for name, count in signals.departments.items() if count > 0}
    if not counts:
        return
    whose = {name: _team(name) for name in counts}
    known = sum(counts.values())
    total = max(known, signals.people)
    marketing = sum(count for name, count in counts.items() if whose[name] > 0)
    elsewhere = known - marketing
    strangers = sum(count for name, count in counts.items() if whose[name] < 0)
    said = lasting(
        "%(marketing)s of the %(total)s people who use it work in marketing teams",
        marketing=marketing,
        total=total,
    )
    if total >= _MANY and marketing >= 0.9 * total:
        yield Sign(
            DECISIVE,
            "departments",
            lasting("%(said)s, which is enough by itself.", said=said),
            decisive=True,
        )
    elif marketing >= 0.75 * total:
        yield Sign(1.5 if marketing >= 2 else 1.25, "departments", f"{said}.")
    elif marketing >= 0.6 * total:
        yield Sign(1.0, "departments", lasting("%(said)s, the others elsewhere.", said=said))
    elif marketing >= 0.5 * total:
        yield Sign(0.5, "departments", lasting("%(said)s, the others elsewhere.", said=said))
    elif marketing <= 0.2 * known:
        teams = sum(side <= 0 for side in whose.values())
        spread = (
            lasting("%(said)s; it is used in %(teams)s other departments.", said=said, teams=teams)
            if teams > 1
            else f"{said}."
        )
        if elsewhere < _FEW and not strangers:
            return
        if 2 * elsewhere < total:
            yield Sign(-0.5, "departments", spread)
        elif strangers >= _MANY and marketing <= 0.1 * known:
            yield Sign(-DECISIVE, "departments", spread, decisive=True)
        else:
            weight = -1.5 if elsewhere >= _FEW else -1.0 if elsewhere == 2 else -0.5
            yield Sign(weight, "departments", spread)


def _scopes(scopes: Iterable[str]) -> Iterator[Sign]:
    found: dict[str, float] = {}
    published: set[str] = set()
    for scope in set(scopes):
        sign = scope_sign(scope)
        if sign is not None:
            found[sign.service] = max(found.get(sign.service, 0.0), sign.weight, key=abs)
            if sign.publishes:
                published.add(sign.service)
    if len(published) >= 2:
        # One that speaks for the company on several networks is run by those who speak for the company.
        reason = lasting(
            "It may publish on %(name_list)s, which marketing works with.",
            name_list=_listed(sorted(published)),
        )
        yield Sign(max(DECISIVE, _more(found, 1)[0]), "scopes", reason, decisive=True)
    else:
        weight, services = _more(found, 1)
        reason = lasting("It may use %(name_list)s, which marketing works with.", name_list=_listed(services))
        yield Sign(weight, "scopes", reason, decisive=max(found.values(), default=0) >= DECISIVE)
    weight, services = _more(found, -1)
    yield Sign(
        weight,
        "scopes",
        lasting("It may use %(name_list)s, which other teams work with.", name_list=_listed(services)),
    )


def _codes(codes: Iterable[str]) -> Iterator[Sign]:
    found = {sign.heading: sign.weight for code in set(codes) if (sign := code_sign(code))}
    weight, headings = _more(found, 1)
    heading = _listed(headings)
    yield Sign(
        weight,
        "mcc",
        lasting(
            "The card network files the merchant under %(name_list)s, which suits marketing.",
            name_list=heading,
        ),
    )
    weight, headings = _more(found, -1)
    reason = lasting(
        "The card network files the merchant under %(name_list)s, which does not suit marketing.",
        name_list=_listed(headings),
    )
    yield Sign(weight, "mcc", reason, decisive=weight <= -DECISIVE)


def _accounts(accounts: Iterable[str]) -> Iterator[Sign]:
    toward: dict[str, float] = {}
    away: dict[str, float] = {}
    for account in set(accounts):
        for said in _ACCOUNTS.find(account):
            side = toward if said.weight > 0 else away
            side[account] = max(side.get(account, 0.0), said.weight, key=abs)
    weight, booked = _more(toward, 1)
    yield Sign(
        weight,
        "accounts",
        lasting(
            "It is booked as %(name_list)s, a marketing expense.", name_list=_listed(booked, quoted=True)
        ),
    )
    weight, booked = _more(away, -1)
    yield Sign(
        weight,
        "accounts",
        lasting(
            "It is booked as %(name_list)s, not a marketing expense.", name_list=_listed(booked, quoted=True)
        ),
    )


def _spoken(said: Iterable[Found], kind: str, says: tuple[str, str]) -> Iterator[Sign]:
    found: dict[str, float] = {}
    for one in said:
        found[one.words] = max(found.get(one.words, 0.0), one.weight, key=abs)
    sides: tuple[tuple[Side, str], ...] = ((1, says[0]), (-1, says[1]))
    for side, text in sides:
        weight, some = _more(found, side)
        weight = max(-_MOST_FROM_TEXT, min(_MOST_FROM_TEXT, weight))
        yield Sign(weight, kind, lasting(text, word_list=_listed(some, quoted=True)))


def _more(found: Mapping[str, float], side: Side) -> tuple[float, list[str]]:
    """Weigh what points to one side: the strongest in full, the rest at a quarter, for it tells the same.

    Returns:
        The weight, and what it is made of, the strongest first; 0 and nothing if nothing points there.
    """
    some = sorted((-side * weight, name) for name, weight in found.items() if weight * side > 0)
    if not some:
        return 0.0, []
    rest = _REST * sum(weight for weight, _ in some[1:])
    return -side * (some[0][0] + rest), [name for _, name in some]


def _listed(names: Sequence[str], *, quoted: bool = False) -> str:
    """Join the first few names for a sentence: `“seo”, “ads” and “social”`."""
    shown = [f"“{name}”" if quoted else name for name in names[:_NAMED]]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""
