"""Read a card-statement line: whose name stands at its front, and whether all behind it is explained.

Only the front is looked at: banks and processors put the merchant first, once their own words are off.
The longest name that the line begins with is taken, and then every word behind it must be something
that follows a merchant (a legal form, a place, a reference, a plan, what the product does). What is
left over makes it another merchant: `SLACK TIDE BAR` is a bar.
"""

import re
from itertools import accumulate

from app.identify.classes import CLASSES, NOISE
from app.identify.clue import Clue
from app.identify.clues import read_host
from app.identify.cut_names import (
    FEW_LETTERS,
    NEARLY_CUT,
    SHORTEST_LONE_CUT,
    SHORTEST_SOLD,
    completed,
    cut_anywhere,
    sold_by,
)
from app.identify.front_names import named, named_elsewhere
from app.identify.hints import NO_HINTS, Hints, for_software
from app.identify.index import SHORTEST_GLUED_NAME, SHORTEST_START, Index, NameEntry
from app.identify.leftover import all_end_a_line, explained
from app.identify.merchants import Statement, hosts_in, read_statement, spoken_names, statement_words
from app.identify.normalise import LONGEST, fold, squash, words_of
from app.identify.records import Product
from app.identify.sellers import is_seller, of_store, seller_itself, through_seller
from app.identify.standing_out import bank_words_end, outstanding
from app.identify.titled_lines import titled
from app.identify.trade_words import SHOP_WORDS
from app.identify.words import word_set
from app.identify.worn_lines import RUN_ON_ENDS, may_be_two, rewritten, segments

_DIGITS = 4
_CARD = 8  # so many characters have a bank's word and the four digits of a card at least
_LIMITS = frozenset({22, 25})
_CODES = word_set("dri cba ubq sqc")
_SHORTEST_FIRST, _LONGEST_NAME = 4, 4
_LONGEST_CODE = 6  # its star included
_CODE = 3
"""Processors' codes of so many letters that run into the client's name where their star gets lost."""
_SPOKEN = word_set("dba doing trading formerly fka aka d t f")
_CUT_URL = re.compile(r"https?:?/*(?:www\.?)?([a-z0-9-]+)(?:\.[a-z]{0,2})?(?=\s|$)")
"""A printed address that the line's end cut, behind its name or in it: `ACMELY HTTPSACMELY. CA`."""
_SHORTEST_CUT_LABEL = 6
_BY_NAME = ("merchant_name", "supported_name")
_BY_A_NAME = ("merchant_name", "outstanding")


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
        return seller_itself(index, statement, reseller, descriptor)
    clue = None
    if len(descriptor) >= len(statement.text) + _CARD:
        clue = _numbered(index, statement, descriptor)
    clue = clue or _front(index, statement, descriptor)
    if clue is None or clue.weak:
        clue = _further(index, statement, descriptor, clue)
    if clue is not None and clue.rule in _BY_A_NAME and is_seller(index, clue.product):
        clue = through_seller(index, clue, statement_words(statement.text))
    if clue is None or hints is NO_HINTS:
        return clue
    return _weighed(clue, for_software(hints))


def _further(index: Index, statement: Statement, descriptor: str, clue: Clue | None) -> Clue | None:
    """Read a line whose front names nothing, or too weakly, by what else stands on it."""
    if clue is None and statement.reseller is None:
        clue = titled(index, descriptor, statement.text)
    body = statement.body
    if (clue is None or clue.weak) and "." in body:
        for host in hosts_in(body):
            seen = read_host(index, host).clue
            if seen is None or not (
                clue.product is seen.product if clue else _leads(index, seen.product, host, body)
            ):
                continue
            return Clue(seen.product, "merchant_domain", False, descriptor)
    if clue is None and descriptor[:1] in "uUnNiIeE":
        clue = _transferred(index, statement, descriptor)
    if clue is None:
        return _unforeseen(index, statement, descriptor)
    if clue.weak and "http" in body:
        cut = _CUT_URL.search(body)
        label = clue.product.domain.partition(".")[0]
        if cut is not None and (
            cut[1] == label or (len(cut[1]) >= _SHORTEST_CUT_LABEL and label.startswith(cut[1]))
        ):
            return Clue(clue.product, "merchant_domain", False, descriptor)
    return clue


