"""Weigh all identifiers of one application together and name the product, or honestly nothing."""

from collections.abc import Sequence
from typing import NamedTuple

from app.identify.clue import CONFIDENCE, SCORES, Clue, calibrated
from app.identify.clues import read_host, read_name, read_okta_key
from app.identify.fame import is_known
from app.identify.hints import NO_HINTS, Hints, for_marketing
from app.identify.index import Index
from app.identify.keys import companies_in, company_key
from app.identify.match import Match
from app.identify.names import SHORTEST_LABEL
from app.identify.normalise import clean_host, fold, squash, words_of
from app.identify.records import KnowledgeBase, Product
from app.identify.statements import read_merchant, sells_no_software
from app.identify.words import COMPANY_WORDS, NEUTRAL_PUBLISHERS, word_set
from connectors.identifiers import (
    APP_NAME,
    DOMAIN,
    ENTRA_APP_ID,
    GOOGLE_CLIENT_ID,
    MERCHANT,
    OKTA_APP_KEY,
    PUBLISHER,
    Identifier,
)

SHORTEST_MAKER = 6
"""A publisher makes what begins with its own name from this many letters on."""
_AGREEMENT = 0.02
_CERTAIN = 0.99
_TOO_CLOSE = 0.005
_SHARED_LOGINS = frozenset(
    {"account", "accounts", "auth", "id", "identity", "idp", "login", "my", "signin", "sso", "www"}
)
"""Where people sign in to whatever a vendor makes (`auth.acme.com`)."""
_OPEN_TO_ALL = word_set(
    "amazon.com apple.com baidu.com bing.com facebook.com force.com hulu.com live.com meta.com msn.com "
    "pythonanywhere.com quora.com reddit.com roku.com spotify.com surge.sh x.com yahoo.com yandex.ru "
    "yelp.com youtube.com"
)
"""Domains on which strangers have hosts of their own, or consumers most of what is there."""
_BY_HOST = ("domain", "domain_suffix")

_Scored = tuple[float, Match]
"""A match with the score it is ranked by."""


class _Reading(NamedTuple):
    """Everything the identifiers said, before weighing."""

    certain: list[tuple[Clue, Identifier]]
    named: list[tuple[Clue, Identifier]]
    names: list[Identifier]
    shared: set[str]
    foreign: set[str]
    publishers: list[tuple[str, set[str], Identifier]]


def identify(kb: KnowledgeBase, identifiers: Sequence[Identifier], hints: Hints = NO_HINTS) -> Match | None:
    """Name the product that all the identifiers of one application or observation belong to.

    Args:
        kb: the knowledge base.
        identifiers: every handle seen for the one application, in any order.
        hints: what is known beside the handles: how a charge is filed, what the app may do.

    Returns:
        The best answer; None if nothing is known or two products fit equally well.
    """
    if len(identifiers) == 1:
        return _only(kb.index, identifiers[0], hints)
    ranked = _most_specific(_scored(kb, identifiers, hints))
    if not ranked:
        return None
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < _TOO_CLOSE:
        return None
    return ranked[0][1]


def _only(index: Index, identifier: Identifier, hints: Hints) -> Match | None:
    """Read one identifier alone: nothing supports it and nothing contradicts it."""
    kind, value = identifier
    clue: Clue | None
    if kind == MERCHANT:
        clue = read_merchant(index, value, hints)
    elif kind == APP_NAME:
        clue = read_name(index, value)
        if clue is not None and clue.weak and _scopes_support(clue, hints):
            clue = Clue(clue.product, "supported_name", False, value)
    elif kind == DOMAIN:
        host = read_host(index, value)
        # A stranger's host was looked for already, in all that is known.
        clue = host.clue or (None if host.foreign else _at_vendor(index, host.shared, value))
    elif kind == OKTA_APP_KEY:
        clue = read_okta_key(index, value)
    else:
        product = _by_id(index, kind, value)
        clue = Clue(product, "client_id", False, value) if product else None
    if clue is None or clue.weak:
        return None
    return Match(clue.product, clue.rule, CONFIDENCE[clue.rule], identifier)


