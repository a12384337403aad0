"""How right the matcher is: its answers to labelled rows, counted with their 95 % intervals.

What each figure means is written down for people in `docs/accuracy.md`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import sqrt
from typing import Any, NamedTuple

from app.identify.audience import AudienceSignals, audience
from app.identify.hints import Hints
from app.identify.keys import company_key
from app.identify.labelled import FOREIGN_TIERS, KINDS, KNOWN_TIERS, TIERS, LabelledRow
from app.identify.match import Match
from app.identify.matcher import identify
from app.identify.normalise import clean_host, fold, registrable_domain, squash
from app.identify.records import KnowledgeBase, Product
from app.identify.unknown import describe_unknown

_Z = 1.959964
"""The normal quantile of a two-sided 95 % interval."""

HIGHER_IS_BETTER = {
    "vendor_recall": True,
    "wrong_vendor": False,
    "precision": True,
    "marketing_precision": True,
    "marketing_recall": True,
    "false_matches": False,
}
"""The figures by name, and in which direction each is good."""

PROMISED = {
    "vendor_recall": 0.92,
    "wrong_vendor": 0.01,
    "marketing_precision": 0.97,
    "marketing_recall": 0.93,
    "false_matches": 0.02,
}
"""What every release holds on the half that is held back, over all rows."""
KIND_MARGIN = 0.05
"""By how much a single kind of identifier may be worse than what is promised over all."""


BANDS = {"said_95": (0.95, 1.01), "said_85": (0.85, 0.95), "said_less": (0.0, 0.85)}
"""The answers by how sure they say they are: from, and below."""


class Share(NamedTuple):
    """So many of so many."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        """The share, None of nothing."""
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval by Wilson's score: sensible for few rows, and for shares of 0 and 1."""
        if not self.n:
            return 0.0, 1.0
        p, z2 = self.hits / self.n, _Z * _Z
        middle = (p + z2 / (2 * self.n)) / (1 + z2 / self.n)
        spread = _Z / (1 + z2 / self.n) * sqrt(p * (1 - p) / self.n + z2 / (4 * self.n * self.n))
        return max(0.0, middle - spread), min(1.0, middle + spread)


class Outcome(NamedTuple):
    """What became of one row: the answer, whether it is right, and whether it was taken for marketing's."""

    row: LabelledRow
    match: Match | None
    right: bool
    marketing: bool

    @property
    def fault(self) -> str:
        """Say `wrong`, `missed`, `false` (nothing was to be recognised) or, of a good answer, nothing."""
        if not self.row.expects:
            return "false" if self.match else ""
        if self.match is None:
            return "missed"
        return "" if self.right else "wrong"

    @property
    def audience_fault(self) -> str:
        """Say in words that the audience is not the expected one, or nothing."""
        if self.row.is_marketing is None or self.row.is_marketing == self.marketing:
            return ""
        return "taken for marketing's" if self.marketing else "not taken for marketing's"


Table = dict[str, dict[str, Share]]
"""Figures by group: `all`, then each kind, tier and origin that occurs."""


class Judge:
    """Says whether a product is the one that a row expects.

    The vendor counts: any host of the product or of another product of the same vendor, any of their
    names, former names and legal names, the vendor's name and its owner's.
    """

    def __init__(self, kb: KnowledgeBase) -> None:
        self._names: dict[str, set[str]] = {}
        self._domains: dict[str, set[str]] = {}
        for product in kb.products.values():
            vendor = company_key(product.vendor)
            names = self._names.setdefault(vendor, set())
            for name in _names(product):
                names.update((squash(fold(name)), company_key(name)))
            for host in product.hosts:
                self._domains.setdefault(vendor, set()).update((host, registrable_domain(host) or host))

    def is_expected(self, product: Product, row: LabelledRow) -> bool:
        """Say whether `product` is what `row` expects, by its domain or by its name."""
        vendor = company_key(product.vendor)
        host = clean_host(row.expected_domain) if row.expected_domain else None
        if host and not self._domains[vendor].isdisjoint({host, registrable_domain(host)}):
            return True
        name = row.expected_name
        return bool(name) and not self._names[vendor].isdisjoint({squash(fold(name)), company_key(name)})