def _unforeseen(index: Index, statement: Statement, descriptor: str) -> Clue | None:
    """Read a line that no rule foresaw: behind any words of banks or a code, or by a name that stands out."""
    pieces = statement.text.split()
    end = bank_words_end(pieces) if len(pieces) > 1 else 0
    behind = read_statement(" ".join(pieces[end:]), index.prefixes) if end else None
    if behind is not None and behind.reseller is not None and not behind.reseller.names_seller:
        return None  # it sells others' software and says not what
    if statement.reseller is None:
        clue = _behind_bank_words(index, pieces, behind, end, descriptor) if behind is not None else None
        if clue is None and statement.body[:_CODE] in _CODES:
            clue = _behind_code(index, statement, descriptor)
        if clue is None and "*" in statement.text[1:_LONGEST_CODE]:
            clue = _behind_star(index, statement, descriptor)
        if clue is not None:
            return clue
    elif statement.reseller.sells != "software":
        return None  # behind a wallet stand shops
    entry = outstanding(index, statement.body, statement_words(statement.body))
    return Clue(entry.product, "outstanding", False, descriptor) if entry is not None else None


def _behind_bank_words(
    index: Index, pieces: list[str], behind: Statement, end: int, descriptor: str
) -> Clue | None:
    """Read a line behind the bank's words that stand in front, whatever wrapper they make.

    A name may itself begin with such a word (`PAYMENT TO PAY THEORY`), if it is written so.

    Args:
        index: the look-up tables.
        pieces: the words of the line.
        behind: what stands behind all of the bank's words.
        end: how many those are.
        descriptor: the whole line, for the clue.
    """
    for at in range(end, 0, -1):
        inner = behind if at == end else read_statement(" ".join(pieces[at:]), index.prefixes)
        if inner.reseller is not None and not inner.reseller.names_seller:
            return None
        words = statement_words(inner.body)
        # `TO A WEBER` and `DO LIST` are joined to no name.
        short = at < end or (words and len(words[0]) < _SHORTEST_FIRST and words[0] not in index.names)
        if not words or (short and not _begins_as_written(index, words)):
            continue
        if inner.product is not None:
            return _prefixed(index, inner, inner.product, descriptor)
        found = _front(index, inner, descriptor)
        if found is not None and not found.weak:
            return found
    return None


def _begins_as_written(index: Index, words: list[str]) -> bool:
    """Say whether a text begins with a name of several words that is written in as many (`PAY THEORY`)."""
    for size in range(2, min(len(words), _LONGEST_NAME) + 1):
        entry = index.names.get("".join(words[:size]))
        if entry is not None and words_of(fold(entry.written))[:size] == words[:size]:
            return True
    return False


def _behind_code(index: Index, statement: Statement, descriptor: str) -> Clue | None:
    """Read a name into which a processor's code runs, the star being lost (`driacmely`)."""
    words = statement_words(statement.body)
    words[0] = words[0][_CODE:]
    if len(words[0]) < SHORTEST_GLUED_NAME - 1 or index.is_ordinary(words[0]):
        return None
    found = named(index, words, descriptor, cut=False)
    return found if found is not None and not found.weak else None


def _behind_star(index: Index, statement: Statement, descriptor: str) -> Clue | None:
    """Read a coined name, or a vendor's own prefix, behind the star of a processor nobody knows.

    A word before the star is no code: it says what the merchant is (`YOGA*ACMELY`).
    """
    code, _, rest = statement.text.partition("*")
    if not code.isalnum() or not rest or code in SHOP_WORDS or code in CLASSES or index.is_ordinary(code):
        return None
    inner = read_statement(rest, index.prefixes)
    if inner.product is not None:
        return _prefixed(index, inner, inner.product, descriptor)
    words = statement_words(inner.body)
    found = named(index, words, descriptor, cut=False, dressed=False) if inner.reseller is None else None
    if found is None or found.weak or found.product.common_word or len(words[0]) < SHORTEST_GLUED_NAME:
        return None
    sold = squash(fold(found.product.name)) in index.sellers
    return None if sold or index.is_ordinary(words[0]) else found


def _numbered(index: Index, statement: Statement, descriptor: str) -> Clue | None:
    """Read a name that begins with four digits, which behind a bank's words look like a card's."""
    before = -len(statement.text) - 1
    plain = descriptor.isascii() and len(descriptor) <= LONGEST and not descriptor[-1].isspace()
    if plain and descriptor[before - _DIGITS : before] not in index.numbers:
        return None  # as below, where nothing is folded away
    folded = fold(descriptor)
    number = folded[before - _DIGITS : before]
    if number not in index.numbers or not folded.endswith(f" {number} {statement.text}"):
        return None
    found = named(index, [number, *statement_words(statement.body)], descriptor, cut=False)
    return found if found is not None and not found.weak else None


