"""Read single identifiers: what each one says on its own, before they are weighed together."""

import re
from typing import NamedTuple

from app.identify.describing import EVENT_WORDS
from app.identify.index import Index, NameEntry, company_key, host_of_name
from app.identify.labels import is_distinctive, read_dressed
from app.identify.merchants import Statement, name_candidates, read_statement, spoken_names
from app.identify.normalise import (
    clean_host,
    fold,
    registrable_domain,
    squash,
    strip_company,
    strip_edition,
    strip_surroundings,
    trimmed,
    without_marketplace,
    words_of,
)
from app.identify.records import Product
from app.identify.words import (
    AREAS,
    COMPANY_PARTS,
    LEGAL_FORMS,
    NEUTRAL_DOMAINS,
    PLACES,
    PLAN,
    word_set,
)

CONFIDENCE = {
    "client_id": 0.99,
    "okta_key": 0.97,
    "domain": 0.95,
    "domain_suffix": 0.94,
    "descriptor": 0.92,
    "name": 0.9,
    "publisher+name": 0.9,
    "domain+name": 0.9,
    "alias": 0.88,
    "former_name": 0.86,
    "legal_name": 0.85,
    "merchant_domain": 0.86,
    "merchant_name": 0.82,
    "titled_name": 0.84,
    "bracketed_name": 0.8,
    "name+word": 0.78,
    "leading_name": 0.72,
    "merchant_prefix": 0.65,
}
"""How sure each rule makes us when it speaks alone; signals that agree add to it."""


SHORTEST_GLUED = 7
LONGEST_GLUED_FORM = 7
GLUED_FORMS = word_set(
    "inc incorporated llc ltd limited gmbh bv sas srl corp corporation sdnbhd pteltd ptyltd oy ab plc"
)
"""Legal forms as a wallet glues them to a name of at least seven letters."""

# "Hootsuite (Acme Germany)" is an instance of Hootsuite; "Mailchimp (exporter by X)" is something else.
_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]{1,40}[)\]]$")
_TOOL_WORDS = word_set(
    "by for from to via with export exporter import importer sync backup bot plugin integration connector "
    "bridge tool tools unofficial custom migration scraper clone"
)


class Clue(NamedTuple):
    """What one identifier says: a product by a rule. A weak clue counts only with a second signal."""

    product: Product
    rule: str
    weak: bool
    detail: str


class HostReading(NamedTuple):
    """A domain identifier read: a product's host, a vendor's shared domain, or somebody else's."""

    clue: Clue | None
    shared: str | None
    foreign: str | None


_NOTHING = HostReading(None, None, None)


def read_host(index: Index, value: str) -> HostReading:
    """Read a `domain` identifier."""
    host = clean_host(value)
    if host is None or _under(host, NEUTRAL_DOMAINS) or _under(host, index.reseller_hosts):
        return _NOTHING
    hit = index.host(host)
    if hit is not None:
        product, exact = hit
        return HostReading(Clue(product, "domain" if exact else "domain_suffix", False, host), None, None)
    shared = index.shared_parent(host)
    if shared is not None:
        return HostReading(None, shared, None)
    return HostReading(None, None, registrable_domain(host) or host)


def read_name(index: Index, label: str) -> list[Clue]:
    """Read an `app_name` identifier: the exact name first, then without what surrounds it."""
    folded = fold(label)
    names = index.names
    key = squash(folded)
    weak: Clue | None = None
    entry = names.get(key)
    if entry is not None:
        clue = _clue(entry, label)
        if not clue.weak:
            return [clue]
        weak = clue
    host = host_of_name(folded)
    if host is not None:
        clue = read_host(index, host).clue
        if clue is not None:
            return [clue]
    shorter = without_marketplace(folded)
    for candidate in trimmed(folded) if shorter == folded else trimmed(folded) + trimmed(shorter):
        entry = names.get("".join(candidate))
        if entry is not None and not entry.weak:
            return [_clue(entry, label)]
    named = names.get(squash(_BRACKETS.sub(" ", folded))) if folded[-1:] in ")]" else None
    if named is not None and not named.weak and not _TOOL_WORDS.intersection(words_of(folded)):
        return [_clue(named, label)]
    words = strip_surroundings(folded)
    for candidate in dict.fromkeys((tuple(words), tuple(strip_edition(words)))):
        found = _read_words(index, list(candidate), label)
        if found is not None and not found.weak:
            return [found]
        weak = weak or found
    dressed = read_dressed(index, folded)
    if dressed is not None:
        clue = Clue(dressed.product, dressed.rule, dressed.weak, label)
        if not clue.weak:
            return [clue]
        weak = weak or clue
    return [weak] if weak else []


