"""Read a card-statement line: whose name stands at its front, and whether all behind it is explained.

Only the front is looked at: banks and processors put the merchant first, once their own words are off.
The longest name that the line begins with is taken, and then every word behind it must be something
that follows a merchant (a legal form, a place, a reference, a plan, what the product does). What is
left over makes it another merchant: `SLACK TIDE BAR` is a bar.
"""

import re
from itertools import accumulate

from app.identify.beside import is_distinctive, is_famous
from app.identify.classes import CLASSES, EVENT, LEGAL, NOISE
from app.identify.clue import Clue
from app.identify.clues import read_host
from app.identify.cut_names import (
    FEW_LETTERS,
    GLUED_FORMS,
    NEARLY_CUT,
    SHORTEST_LONE_CUT,
    SHORTEST_SOLD,
    completed,
    cut_anywhere,
    sold_by,
)
from app.identify.hints import NO_HINTS, Hints, for_software
from app.identify.index import SHORTEST_GLUED_NAME, SHORTEST_START, Index, NameEntry
from app.identify.labels import read_dressed
from app.identify.leftover import ends_a_line, explained
from app.identify.merchants import Statement, hosts_in, read_statement, spoken_names, statement_words
from app.identify.normalise import LONGEST, fold, squash, words_of
from app.identify.records import Product, Reseller
from app.identify.words import LEGAL_FORMS, word_set
from app.identify.worn_lines import RUN_ON_ENDS, rewritten, segments

SHORTEST_WITH_STAR = 8
_LONGEST_PART = 3
"""So many letters has a part of a product that its maker prints before the star."""
_LONGEST_COMPANY = 4
_FEWEST_WITH_COMPANY = 2
_DIGITS = 4
_CARD = 8
"""A bank's word and the four digits of a card have at least so many characters."""
_LIMITS = frozenset({22, 25})
_GLUED_WORDS = GLUED_FORMS | word_set(
    "annual business enterprise invoice membership monthly plus premium pro product subscription subscr team "
    "teams trial yearly"
)
_SELLERS = word_set(
    "adyen avangate braintree chargebee cleverbridge fastspring fsprg gocardless gumroad klarna mollie "
    "paddle paddlenet recurly stripe"
)
"""Who takes the money for others, as clerks write it without the star."""
_SPOKEN = word_set("dba doing trading formerly fka aka d t f")
_TITLED = re.compile(r"[:|()\[\]–—]|\s-|\b(?:by|for)\b", re.IGNORECASE)
_CUT_URL = re.compile(r"https?:?/*(?:www\.?)?([a-z0-9-]+)(?=\.?(?:\s|$))")
"""A printed address that the line's end cut behind its name: `ACMELY HTTPSACMELY. CA`."""
_BY_NAME = ("merchant_name", "supported_name")


def read_merchant(index: Index, descriptor: str, hints: Hints = NO_HINTS) -> Clue | None:
    """Read a `merchant` identifier: a vendor's own prefix, then a name at the front, then a printed host.

    Args:
        index: the look-up tables.
        descriptor: the raw line.
        hints: how the charge is filed.

    Returns:
        The clue; a weak one is an ordinary word that nothing on the line supports. None if the line
        names no product.
    """
    statement = read_statement(descriptor, index.prefixes)
    if statement.product is not None:
        return _prefixed(index, statement, statement.product, descriptor)
    reseller = statement.reseller
    if reseller is not None and not reseller.names_seller:
        return _seller_itself(index, statement, reseller, descriptor)
    clue = None
    if len(descriptor) >= len(statement.text) + _CARD:
        clue = _numbered(index, statement, descriptor)
    clue = clue or _front(index, statement, descriptor)
    if clue is None or clue.weak:
        clue = _further(index, statement, descriptor, clue)
    if clue is None or hints is NO_HINTS:
        return clue
    return _weighed(clue, for_software(hints))


def _further(index: Index, statement: Statement, descriptor: str, clue: Clue | None) -> Clue | None:
    """Read a line whose front names nothing, or too weakly, by what else stands on it."""
    if clue is None and statement.reseller is None:
        clue = _described(index, descriptor)
    body = statement.body
    if (clue is None or clue.weak) and "." in body:
        for host in hosts_in(body):
            seen = read_host(index, host).clue
            if seen is None or not (clue.product is seen.product if clue else _leads(host, body)):
                continue
            return Clue(seen.product, "merchant_domain", False, descriptor)
    if clue is None:
        return _transferred(index, statement, descriptor) if descriptor[:1] in "uUnNiIeE" else None
    if clue.weak and "http" in body:
        cut = _CUT_URL.search(body)
        if cut is not None and cut[1] == clue.product.domain.partition(".")[0]:
            return Clue(clue.product, "merchant_domain", False, descriptor)
    return clue