def _names(product: Product) -> Iterable[str]:
    yield from (product.name, product.vendor)
    yield from (*product.aliases, *product.former_names, *product.legal_names, *product.oauth_names)
    if product.owner:
        yield product.owner


def answer(kb: KnowledgeBase, row: LabelledRow) -> Match | None:
    """Ask the matcher about one row; what it is told of a row is decided here and nowhere else."""
    return identify(kb, row.identifiers, Hints(mcc=row.mcc, category=row.category))


def predicts_marketing(kb: KnowledgeBase, row: LabelledRow, match: Match | None) -> bool:
    """Say whether a row's tool is taken for marketing's: by the answer, else by the row's own evidence."""
    if match is not None:
        return audience(match.product, AudienceSignals(), kb).value == "marketing"
    unknown = describe_unknown(row.identifiers, kb)
    signals = AudienceSignals(
        mcc=(row.mcc,) if row.mcc else (),
        accounts=(row.category,) if row.category else (),
        name=unknown.name,
        domain=unknown.domain or "",
        unresolved=unknown.reseller,
    )
    return audience(None, signals, kb).value == "marketing"


def measure(kb: KnowledgeBase, rows: Iterable[LabelledRow]) -> list[Outcome]:
    """Ask the matcher about each row.

    Args:
        kb: the knowledge base.
        rows: labelled rows.

    Returns:
        One outcome for each row, in the same order.
    """
    judge = Judge(kb)
    outcomes = []
    for row in rows:
        match = answer(kb, row)
        right = match is not None and row.expects and judge.is_expected(match.product, row)
        outcomes.append(Outcome(row, match, right, predicts_marketing(kb, row, match)))
    return outcomes


def figures(outcomes: Sequence[Outcome]) -> dict[str, Share]:
    """Count the six figures over some outcomes; see `docs/accuracy.md` for what each means."""
    expected = [o for o in outcomes if o.row.expects]
    foreign = [o for o in outcomes if not o.row.expects]
    scored = [o for o in outcomes if o.row.is_marketing is not None]
    predicted = [o for o in scored if o.marketing]
    marketing = [o for o in scored if o.row.is_marketing]
    return {
        "vendor_recall": Share(sum(o.right for o in expected), len(expected)),
        "wrong_vendor": Share(sum(o.fault == "wrong" for o in expected), len(expected)),
        "precision": Share(sum(o.right for o in outcomes), sum(o.match is not None for o in outcomes)),
        "marketing_precision": Share(sum(bool(o.row.is_marketing) for o in predicted), len(predicted)),
        "marketing_recall": Share(sum(o.marketing for o in marketing), len(marketing)),
        "false_matches": Share(sum(o.match is not None for o in foreign), len(foreign)),
    }


def tabulate(outcomes: Sequence[Outcome]) -> Table:
    """Count the figures over all outcomes and over each kind, tier and origin that occurs."""
    groups: dict[str, Callable[[Outcome], bool]] = {"all": lambda _: True}
    groups |= {kind: lambda o, kind=kind: o.row.kind == kind for kind in KINDS}
    groups |= {tier: lambda o, tier=tier: o.row.tier == tier for tier in TIERS}
    groups |= {band: lambda o, low=low, high=high: _says(o, low, high) for band, (low, high) in BANDS.items()}
    groups |= {"real": lambda o: o.row.real is True, "own": lambda o: o.row.real is False}
    table: Table = {}
    for name, belongs in groups.items():
        chosen = [o for o in outcomes if belongs(o)]
        if chosen or name == "all":
            table[name] = figures(chosen)
    return table


def _says(outcome: Outcome, low: float, high: float) -> bool:
    return outcome.match is not None and low <= outcome.match.confidence < high


def overstated(table: Table) -> list[str]:
    """List the bands of confidence in which fewer answers are right than the band says.

    Returns:
        One sentence for each band whose share of right answers lies below it by more than chance explains.
    """
    return [
        f"{group}: {_said(share)} are right; at least {low:.0%} is said"
        for group, (low, _) in BANDS.items()
        if (share := table.get(group, {}).get("precision", Share(0, 0))).n and share.interval[1] < low
    ]