def _at_vendor(index: Index, shared: str | None, value: str) -> Clue | None:
    """Read a domain of a vendor that says nothing beside other handles.

    A domain that several products share is what the vendor makes in general, whatever host of it nobody
    listed, unless strangers may have one there; one that stands beside any application, like a sign-in host
    or a shop that sells for others, is its own product's home when it stands alone.
    """
    host = clean_host(value)
    if host is None:
        return None
    if shared is None:
        hit = index.host(host)
        return Clue(hit[0], "domain" if hit[1] else "domain_suffix", False, value) if hit else None
    front = host.removesuffix(shared).strip(".")
    open_to_all = shared in _OPEN_TO_ALL and front and front not in _SHARED_LOGINS
    general = None if open_to_all else index.at_home(shared)
    return Clue(general, "vendor_domain", False, value) if general else None


def _scopes_support(clue: Clue, hints: Hints) -> bool:
    return hints is not NO_HINTS and clue.product.audience == "marketing" and for_marketing(hints)


def _most_specific(ranked: list[_Scored]) -> list[_Scored]:
    """Leave out a vendor's general record beside one of its products that the handles name as well.

    A card line often says only "LINKEDIN" where the cleaned merchant beside it says "LinkedIn Ads":
    the two agree, and the longer name says more.
    """
    if len(ranked) < 2:
        return ranked
    named = [(match.product.vendor, f"{match.product.name.lower()} ") for _, match in ranked]
    return [
        scored
        for scored, (vendor, name) in zip(ranked, named, strict=True)
        if not any(v == vendor and n != name and n.startswith(name) for v, n in named)
    ]


def rank(kb: KnowledgeBase, identifiers: Sequence[Identifier], hints: Hints = NO_HINTS) -> list[Match]:
    """List the products the identifiers may belong to, the best first.

    Args:
        kb: the knowledge base.
        identifiers: every handle seen for the one application.
        hints: what is known beside the handles.

    Returns:
        One match for each product, with the strongest rule that led to it.
    """
    return [match for _, match in _scored(kb, identifiers, hints)]


def _scored(kb: KnowledgeBase, identifiers: Sequence[Identifier], hints: Hints) -> list[_Scored]:
    index = kb.index
    reading = _read(index, identifiers, hints)
    kept = reading.certain + _allowed_names(index, reading, hints)
    kept = kept or _by_shared_domain(index, reading, identifiers)
    if not kept:
        return []
    hosted = {clue.product.id: clue.product.vendor for clue, _ in reading.certain if clue.rule in _BY_HOST}
    makers = set(hosted.values())
    best: dict[str, tuple[float, Clue, Identifier]] = {}
    agreeing: dict[str, set[str]] = {}
    for clue, identifier in kept:
        score = SCORES[clue.rule]
        named = identifier.kind in {APP_NAME, MERCHANT}
        if named and clue.product.vendor in makers and clue.product.id not in hosted:
            # The same vendor's host and a product's own name: the name says which product.
            score = max(score, SCORES["domain"] + 0.015)
        known = best.get(clue.product.id)
        if known is None or score > known[0]:
            best[clue.product.id] = (score, clue, identifier)
        agreeing.setdefault(clue.product.id, set()).add(identifier.kind)
    matches = []
    for product_id, (score, clue, identifier) in best.items():
        agreed = round(min(_CERTAIN, score + _AGREEMENT * (len(agreeing[product_id]) - 1)), 3)
        matches.append((agreed, Match(clue.product, clue.rule, calibrated(agreed), identifier)))
    matches.sort(key=lambda m: (-m[0], m[1].product.id))
    return matches