def read_okta_key(index: Index, key: str) -> Clue | None:
    """Read an `okta.app_key`: a listed key, else a key that is a product's name or its domain's label.

    Okta makes its catalogue keys of the product's name (`acmely`, `acme_board`), sometimes with the
    sign-on behind it. A key that is an ordinary word needs a second signal.
    """
    folded = fold(key)
    product = index.okta.get(folded)
    if product is not None:
        return Clue(product, "okta_key", False, key)
    for words in trimmed(folded):
        name = "".join(words)
        entry = index.names.get(name)
        if entry is not None and entry.rule in {"name", "alias", "former_name"}:
            return Clue(entry.product, "okta_key", entry.weak or entry.product.common_word, key)
        product = index.domain_labels.get(name)
        if product is not None:
            return Clue(product, "okta_key", product.common_word, key)
    return None


def _read_words(index: Index, words: list[str], label: str) -> Clue | None:
    """Try a name's words as they are, as a company, as a domain with the dot lost, with a product word."""
    entry = index.names.get("".join(words))
    if entry is not None and not entry.weak:
        return _clue(entry, label)
    weak = _clue(entry, label) if entry else None
    company = strip_company(words)
    if len(company) < len(words):
        legal = index.names.get("".join(company))
        if legal is not None:
            return Clue(legal.product, "legal_name", False, label)
    if len(words) >= 2:
        dotted = _dotted(index, words)
        if dotted is not None:
            return Clue(dotted, "domain", False, label)
        worded = _with_product_word(index, words, label)
        if worded is not None:
            return worded
    return weak


def _dotted(index: Index, words: list[str]) -> Product | None:
    """Read `Apollo IO` as apollo.io: the last word must complete a listed domain."""
    if len(words) > 3 or len(words[-1]) > 4:
        return None
    return index.hosts.get(f"{''.join(words[:-1])}.{words[-1]}")


def _with_product_word(index: Index, words: list[str], label: str) -> Clue | None:
    """Read `Drift Chat`: a name and then a word of the product's own category."""
    entry = index.names.get("".join(words[:-1]))
    if entry is None or entry.rule not in {"name", "alias"}:
        return None
    allowed = index.category_words.get(entry.product.category, frozenset())
    return Clue(entry.product, "name+word", False, label) if words[-1] in allowed else None


def _clue(entry: NameEntry, detail: str) -> Clue:
    return Clue(entry.product, entry.rule, entry.weak, detail)


def read_merchant(index: Index, descriptor: str) -> list[Clue]:
    """Read a `merchant` identifier: vendor prefix, then domain, then name, then a name cut off."""
    statement = read_statement(descriptor, index.prefixes)
    if statement.product is not None:
        return [Clue(statement.product, "descriptor", False, descriptor)]
    if statement.reseller is not None and not statement.reseller.names_seller:
        return []
    clue = _merchant_name(index, statement, descriptor)
    if clue is not None and not clue.weak:
        return [clue]
    if clue is None and statement.reseller is None:
        clue = _described(index, descriptor)
        if clue is not None:
            return [clue]
    for host in statement.hosts:
        seen = read_host(index, host).clue
        if seen is not None and (clue is None or clue.product is seen.product):
            return [Clue(seen.product, "merchant_domain", False, descriptor)]
    return [clue] if clue else []


def _described(index: Index, descriptor: str) -> Clue | None:
    """Read a merchant that a person typed in: a coined name, then what it is (`Acmely podcast hosting`)."""
    folded = fold(descriptor)
    dressed = read_dressed(index, folded) if EVENT_WORDS.isdisjoint(words_of(folded)) else None
    if dressed is None or dressed.weak or dressed.rule == "bracketed_name":
        return None
    return Clue(dressed.product, dressed.rule, False, descriptor)


def _merchant_name(index: Index, statement: Statement, descriptor: str) -> Clue | None:
    whole = squash(statement.body)
    if not whole:
        return None
    entry = index.names.get(whole)
    if entry is not None and not entry.weak:
        return Clue(entry.product, "merchant_name", False, descriptor)
    if statement.reseller is not None:
        sold = _sold(index, statement)
        if sold is not None:
            return Clue(sold, "merchant_prefix", False, descriptor)
    heads = [*spoken_names(statement.body), statement.body]
    if "*" in statement.body:
        # `CANVA*04412`: before an unknown star stands the merchant, behind it the payment.
        heads.append(statement.body.split("*", 1)[0])
    weak: Clue | None = _merchant(entry, descriptor) if entry else None
    for head in heads:
        candidates = name_candidates(head)
        for words in candidates[:-1]:
            entry = index.names.get("".join(words))
            if entry is not None and not entry.weak:
                return Clue(entry.product, "merchant_name", False, descriptor)
        words = candidates[-1]
        found = _company_words(index, words, head, descriptor)
        if found is not None and not found.weak:
            return found
        weak = weak or found
        found = _cut_off(index, words, head, statement, descriptor)
        if found is not None:
            return found
    return weak