class Shortfall(NamedTuple):
    """A figure of a group that is not what is promised."""

    group: str
    figure: str
    share: Share
    bound: float

    def __str__(self) -> str:
        return f"{self.group}: {self.figure} is {_said(self.share)}; {self.bound:.1%} is promised"


def shortfalls(table: Table) -> list[Shortfall]:
    """List where a table of the held-back half misses what is promised.

    Returns:
        One for each figure that is missed: over all rows, and by more than `KIND_MARGIN` in one kind.
        Empty if all holds.
    """
    found = []
    for group in ("all", *KINDS):
        for figure, promised in PROMISED.items():
            share = table.get(group, {}).get(figure, Share(0, 0))
            if share.value is None:
                continue
            margin = KIND_MARGIN if group != "all" else 0.0
            bound = promised - margin if HIGHER_IS_BETTER[figure] else promised + margin
            if _worse(figure, share.value, bound):
                found.append(Shortfall(group, figure, share, bound))
    return found


def setbacks(now: Table, committed: Table) -> list[str]:
    """List the figures that fell behind committed ones by more than chance explains.

    Args:
        now: the figures of today.
        committed: the figures they are compared with.

    Returns:
        One sentence for each figure of any group that lies outside the 95 % interval of the committed
        one on the bad side, and for each committed group that is no longer measured.
    """
    found = []
    for group, before in committed.items():
        for figure, old in before.items():
            share = now.get(group, {}).get(figure, Share(0, 0))
            if share.value is None:
                if old.n:
                    found.append(f"{group}: {figure} is no longer measured; it was {_said(old)}")
                continue
            low, high = old.interval
            if _worse(figure, share.value, low if HIGHER_IS_BETTER[figure] else high):
                found.append(f"{group}: {figure} fell to {_said(share)} from {_said(old)}")
    return found


def _worse(figure: str, value: float, bound: float) -> bool:
    # Shares are ratios of whole numbers: a hair's breadth is rounding, not a difference.
    return value < bound - 1e-9 if HIGHER_IS_BETTER[figure] else value > bound + 1e-9


def _said(share: Share) -> str:
    return f"{share.value:.1%} of {share.n}"


def to_json(table: Table) -> dict[str, Any]:
    """Give a table as plain data, each figure with its share, interval, hits and n."""
    return {group: {name: _plain(share) for name, share in row.items()} for group, row in table.items()}


def _plain(share: Share) -> dict[str, Any]:
    low, high = share.interval
    value = None if share.value is None else round(share.value, 4)
    return {"share": value, "low": round(low, 4), "high": round(high, 4), "hits": share.hits, "n": share.n}


def from_json(data: Mapping[str, Any]) -> Table:
    """Read a table that `to_json` wrote.

    Raises:
        ValueError: it is not such a table.
    """
    try:
        return {
            group: {name: Share(int(row[name]["hits"]), int(row[name]["n"])) for name in HIGHER_IS_BETTER}
            for group, row in data.items()
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"this is no table of figures: {error!r} is missing or not what it must be"
        ) from error


GROUP_TITLES = {
    "all": "all rows",
    "sso_label": "single sign-on labels",
    "oauth_app": "consent screens",
    "domain": "host names",
    "merchant": "statement lines",
    "head": "best-known products",
    "torso": "well-known products",
    "tail": "little-known products",
    "noise": "noise",
    "lookalike": "look-alikes",
    "reseller": "bare resellers",
    "said_95": "answers said to be 95 % sure or more",
    "said_85": "answers said to be 85 to 95 % sure",
    "said_less": "answers said to be less sure",
    "real": "seen in public material",
    "own": "written for the measure",
}
"""What the groups of a table are called for people."""
SECTIONS = (("all",), tuple(KINDS), KNOWN_TIERS, FOREIGN_TIERS, tuple(BANDS), ("real", "own"))
"""The groups in the order in which they are shown."""