def _by_shared_domain(
    index: Index, reading: _Reading, identifiers: Sequence[Identifier]
) -> list[tuple[Clue, Identifier]]:
    """Read what a vendor's shared domain says where only hosts and publishers of that vendor stand there."""
    if reading.foreign or any(identifier.kind not in {DOMAIN, PUBLISHER} for identifier in identifiers):
        return []
    found = [
        (clue, identifier)
        for identifier in identifiers
        if identifier.kind == DOMAIN
        and (clue := _at_vendor(index, read_host(index, identifier.value).shared, identifier.value))
    ]
    makers = {clue.product.vendor for clue, _ in found}
    known = all(makers <= of for key, of, _ in reading.publishers if key)
    return found if len(makers) == 1 and known else []


def _read(index: Index, identifiers: Sequence[Identifier], hints: Hints) -> _Reading:
    reading = _Reading([], [], [], set(), set(), [])
    lines = [value for kind, value in identifiers if kind == MERCHANT]
    unreadable = len(lines) > 1 and any(sells_no_software(index, line) for line in lines)
    for identifier in identifiers:
        kind, value = identifier
        if kind == DOMAIN:
            host = read_host(index, value)
            if host.clue:
                reading.certain.append((host.clue, identifier))
            elif host.shared:
                reading.shared.add(host.shared)
            elif host.foreign:
                reading.foreign.add(host.foreign)
        elif kind == APP_NAME:
            reading.names.append(identifier)
            clue = read_name(index, value)
            if clue is not None:
                reading.named.append((clue, identifier))
        elif kind == MERCHANT and unreadable:
            continue
        elif kind == MERCHANT:
            clue = read_merchant(index, value, hints)
            if clue is not None:
                (reading.named if clue.weak else reading.certain).append((clue, identifier))
        elif kind == PUBLISHER:
            for company in companies_in(value):
                key, makers = company_key(company), index.makers_of(company)
                if key not in NEUTRAL_PUBLISHERS:
                    reading.publishers.append((key, makers, identifier))
                elif makers:
                    reading.publishers.append(("", makers, identifier))
        elif kind == OKTA_APP_KEY:
            clue = read_okta_key(index, value)
            if clue is not None:
                (reading.named if clue.weak else reading.certain).append((clue, identifier))
        else:
            product = _by_id(index, kind, value)
            if product:
                reading.certain.append((Clue(product, "client_id", False, value), identifier))
    return reading


def _by_id(index: Index, kind: str, value: str) -> Product | None:
    table = {GOOGLE_CLIENT_ID: index.google, ENTRA_APP_ID: index.entra}.get(kind)
    return table.get(fold(value)) if table is not None else None


def _allowed_names(index: Index, reading: _Reading, hints: Hints) -> list[tuple[Clue, Identifier]]:
    """Keep the names that nothing contradicts, and the ordinary words that something supports."""
    certain = {clue.product.id for clue, _ in reading.certain}
    keyed = _keyed_and_labelled(reading)
    kept: list[tuple[Clue, Identifier]] = []
    for clue, identifier in reading.named:
        product = clue.product
        at_home = _at_home(index, reading, product)
        published = any(_made_by(key, makers, product) for key, makers, _ in reading.publishers)
        if product.id in certain:
            kept.append((clue.but(), identifier))
            continue
        if identifier.kind in {APP_NAME, OKTA_APP_KEY} and _contradicted(reading, clue, at_home, published):
            continue
        if not clue.weak:
            kept.append((clue, identifier))
        elif product.id in keyed:
            # An ordinary word as the label and the same word as Okta's own key: two signals.
            kept.append((clue.but(), identifier))
        elif published:
            kept.append((clue.but(rule="publisher+name", weak=True), identifier))
        elif at_home:
            kept.append((clue.but(rule="domain+name", weak=True), identifier))
        elif identifier.kind == APP_NAME and _scopes_support(clue, hints):
            kept.append((clue.but(rule="supported_name", weak=True), identifier))
    if not kept and not certain:
        kept.extend(_named_within_vendor(index, reading) or _known_by_maker(index, reading))
    return kept