def _leads(index: Index, product: Product, host: str, body: str) -> bool:
    """Say whether no other merchant stands before a printed host (`JACQUIE LAWSON.COM` is not lawson.com)."""
    words = words_of(body.partition(host)[0])
    entry = index.names.get(words[0]) if words else None
    if entry is not None and entry.product is product:
        return True  # `ACMELY WEB SERV* ACMELY.IO`
    return all_end_a_line(words)


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
    if software is False and (
        clue.rule == "outstanding" or (clue.product.common_word and clue.rule in _BY_NAME)
    ):
        return None
    return clue


def _front(index: Index, statement: Statement, descriptor: str) -> Clue | None:
    body = statement.body
    words = statement_words(body)
    if not words:
        return None
    joined = "".join(words)
    lengths = index.starts.get(joined[:SHORTEST_START], 0)
    # Whether it may begin with a name, or be the beginning of one: most lines that name nothing do not.
    short = len(words[0]) < SHORTEST_START
    alike = lengths or short
    weak: Clue | None = None
    if lengths >> len(joined) & 1 or short:
        entry = index.names.get(joined)
        if entry is not None and not entry.weak:
            return Clue(entry.product, "merchant_name", False, descriptor)
        weak = Clue(entry.product, "merchant_name", True, descriptor) if entry else None
    if not _SPOKEN.isdisjoint(words) or " - " in body:
        for spoken in spoken_names(body):
            found = named(index, statement_words(spoken), descriptor, cut=False)
            if found is not None and not found.weak:
                return found
    if body[-1] == "." and len(words) > 1:
        words = words[:-1]  # a printed host, cut behind its first dot
        joined = "".join(words)
    found: Clue | None = None
    reseller = statement.reseller
    fronts = index.in_front(words, lengths) if alike else None
    if fronts:
        entry, at, length = fronts[0]
        if (
            not entry.weak
            and (at > 1 or length == len(words[0]))
            and all_end_a_line(words[at:])
            and words[at - 1] != "and"
        ):
            return Clue(entry.product, "merchant_name", False, descriptor)  # as most lines are
        at_limit = len(body) >= NEARLY_CUT or len(descriptor.strip()) in _LIMITS
        found = named(index, words, descriptor, cut=at_limit, dressed=reseller is None, fronts=fronts)
        if found is not None and not found.weak:
            return found
    if reseller is not None:
        own = of_store(index, statement, words) if reseller.sells == "apps" else None
        if own is not None:
            return Clue(own, "merchant_name", False, descriptor)
        begun = fronts or short or lengths >> SHORTEST_SOLD & 1
        sold = sold_by(index, statement, words) if begun else None
        if sold is not None:
            return Clue(sold, "merchant_prefix", False, descriptor)
    if found is None and len(words) > 1:
        found = named_elsewhere(index, body, words, descriptor)
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
    return any(map(may_be_two, words)) or "trial" in body or "http" in body


def _cut_short(index: Index, statement: Statement, words: list[str], joined: str) -> Product | None:
    """Complete a name that a network, a wallet or the line's end left the beginning of."""
    body = statement.body
    if all(CLASSES.get(w, 0) & NOISE for w in words):
        return None  # `ACMEPAY *SUBSCRIPTION` names nothing
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
        found = named(index, statement_words(text), descriptor, cut=False, dressed=dressed)
        if found is not None and not found.weak:
            return found
        weak = weak or found
    return weak


def _transferred(index: Index, statement: Statement, descriptor: str) -> Clue | None:
    """Read a transfer that says between dashes or strokes who is paid (`UPI/DR/4077/ACMELY/BANK`)."""
    for text in segments(descriptor, statement.text):
        found = named(index, statement_words(text), descriptor, cut=False, dressed=False)
        if found is not None and not found.weak and not is_seller(index, found.product):
            return found
    return None


def sells_no_software(index: Index, descriptor: str) -> bool:
    """Say whether a statement line is a ticket or a meal: no other text of that payment names a tool."""
    reseller = read_statement(descriptor, index.prefixes).reseller
    return reseller is not None and reseller.sells in {"tickets", "meals"}