def _sold(index: Index, statement: Statement) -> Product | None:
    """Read what stands behind a reseller: an ordinary word too, if that one sells nothing but software.

    A wallet glues the legal form to the name and cuts both (`ACMELYSDN`): that is read as well.
    """
    words = strip_company(name_candidates(statement.body)[-1])
    key = "".join(words)
    entry = index.names.get(key)
    if entry is not None and statement.reseller is not None and statement.reseller.sells == "software":
        return entry.product
    for size in range(1, min(len(key) - SHORTEST_GLUED, LONGEST_GLUED_FORM) + 1) if len(words) == 1 else ():
        entry = index.names.get(key[:-size])
        if entry is not None and is_distinctive(entry, [key[:-size]]):
            return entry.product if any(f.startswith(key[-size:]) for f in GLUED_FORMS) else None
    return None


def _company_words(index: Index, words: list[str], head: str, descriptor: str) -> Clue | None:
    """Try the words of a statement line as a name, then without legal form and payment plan."""
    weak: Clue | None = None
    entry = index.names.get("".join(words))
    if entry is not None:
        if not entry.weak or _legal_form_follows(words, head):
            return Clue(entry.product, "merchant_name", False, descriptor)
        weak = Clue(entry.product, "merchant_name", True, descriptor)
    if len(words) >= 2:
        dotted = _dotted(index, words)
        if dotted is not None:
            return Clue(dotted, "merchant_domain", False, descriptor)
    company = strip_company(words)
    shorter = list(company)
    while len(shorter) > 1 and (shorter[-1] in PLAN or shorter[-1] in PLACES):
        shorter.pop()
    for candidate in (company, shorter):
        if len(candidate) == len(words):
            continue
        entry = index.names.get("".join(candidate))
        if entry is not None and (not entry.weak or len(company) < len(words)):
            return Clue(entry.product, "merchant_name", False, descriptor)
    split = _split_in_two(index, words) or _local_company(index, words)
    if split is not None:
        return Clue(split, "merchant_name", False, descriptor)
    worded = _with_product_word(index, words, descriptor) if len(words) >= 2 else None
    return worded or weak


def _split_in_two(index: Index, words: list[str]) -> Product | None:
    """Read a name that a legal form or a second name of the same product ends (`ODOO INC RAMILLIES`)."""
    for cut in range(1, min(len(words), 5)):
        entry = index.names.get("".join(words[:cut]))
        if entry is None or entry.weak:
            continue
        if words[cut] in LEGAL_FORMS:
            return entry.product
        second = index.names.get("".join(words[cut:]))
        if second is not None and second.product is entry.product:
            return entry.product
    return None


def _local_company(index: Index, words: list[str]) -> Product | None:
    """Read the local company of a coined name's maker (`ACMELY EUROPE LTD LONDON`, `ACMELY GERMANY ULM`).

    Between the name and the legal form stand countries, regions and parts of a group; where no legal
    form is printed, a country or region behind the name closes it.
    """
    form = next((at for at in range(1, len(words)) if words[at] in LEGAL_FORMS), None)
    if form is not None:
        head = words[:form]
    else:
        area = next((at for at in range(1, len(words)) if words[at] in AREAS), None)
        if area is None:
            return None
        head = words[:area]
    while head:
        entry = index.names.get("".join(head))
        if entry is not None and is_distinctive(entry, head):
            return entry.product
        if len(head) == 1 or (head[-1] not in AREAS and head[-1] not in COMPANY_PARTS):
            return None
        head = head[:-1]
    return None


def _legal_form_follows(words: list[str], head: str) -> bool:
    """Say whether the word right behind the name in the raw text is a legal form (`DRIFT INC`)."""
    following = words_of(head)[len(words) : len(words) + 1]
    return bool(following) and following[0] in LEGAL_FORMS


def _cut_off(index: Index, words: list[str], head: str, statement: Statement, descriptor: str) -> Clue | None:
    """Complete a name the network cut at 22 or 25 characters, or a wallet at about 12."""
    at_limit = len(head) >= 20 or len(descriptor.strip()) in {22, 25}
    if not (statement.processed or at_limit or "http" in head):
        return None
    entry = index.completed("".join(words))
    return Clue(entry.product, "merchant_prefix", False, descriptor) if entry else None


def _merchant(entry: NameEntry, descriptor: str) -> Clue:
    return Clue(entry.product, "merchant_name", entry.weak, descriptor)


def sells_no_software(index: Index, descriptor: str) -> bool:
    """Say whether a statement line is a ticket or a meal: no other text of that payment names a tool."""
    reseller = read_statement(descriptor, index.prefixes).reseller
    return reseller is not None and reseller.sells in {"tickets", "meals"}


def _under(host: str, domains: object) -> bool:
    """Say whether a host is one of the domains or lies under one."""
    while host:
        if host in domains:  # type: ignore[operator]
            return True
        host = host.partition(".")[2]
    return False


def publisher_products(index: Index, value: str) -> set[str]:
    """Give the ids of the products a publisher is known to make; empty for an unknown publisher."""
    return index.publishers.get(company_key(value), set())
