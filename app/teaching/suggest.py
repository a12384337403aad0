"""Which tools look like one. Pure: it only says so, with reasons; joining them is for people.

Two that the knowledge base tells apart are never suggested. One weak sign is none: a name that nearly is
another's, or begins with a known product's, counts only beside a second sign such as the same domain.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from rapidfuzz import fuzz

from app.identify import KnowledgeBase, Product, normalise_name, registrable_domain
from app.language import lasting
from app.teaching.handles import products_at

LEAST_SCORE = 0.55
_HOST, _DOMAIN, _SAME_NAME, _PART, _CLOSE, _PUBLISHER = 0.7, 0.6, 0.6, 0.35, 0.35, 0.35
_NEARLY = 0.56
"""A tool nobody can name whose name is nearly a known product's, or part of another such tool's."""
_CLOSEST = 85.0
_SHORTEST = 5
"""Shorter names are alike by chance."""
_LARGEST = 60
"""What so many tools share says nothing about two of them."""


_words = lru_cache(maxsize=32_768)(normalise_name)
_domain = lru_cache(maxsize=65_536)(registrable_domain)
"""The same names and hosts are compared each time somebody looks."""


@dataclass(frozen=True)
class Known:
    """What is compared of one tool; `product` is its id in the knowledge base, if it has one."""

    id: int
    name: str
    vendor: str | None = None
    domain: str | None = None
    product: str | None = None
    hosts: frozenset[str] = frozenset()
    publishers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Suggestion:
    """Two that may be one: a tool, and another one or a product that is not in the catalog yet."""

    tool: int
    other: int | None
    product: str | None
    score: float
    reasons: tuple[str, ...]


class Around:
    """What another tool must have, so that it can be suggested with one; most have none of it.

    Each test lets too many through rather than too few: `suggest` among those that pass gives for the tool
    what it gives among all. A publisher alone is too weak a sign to look for its tools; but how many tools
    its maker has is asked for, since very many say nothing.

    Args:
        one: the tool.
        kb: the knowledge base.
    """

    def __init__(self, one: Known, kb: KnowledgeBase) -> None:
        words = _words(one.name)
        self._start, self._joined = words[:3], words.replace(" ", "")
        self._makers = {_words(maker) for maker in (*one.publishers, one.vendor or "") if maker}
        self._domains = _domains(one, kb)
        self._products = set() if one.product else {product.id for product, _ in _nearly(one, kb)}
        product = kb.products.get(one.product or "")
        names = _names_of(product) if product else ()
        self._labels = {name[:2]: names for name in names}
        self.addresses = frozenset((*one.hosts, *self._domains))
        """Parts of the addresses at which both can be entered, or at home."""

    def reaches(self, name: str, vendor: str | None, domain: str | None, product: str | None) -> bool:
        """Whether what a tool is called, whose it is or where it is at home may be a sign."""
        words = _words(name)
        return (
            words[:3] == self._start
            or words.replace(" ", "") == self._joined
            or (vendor is not None and _words(vendor) in self._makers)
            or (domain is not None and _domain(domain) in self._domains)
            or product in self._products
            or (product is None and any(_near(words, n) for n in self._labels.get(words[:2], ())))
        )


Apart = Collection[tuple[int, int | str]]
"""What people said is not the same: the smaller tool id first, or a tool and a product's id."""