def _seller_itself(index: Index, statement: Statement, reseller: Reseller, descriptor: str) -> Clue | None:
    """Read a seller of tickets that bills for itself: `EB EVENTSHOP INVOICE` is no ticket."""
    words = statement_words(statement.body)
    entry = index.names.get(words[0]) if len(words) > 1 else None
    if entry is None or entry.weak or not all(CLASSES.get(w, 0) & NOISE for w in words[1:]):
        return None
    own = fold(reseller.name).startswith(fold(entry.product.name))
    return Clue(entry.product, "merchant_name", False, descriptor) if own else None


def _numbered(index: Index, statement: Statement, descriptor: str) -> Clue | None:
    """Read a name that begins with four digits, which behind a bank's words look like a card's."""
    before = -len(statement.text) - 1
    if descriptor.isascii() and descriptor[before - _DIGITS : before] not in index.numbers:
        if not descriptor[-1].isspace() and len(descriptor) <= LONGEST:
            return None  # as below, where nothing is folded away
    folded = fold(descriptor)
    number = folded[before - _DIGITS : before]
    if number not in index.numbers or not folded.endswith(f" {number} {statement.text}"):
        return None
    found = _named(index, [number, *statement_words(statement.body)], descriptor, cut=False)
    return found if found is not None and not found.weak else None


def _leads(host: str, body: str) -> bool:
    """Say whether no merchant stands before a printed host (`JACQUIE LAWSON.COM` is not lawson.com)."""
    return all(map(ends_a_line, words_of(body.partition(host)[0])))


def _prefixed(index: Index, statement: Statement, product: Product, descriptor: str) -> Clue:
    """Take a vendor's own prefix, unless a longer name of that vendor stands there (`GOOGLE APPS SCRIPT`)."""
    if statement.after[:1] == " " and any(map(str.isalpha, statement.after)):
        words = statement_words(statement.body)
        joined = "".join(words)
        ends = set(accumulate(map(len, words)))
        shortest = len(joined) - len(squash(statement.after))
        for length in index.lengths_at(joined, words[0]):
            entry = index.names.get(joined[:length])
            if entry is None or entry.weak or length <= shortest or length not in ends:
                continue
            if entry.product.vendor in {product.vendor, product.owner}:
                return Clue(entry.product, "merchant_name", False, descriptor)
    return Clue(product, "descriptor", False, descriptor)


def _weighed(clue: Clue, software: bool | None) -> Clue | None:
    """Let the way a charge is filed support an ordinary word, or tell that it is another trade's."""
    if software is True and clue.weak:
        return Clue(clue.product, "supported_name", False, clue.detail)
    if software is False and clue.product.common_word and clue.rule in _BY_NAME:
        return None
    return clue


def _described(index: Index, descriptor: str) -> Clue | None:
    """Read a merchant that a person typed in: a coined name, then what it is (`Acmely podcast hosting`)."""
    start = descriptor[:SHORTEST_START]
    if start.isalnum() and start.isascii() and not index.begins_alike(start.lower()):
        return None  # no name begins so, whatever follows
    if not _may_be_titled(descriptor.lower()) or _TITLED.search(descriptor) is None:
        return None
    folded = fold(descriptor)
    words = words_of(folded)
    if len(words) < 2 or not index.begins_with_name("".join(words), words):
        return None
    if any(CLASSES.get(w, 0) & EVENT for w in words):
        return None
    dressed = read_dressed(index, descriptor, folded, words)
    if dressed is None or dressed.weak or dressed.rule == "bracketed_name":
        return None
    return Clue(dressed.product, dressed.rule, False, descriptor)


def _may_be_titled(low: str) -> bool:
    """Say whether a line has a character or a word of a title: cheaper than to look where it stands."""
    return (
        "-" in low or ":" in low or "by" in low or "for" in low or "|" in low or "(" in low or ")" in low
        or "[" in low or "]" in low or "–" in low or "—" in low
    )  # fmt: skip


