"""Why the matcher answers what it answers to one name, host or statement line, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from app.identify.lint_owners import names_of
from app.identify.match import Match
from app.identify.matcher import identify, rank
from app.identify.merchants import normalise_merchant, read_statement
from app.identify.normalise import clean_host, fold, normalise_name, registrable_domain, squash, words_of
from app.identify.records import KnowledgeBase, Product
from connectors.identifiers import APP_NAME, DOMAIN, MERCHANT, PUBLISHER, Identifier

_NEAR = 78.0
"""From this likeness in percent on a name is worth suggesting."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A product that is called nearly so. Only offered to a person: the matcher never guesses."""

    name: str
    product: Product
    likeness: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """What became of one handle.

    `normal` is the form it was looked up in, `taken_off` the words that were dropped for it, `reseller` who
    stands before the merchant on a statement line. `ranked` are all products that fit, `match` is the
    answer. `silence` says why there is none, `suggestions` are names nearly like it.
    """

    kind: str
    value: str
    normal: str
    taken_off: tuple[str, ...]
    reseller: str
    match: Match | None
    ranked: tuple[Match, ...]
    silence: str
    suggestions: tuple[Suggestion, ...]


def guess_kind(value: str) -> str:
    """Say what a text most likely is: a host name, a card-statement line, or an application's name."""
    text = value.strip()
    if " " not in text and "*" not in text and clean_host(text):
        return DOMAIN
    letters = [ch for ch in text if ch.isalpha()]
    shouted = len(letters) > 3 and all(ch.isupper() for ch in letters)
    return (
        MERCHANT if "*" in text or (shouted and (" " in text or any(c.isdigit() for c in text))) else APP_NAME
    )


def explain(
    kb: KnowledgeBase, kind: str, value: str, *, publisher: str = "", domain: str = "", most: int = 5
) -> Explanation:
    """Explain the answer to one handle.

    Args:
        kb: the knowledge base.
        kind: `app_name`, `domain` or `merchant`.
        value: the handle as it was seen.
        publisher: the publisher that stood beside it, if any.
        domain: a host name that stood beside it, if any.
        most: how many suggestions at most.

    Returns:
        The explanation; `silence` is empty if there is an answer.
    """
    beside = [Identifier(PUBLISHER, publisher)] if publisher else []
    beside += [Identifier(DOMAIN, domain)] if domain else []
    identifiers = [Identifier(kind, value), *beside]
    normal = _normal(kb, kind, value)
    match, ranked = identify(kb, identifiers), rank(kb, identifiers)
    statement = read_statement(value, kb.index.prefixes) if kind == MERCHANT else None
    reseller = statement.reseller if statement else None
    return Explanation(
        kind,
        value,
        normal,
        _taken_off(value, normal),
        reseller.name if reseller else "",
        match,
        tuple(ranked),
        "" if match else _silence(kb, kind, value, beside, ranked),
        () if match else suggest(kb, kind, value, most),
    )


def suggest(kb: KnowledgeBase, kind: str, value: str, most: int = 5) -> tuple[Suggestion, ...]:
    """Find products with a name or a domain that is spelled nearly so.

    Args:
        kb: the knowledge base.
        kind: `app_name`, `domain` or `merchant`.
        value: the handle as it was seen.
        most: how many at most.

    Returns:
        The suggestions, the likest first; each product once.
    """
    written: dict[str, tuple[str, Product]] = {}
    for product in kb.products.values():
        for name in (h for h in product.hosts) if kind == DOMAIN else (n for _, n in names_of(product)):
            written.setdefault(name if kind == DOMAIN else squash(fold(name)), (name, product))
    key = (registrable_domain(value) or fold(value)) if kind == DOMAIN else squash(_normal(kb, kind, value))
    near = process.extract(key, list(written), scorer=fuzz.ratio, limit=most * 4, score_cutoff=_NEAR)
    found: dict[str, Suggestion] = {}
    for name, likeness, _ in near:
        shown, product = written[name]
        found.setdefault(product.id, Suggestion(shown, product, round(likeness, 1)))
    return tuple(list(found.values())[:most])


def _normal(kb: KnowledgeBase, kind: str, value: str) -> str:
    if kind == DOMAIN:
        return clean_host(value) or ""
    if kind != MERCHANT:
        return normalise_name(value)
    statement = read_statement(value, kb.index.prefixes)
    return normalise_merchant(statement.body if statement.reseller else value)


def _taken_off(value: str, normal: str) -> tuple[str, ...]:
    """List the words of the handle that its normal form no longer has, in their order."""
    left = words_of(normal)
    dropped = []
    for word in words_of(fold(value)):
        if word in left:
            left.remove(word)
        else:
            dropped.append(word)
    return tuple(dropped)


def _silence(
    kb: KnowledgeBase, kind: str, value: str, beside: Sequence[Identifier], ranked: Sequence[Match]
) -> str:
    """Say in a sentence why there is no answer, by asking again under other circumstances."""
    handle = Identifier(kind, value)
    if len(ranked) > 1:
        one, other = ranked[0].product, ranked[1].product
        return f"{one.name} and {other.name} fit equally well, so neither is the answer."
    if beside:
        alone = identify(kb, [handle])
        if alone is not None:
            what = " and ".join(f"the {i.kind} {i.value!r}" for i in beside)
            return (
                f"It reads like {alone.product.name}, but {what} beside it is not its maker's: a look-alike, "
                f"or something made for it."
            )
    if kind == DOMAIN:
        return _silent_host(kb, value)
    key = squash(_normal(kb, kind, value))
    for product in kb.products.values():
        if any(squash(fold(name)) == key for _, name in names_of(product)):
            helped = identify(kb, [handle, Identifier(PUBLISHER, product.vendor)])
            if helped is not None or kind == MERCHANT:
                return (
                    f"{product.name} is an ordinary word: alone it means nothing. It counts beside its "
                    f"publisher ({product.vendor}) or a host of its own ({product.domain})."
                )
    if kind == MERCHANT:
        statement = read_statement(value, kb.index.prefixes)
        if statement.reseller is not None and not squash(statement.body):
            return f"The line names only {statement.reseller.name}, not what was bought through it."
    return "No product of the knowledge base has this name, or begins so and goes on in harmless words."


def _silent_host(kb: KnowledgeBase, value: str) -> str:
    host = clean_host(value)
    if host is None:
        return "It holds no public host name."
    shared = kb.index.shared_parent(host)
    if shared:
        return f"Several products live under {shared}, and none of them is known by this host."
    return (
        f"No product of the knowledge base owns {registrable_domain(host) or host} or a host above this one."
    )