def suggest(
    known: Sequence[Known], kb: KnowledgeBase, apart: Apart = (), *, only: int | None = None
) -> list[Suggestion]:
    """List the pairs that look like one tool, those with most reasons first.

    Args:
        known: the tools of the catalog.
        kb: the knowledge base.
        apart: pairs that people keep apart.
        only: only what concerns this tool.
    """
    by_id = {k.id: k for k in known}
    signs: dict[tuple[int, int], dict[str, tuple[float, str]]] = defaultdict(dict)
    for pair, kind, weight, reason in _signs(known, kb, only):
        signs[pair].setdefault(kind, (weight, reason))
    found = []
    for (one, two), of_pair in signs.items():
        a, b = by_id[one], by_id[two]
        if (a.product and b.product) or (one, two) in apart:
            continue
        if _differ(a, b) and not {"domain", "publisher"} & of_pair.keys():
            continue  # the same name at another maker's domain is another product
        score = _together(weight for weight, _ in of_pair.values())
        if score >= LEAST_SCORE:
            tool, other = (b, a) if a.product else (a, b)
            found.append(Suggestion(tool.id, other.id, None, score, tuple(r for _, r in of_pair.values())))
    found += _of_products(known, kb, apart, {frozenset((s.tool, s.other)) for s in found}, only)
    return sorted(found, key=lambda s: (-s.score, s.tool, s.other or 0, s.product or ""))


def _of_products(
    known: Sequence[Known],
    kb: KnowledgeBase,
    apart: Apart,
    paired: set[frozenset[int | None]],
    only: int | None,
) -> Iterator[Suggestion]:
    """Tools that nobody can name, whose name is nearly a product's."""
    in_catalog = {k.product: k.id for k in known if k.product}
    spoken_of = next((k for k in known if k.id == only), None)
    for tool in known:
        if spoken_of and not spoken_of.product and tool.id != only:
            continue  # no suggestion about another tool names a tool that is no product
        for product, reason in [] if tool.product else _nearly(tool, kb):
            other = in_catalog.get(product.id)
            if only not in {None, tool.id, other} or frozenset((tool.id, other)) in paired:
                continue
            if (tool.id, product.id) in apart or (other and _ordered(tool.id, other) in apart):
                continue
            yield Suggestion(tool.id, other, None if other else product.id, _NEARLY, (reason,))


Sign = tuple[tuple[int, int], str, float, str]


def _signs(known: Sequence[Known], kb: KnowledgeBase, only: int | None) -> Iterator[Sign]:
    by_host: dict[str, list[Known]] = defaultdict(list)
    by_domain: dict[str, list[Known]] = defaultdict(list)
    by_name: dict[str, list[Known]] = defaultdict(list)
    by_word: dict[str, list[Known]] = defaultdict(list)
    by_start: dict[str, list[Known]] = defaultdict(list)
    by_vendor: dict[str, list[Known]] = defaultdict(list)
    for tool in known:
        for host in tool.hosts:
            if host != _domain(host):
                by_host[host].append(tool)
        for domain in _domains(tool, kb):
            by_domain[domain].append(tool)
        words = _words(tool.name)
        by_name[words.replace(" ", "")].append(tool)
        by_word[words.partition(" ")[0]].append(tool)
        by_start[words[:3]].append(tool)
        if tool.vendor:
            by_vendor[_words(tool.vendor)].append(tool)
    for host, group in by_host.items():
        for pair, _, _ in _pairs(group, only):
            yield pair, "domain", _HOST, lasting("Both are entered at %(host)s.", host=host)
    for domain, group in by_domain.items():
        for pair, _, _ in _pairs(group, only):
            yield pair, "domain", _DOMAIN, lasting("Both are at home at %(domain)s.", domain=domain)
    for name, group in by_name.items():
        for pair, a, b in _pairs(group if name else [], only):
            yield (
                pair,
                "name",
                _SAME_NAME,
                lasting("Both are called “%(name)s”.", name=min(a.name, b.name)),
            )
    yield from _parts(by_word, only)
    yield from _close(by_start, only)
    for tool in known:
        for publisher in tool.publishers:
            makers = by_vendor.get(_words(publisher), [])
            if len(makers) > _LARGEST:
                continue
            for other in makers:
                if other.id != tool.id and only in {None, tool.id, other.id}:
                    reason = lasting(
                        "“%(name)s” is published by %(publisher)s, the maker of “%(other)s”.",
                        name=tool.name,
                        publisher=publisher,
                        other=other.name,
                    )
                    yield _ordered(tool.id, other.id), "publisher", _PUBLISHER, reason