def _front(index: Index, statement: Statement, descriptor: str) -> Clue | None:
    body = statement.body
    words = statement_words(body)
    if not words:
        return None
    joined = "".join(words)
    lengths = index.lengths(joined)
    # Whether it may begin with a name, or be the beginning of one: most lines that name nothing do not.
    alike = lengths or len(words[0]) < SHORTEST_START
    weak: Clue | None = None
    if alike and (lengths >> len(joined) & 1 or len(words[0]) < SHORTEST_START):
        entry = index.names.get(joined)
        if entry is not None and not entry.weak:
            return Clue(entry.product, "merchant_name", False, descriptor)
        weak = Clue(entry.product, "merchant_name", True, descriptor) if entry else None
    if not _SPOKEN.isdisjoint(words) or " - " in body:
        for spoken in spoken_names(body):
            found = _named(index, statement_words(spoken), descriptor, cut=False)
            if found is not None and not found.weak:
                return found
    if body[-1] == "." and len(words) > 1:
        words = words[:-1]  # a printed host, cut behind its first dot
        joined = "".join(words)
    found: Clue | None = None
    reseller = statement.reseller
    fronts = index.in_front(words) if alike else None
    if fronts:
        at_limit = len(body) >= NEARLY_CUT or len(descriptor.strip()) in _LIMITS
        found = _named(index, words, descriptor, cut=at_limit, dressed=reseller is None, fronts=fronts)
        if found is not None and not found.weak:
            return found
    if reseller is not None:
        own = _of_store(index, statement, words) if reseller.sells == "apps" else None
        if own is not None:
            return Clue(own, "merchant_name", False, descriptor)
        sold = sold_by(index, statement, words) if alike else None
        if sold is not None:
            return Clue(sold, "merchant_prefix", False, descriptor)
    if found is None and len(words) > 1:
        found = _named_elsewhere(index, body, words, joined, descriptor)
        if found is not None and not found.weak:
            return found
    weak = weak or found
    if weak is None and alike:
        cut = _cut_short(index, statement, words, joined)
        if cut is not None:
            return Clue(cut, "merchant_prefix", False, descriptor)
    if weak is not None:
        return weak
    if words[0] in index.made_up_labels and "." not in body:
        at_home = _at_home(index, words)
        if at_home is not None:
            return Clue(at_home, "label", False, descriptor)
    lengths = index.lengths(joined) if alike else 0
    if not lengths:
        return None
    if len(words) > 1 and lengths >> len(joined):
        cut = cut_anywhere(index, words)
        if cut is not None:
            return Clue(cut, "merchant_prefix", False, descriptor)
    if not fronts and not _may_run_on(words, body):
        return None
    return _worn(index, statement, descriptor)


def _may_run_on(words: list[str], body: str) -> bool:
    """Say whether a line that begins with no name may begin with one once words are taken apart."""
    if not (words[0].endswith(RUN_ON_ENDS) or words[-1].endswith(RUN_ON_ENDS)):
        return False
    for word in words:
        if word.endswith(RUN_ON_ENDS) and not word.isdigit():
            return True
    return " trial" in body


def _cut_short(index: Index, statement: Statement, words: list[str], joined: str) -> Product | None:
    """Complete a name that a network, a wallet or the line's end left the beginning of."""
    body = statement.body
    if len(body) >= NEARLY_CUT or statement.processed or "http" in body:
        product = completed(index, words, joined, statement.processed)
        if product is not None:
            return product
    if len(words) == 1 and len(words[0]) >= SHORTEST_LONE_CUT:
        nearly = index.completed(words[0])
        if nearly is not None and len(squash(fold(nearly.written))) <= len(words[0]) + FEW_LETTERS:
            return nearly.product
    return None


def _at_home(index: Index, words: list[str]) -> Product | None:
    """Read a line that begins with the label of a product's own domain (`GETACMELY 8005551234 CA`)."""
    product = index.made_up_labels[words[0]]
    entry = NameEntry(product, "name", False, words[0])
    found = explained(index, entry, words[:1], words[1:], cut=False, dressed=False)
    return product if found is not None and not found[1] else None


def _worn(index: Index, statement: Statement, descriptor: str) -> Clue | None:
    """Read a line that nobody could read in the other ways it may have been meant."""
    weak: Clue | None = None
    dressed = statement.reseller is None
    for text in rewritten(statement.body):
        found = _named(index, statement_words(text), descriptor, cut=False, dressed=dressed)
        if found is not None and not found.weak:
            return found
        weak = weak or found
    return weak


def _transferred(index: Index, statement: Statement, descriptor: str) -> Clue | None:
    """Read a transfer that says between dashes or strokes who is paid (`UPI/DR/4077/ACMELY/BANK`)."""
    for text in segments(descriptor, statement.text):
        found = _named(index, statement_words(text), descriptor, cut=False, dressed=False)
        if found is not None and not found.weak:
            return found
    return None


def _named(
    index: Index,
    words: list[str],
    descriptor: str,
    *,
    cut: bool,
    dressed: bool = True,
    fronts: list[tuple[NameEntry, int, int]] | None = None,
) -> Clue | None:
    """Find the longest name in front whose remaining words are explained; else the longest weak one."""
    if not words:
        return None
    weak: Clue | None = None
    if fronts is None:
        fronts = index.in_front(words)
    for entry, at, length in fronts:
        if at == 1 and length < len(words[0]) and not _runs_on(entry, words[0], length):
            continue
        if at > 1 and words[at - 1] == "and" and words_of(fold(entry.written))[-1] != "and":
            continue  # `RIVERS & CO` does not begin with Riversand
        reading = explained(index, entry, words[:at], words[at:], cut=cut, dressed=dressed)
        if reading is None:
            continue
        rule, is_weak = reading
        if not is_weak:
            return Clue(entry.product, rule, False, descriptor)
        weak = weak or Clue(entry.product, rule, True, descriptor)
    return weak