def _keyed_and_labelled(reading: _Reading) -> set[str]:
    """Give the products that an Okta key and a label both name, each too weakly alone."""
    if not any(identifier.kind == OKTA_APP_KEY for _, identifier in reading.named):
        return set()
    kinds: dict[str, set[str]] = {}
    for clue, identifier in reading.named:
        kinds.setdefault(clue.product.id, set()).add(identifier.kind)
    return {id_ for id_, seen in kinds.items() if {OKTA_APP_KEY, APP_NAME} <= seen}


def _contradicted(reading: _Reading, clue: Clue, at_home: bool, published: bool) -> bool:
    """Say whether another maker's domain or publisher stands beside the name: then it is a look-alike."""
    product = clue.product
    if any(other.product.vendor == product.vendor for other, _ in reading.certain):
        return False
    if reading.foreign or (reading.shared and not at_home):
        return True
    # Whose publisher is called like the app itself says nothing more; of the best known nobody believes it.
    told = "" if is_known(product) else squash(fold(clue.detail))
    return not published and any(key and key != told for key, _, _ in reading.publishers)


def _at_home(index: Index, reading: _Reading, product: Product) -> bool:
    """Say whether one of the shared domains belongs to the product's maker."""
    return any(product.vendor in index.makers_on.get(domain, ()) for domain in reading.shared)


def _made_by(key: str, makers: set[str], product: Product) -> bool:
    """Say whether a publisher makes the product: known as its maker or its owner, or called like it."""
    if product.vendor in makers or product.owner in makers:
        return True
    name = squash(fold(product.name))
    if len(key) >= SHORTEST_MAKER and name.startswith(key):
        return True
    if product.common_word:
        return False
    if key.startswith(name) and key[len(name) :] in COMPANY_WORDS:
        return True
    label = squash(product.domain.partition(".")[0])
    # `Acmely.io` by `Acmelyapp, Inc`
    return len(label) >= SHORTEST_LABEL and key.startswith(label) and key[len(label) :] in COMPANY_WORDS


def _named_within_vendor(index: Index, reading: _Reading) -> list[tuple[Clue, Identifier]]:
    """Read `Analytics` by Google as Google Analytics: the maker's name is put before the label."""
    found: list[tuple[Clue, Identifier]] = []
    if reading.foreign:
        return found
    for identifier in reading.names:
        label = squash(fold(identifier.value))
        for key, makers, _ in reading.publishers:
            for vendor in sorted(makers):
                entry = index.names.get(squash(fold(vendor)) + label)
                if entry is None or entry.product.vendor != vendor or key == label:
                    continue
                if not reading.shared or _at_home(index, reading, entry.product):
                    clue = Clue(entry.product, "publisher+name", False, identifier.value)
                    found.append((clue, identifier))
    return found


def _known_by_maker(index: Index, reading: _Reading) -> list[tuple[Clue, Identifier]]:
    """Read what its maker publishes: a product named anywhere in the label, else the maker's general one.

    Nothing is read beside a stranger's domain, nor where the label is another maker's product: the
    publisher's name may be borrowed.
    """
    if reading.foreign or any(not clue.weak for clue, _ in reading.named):
        return []
    found: list[tuple[Clue, Identifier]] = []
    for key, makers, publisher in reading.publishers:
        if not key or not makers:
            continue
        within = [
            (end - at, entry.product, identifier)
            for identifier in reading.names
            for entry, at, end in index.names_within(words_of(fold(identifier.value)))
            if entry.product.vendor in makers
        ]
        if within:
            _, product, identifier = max(within, key=lambda w: (w[0], w[1].id))
            found.append((Clue(product, "publisher+name", False, identifier.value), identifier))
        elif reading.names and len(makers) == 1:
            general = index.general(next(iter(makers)))
            if general is not None:
                found.append((Clue(general, "publisher", False, publisher.value), publisher))
    return found