def _parts(by_word: dict[str, list[Known]], only: int | None) -> Iterator[Sign]:
    for word, group in by_word.items():
        if len(word) < _SHORTEST:
            continue
        for pair, a, b in _pairs(group, only):
            short, long = sorted((a, b), key=lambda k: len(_words(k.name)))
            inner, outer = _words(short.name), _words(long.name)
            if outer != inner and outer.startswith(f"{inner} "):
                known = a.product or b.product
                yield (
                    pair,
                    "name",
                    _PART if known else _NEARLY,
                    lasting("“%(name)s” begins with the name “%(other)s”.", name=long.name, other=short.name),
                )


def _close(by_start: dict[str, list[Known]], only: int | None) -> Iterator[Sign]:
    for group in by_start.values():
        for pair, a, b in _pairs(group, only):
            one, two = _words(a.name), _words(b.name)
            if one != two and min(len(one), len(two)) >= _SHORTEST and _near(one, two):
                yield (
                    pair,
                    "name",
                    _CLOSE,
                    lasting(
                        "“%(name)s” and “%(other)s” are nearly the same name.", name=a.name, other=b.name
                    ),
                )


def _near(one: str, two: str) -> bool:
    return abs(len(one) - len(two)) <= 2 and fuzz.ratio(one, two, score_cutoff=_CLOSEST) > 0


def _pairs(group: Sequence[Known], only: int | None) -> Iterator[tuple[tuple[int, int], Known, Known]]:
    unique = list({k.id: k for k in group}.values())
    if len(unique) > _LARGEST:
        return
    for a, b in combinations(unique, 2):
        if only in {None, a.id, b.id}:
            yield _ordered(a.id, b.id), a, b


def _ordered(one: int, two: int) -> tuple[int, int]:
    return (one, two) if one < two else (two, one)


def _domains(tool: Known, kb: KnowledgeBase) -> set[str]:
    found = {_domain(host) for host in (*tool.hosts, tool.domain or "") if host}
    return {d for d in found if d and d not in kb.shared_domains and products_at(kb, d) < 2}


def _differ(a: Known, b: Known) -> bool:
    homes = [_domain(k.domain) if k.domain else None for k in (a, b)]
    return None not in homes and homes[0] != homes[1]


def _together(weights: Iterable[float]) -> float:
    left = 1.0
    for weight in weights:
        left *= 1 - weight
    return round(1 - left, 3)


def _nearly(tool: Known, kb: KnowledgeBase) -> Iterator[tuple[Product, str]]:
    """Products whose name is nearly the tool's; none where the tool is at home somewhere else."""
    name = _words(tool.name)
    if len(name) < _SHORTEST:
        return
    home = _domain(tool.domain) if tool.domain else None
    told: set[str] = set()
    for normal, label, product in _by_start(kb).get(name[:2], ()):
        if product.id in told or not _near(name, normal):
            continue
        if home and home != _domain(product.domain):
            continue
        told.add(product.id)
        reason = lasting(
            "“%(name)s” is nearly “%(label)s”, which is a name of %(other)s.",
            name=tool.name,
            label=label,
            other=product.name,
        )
        yield (
            product,
            lasting(
                "%(reason)s Look at its maker first: look-alikes are named like this too.", reason=reason
            ),
        )


def _names_of(product: Product) -> tuple[str, ...]:
    return tuple(_words(label) for label in (product.name, *product.aliases))


@lru_cache(maxsize=2)
def _by_start(kb: KnowledgeBase) -> Mapping[str, list[tuple[str, str, Product]]]:
    """The names of products by the first two letters that any name of the product has, with the product."""
    starts: dict[str, list[tuple[str, str, Product]]] = defaultdict(list)
    for product in kb.products.values():
        names = [(_words(label), label, product) for label in (product.name, *product.aliases)]
        for start in {normal[:2] for normal, _, _ in names}:
            starts[start] += names
    return dict(starts)