def _named_elsewhere(index: Index, body: str, words: list[str], joined: str, descriptor: str) -> Clue | None:
    """Read a name before a star nobody knows, said twice, or behind its maker (`INTUIT LTD MAILCHIMP`)."""
    if words[0] in _SELLERS:
        found = _named(index, words[1:], descriptor, cut=False, dressed=False)
        if found is not None and not found.weak and not found.product.common_word:
            return found
    if body.find("*", 1) > 0:
        front = statement_words(body.partition("*")[0])
        found = _named(index, front, descriptor, cut=False, dressed=False)
        if found is not None and not found.weak:
            return found
        entry = index.names.get(front[0]) if len(front) == len(("name", "part")) else None
        if entry is not None and len(front[1]) <= _LONGEST_PART and is_famous(entry, front[:1]):
            return Clue(entry.product, "merchant_prefix", False, descriptor)  # `ACMELY SN *6108`
    if words[0] == words[1]:
        return _named(index, words[1:], descriptor, cut=False)
    if len(words) > _FEWEST_WITH_COMPANY and not LEGAL_FORMS.isdisjoint(words):
        found = _behind_company(index, words, descriptor)
        if found is not None:
            return found
    lengths = index.maker_lengths(joined, words[0])
    if not lengths:
        return None
    for end in range(min(3, len(words) - 1), 0, -1):
        maker = "".join(words[:end])
        makers = index.makers.get(maker) if lengths >> len(maker) & 1 else None
        if not makers:
            continue
        rest = words[end:]
        while len(rest) > 1 and CLASSES.get(rest[0], 0) & LEGAL:
            rest = rest[1:]
        found = _named(index, rest, descriptor, cut=False)
        if found is not None and found.product.vendor in makers:
            return found.but(rule="merchant_name")
    return None


def _behind_company(index: Index, words: list[str], descriptor: str) -> Clue | None:
    """Read a coined name behind the company that nobody knows as its maker (`NORTHWIND GMBH ACMELY ULM`)."""
    for at in range(1, min(_LONGEST_COMPANY, len(words) - 1)):
        if CLASSES.get(words[at], 0) & LEGAL:
            found = _named(index, words[at + 1 :], descriptor, cut=False, dressed=False)
            if found is None or found.weak or found.product.common_word:
                return None
            return found if len(found.product.name) >= SHORTEST_GLUED_NAME else None
    return None


def _runs_on(entry: NameEntry, word: str, length: int) -> bool:
    """Say whether a name runs on into a reference or a legal form (`DROPBOX8H3BF9F4L6NH`, `ACMELYINC`)."""
    tail = word[length:]
    if length < SHORTEST_GLUED_NAME or not is_distinctive(entry, [word[:length]]):
        return False
    return _is_glued(tail, length) or tail.isdigit() or (len(tail) >= 6 and sum(map(str.isdigit, tail)) >= 2)


def _is_glued(tail: str, length: int) -> bool:
    """Say whether what a name runs on into is legal forms and words of a plan or a bill (`GMBHBUSINESS`).

    One letter that a star left may stand before a word, behind a long name (`ACMELYVIEWVPRODUCT`).
    """
    if tail in _GLUED_WORDS:
        return True
    for word in _GLUED_WORDS:
        if tail.startswith(word) and _is_glued(tail[len(word) :], 0):
            return True
    return length >= SHORTEST_WITH_STAR and len(tail) > SHORTEST_SOLD and tail[1:] in _GLUED_WORDS


def _of_store(index: Index, statement: Statement, words: list[str]) -> Product | None:
    """Read what a store makes itself, called with the store's name in front (`BIGSHOP *DRIVE`)."""
    front = words_of(statement.text.removesuffix(statement.body))
    for end in range(min(len(words), _LONGEST_COMPANY), 0, -1):
        entry = index.names.get("".join([*front, *words[:end]])) if front else None
        if entry is not None and not entry.weak:
            found = explained(index, entry, [*front, *words[:end]], words[end:], cut=False, dressed=False)
            return entry.product if found is not None and not found[1] else None
    return None


def sells_no_software(index: Index, descriptor: str) -> bool:
    """Say whether a statement line is a ticket or a meal: no other text of that payment names a tool."""
    reseller = read_statement(descriptor, index.prefixes).reseller
    return reseller is not None and reseller.sells in {"tickets", "meals"}
