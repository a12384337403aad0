"""Read a card-statement line: take off what banks and payment processors wrap round the merchant.

The order matters. A vendor's own prefix (`GOOGLE *ADS`, `INTUIT *MAILCHIMP`) is looked for before a
processor's (`GOOGLE *`, `PAYPAL *`), or the vendor would be cut away with the wrapper.
"""

import re
from collections.abc import Iterable, Iterator

import msgspec

from app.identify.bank_words import without_bank_words
from app.identify.legal_forms import join_legal_forms, strip_company, without_foreign_forms
from app.identify.normalise import LONGEST, fold, is_noise, is_reference, squash, words_of
from app.identify.records import Product, Reseller
from app.identify.words import AREAS, BILLING, LEGAL_FORMS, PLACES, VAGUE_FORMS

_NEAR_END = 3
"""A legal form that is also a word is believed if at most so many words remain, itself among them."""

_LEAD, _LONG_LEAD = 3, 5
"""Prefixes are kept by so many first characters, the longer ones by more; none is shorter."""

SHORTEST_GLUED_RESELLER = 8
"""A reseller's name from this length on may run on into its client's (`AVANGATEACMELY.COM`)."""

SHORTEST_INNER_PREFIX = 6
"""A prefix with its star is met behind words that nobody knows from this many letters before the star on."""

SHORTEST_WORD = 5
"""A vendor's prefix from this length on is told from its star being lost; shorter ones need the star."""

_STAR = re.compile(r"\s*\*+\s*")
_DOMAIN = re.compile(r"(?:https?:?/*)?(?:www\.)?((?:[a-z0-9][a-z0-9-]*\.)+[a-z]{2,})(?=[/\s*]|$)")
_ENDING = re.compile(r"\.[a-z][a-z]")
"""What each of them has: cheaper to look for."""
_PHONE = re.compile(r"(?<!\w)\+?\(?\d{3}\)?[\s.-]\d{3}[\s.-]?\d{4}\b|\b\d{3}-\d{6,8}\b|\+\d[\d\s-]{7,}")
_GLUED_URL = re.compile(r"https?:?/*(?:www\.?)?")
_DBA = re.compile(
    r"[\s,(]+(?:d\s?/?\s?b\s?/?\s?a|d\.b\.a\.?|doing\s+business\s+as|trading\s+as|t/as?|f/?k/?a|formerly)[\s:]+"
)
_DASHED = re.compile(r"\s+[-–—|]\s+")
_MARKS = re.compile(r"[*/:#]+")
_OTHER_HOME = re.compile(r"\.(?!(?:ai|app|co|com|io|net|org)\b)([a-z]{2,})(?![a-z])")
"""What makes a vendor's prefix the name of another's home (`ACMELY.TV`)."""
_SAID = re.compile(r"\bmerchant name ?: ?(?=\S)")
"""Before it stands the bank's line, behind it the merchant that the bank's customer is shown."""


class Statement(msgspec.Struct, frozen=True, gc=False):
    """A statement line taken apart; every text is folded.

    `text` is the line without the bank's words, `body` what stands behind a reseller's prefix (the same
    as `text` without one), `processed` whether a reseller cut the name, `after` what follows a vendor's
    own prefix.
    """

    text: str
    body: str
    reseller: Reseller | None
    product: Product | None
    processed: bool
    after: str = ""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host names printed on the line."""
        return hosts_in(self.body)


def prefix_forms(
    products: Iterable[Product], resellers: Iterable[Reseller]
) -> Iterator[tuple[str, Product | Reseller]]:
    """List every way each statement prefix is printed, with its owner; vendors after resellers.

    Where a vendor prints what a reseller prints too, the vendor says more.
    """
    for reseller in resellers:
        for pattern in reseller.prefixes:
            yield from ((text, reseller) for text in _forms(pattern, False))
    for product in products:
        for pattern in product.descriptors:
            for text in _forms(pattern, True):
                if not (product.common_word and "*" in pattern and _is_bare_word(text, product.name)):
                    yield text, product


_Owner = Product | Reseller


class PrefixTable:
    """Statement prefixes of vendors and resellers, found longest first.

    A pattern that ends in `#` is followed by a digit (`ADS#` is met in `ADS3407900941`).
    """

    def __init__(self, products: Iterable[Product], resellers: Iterable[Reseller]) -> None:
        # Whose each prefix is, and whose with a number behind it.
        self._owners: dict[str, tuple[_Owner | None, _Owner | None]] = {}
        for text, owner in prefix_forms(products, resellers):
            start = text.removesuffix("#")
            plain, numbered = self._owners.get(start, (None, None))
            self._owners[start] = (owner, numbered) if start is text else (plain, owner)
        lengths: dict[str, set[int]] = {}
        for text in self._owners:
            lead = _LONG_LEAD if len(text) >= _LONG_LEAD else _LEAD
            lengths.setdefault(text[:lead], set()).add(len(text))
        self._lengths = {lead: tuple(sorted(found, reverse=True)) for lead, found in lengths.items()}
        self._leads = frozenset(lead[:_LEAD] for lead in lengths)

    def find(self, text: str) -> tuple[str, _Owner] | None:
        """Give the longest prefix `text` starts with, and whose it is; the cut must fall on an edge."""
        start = text[:_LEAD]
        if start not in self._leads:
            return None
        found = None
        lengths = self._lengths.get(text[:_LONG_LEAD])
        if lengths is not None:
            found = self._of_lengths(text, lengths)
        if found is None:
            lengths = self._lengths.get(start)
            if lengths is not None:
                found = self._of_lengths(text, lengths)
        return found

    def _of_lengths(self, text: str, lengths: tuple[int, ...]) -> tuple[str, _Owner] | None:
        """Look for a prefix of one of the lengths, which come in order."""
        for length in lengths:
            start = text[:length]
            if start not in self._owners:
                continue
            owner, numbered = self._owners[start]
            if numbered is not None and text[length : length + 1].isdigit():
                return start, numbered
            if owner is None:
                continue
            if start[-1] in "* " or _ends_on_edge(start, text[length:]):
                return start, owner
            if length >= SHORTEST_GLUED_RESELLER and isinstance(owner, Reseller):
                return start, owner
        return None


def read_statement(descriptor: str, table: PrefixTable) -> Statement:
    """Take a statement line apart.

    Args:
        descriptor: the raw line, `CHECKCARD 0821 PAYPAL *RESCUETIME 4029357733 CA`.
        table: the prefixes of vendors and resellers.

    Returns:
        The parts; `product` is set if a vendor's own prefix was recognised.
    """
    text = unwrap(descriptor)
    found = table.find(text)
    if found is None and "*" not in text:
        return Statement(text, text, None, None, False)
    reseller: Reseller | None = None
    body, processed = text, False
    for _ in range(3):  # a wallet may stand before a merchant of record before the vendor
        if body is not text:
            found = table.find(body)
        elif found is None:
            body = _from_inner_prefix(text, table)
            found = table.find(body) if body is not text else None
        if found is None:
            break
        prefix, owner = found
        if isinstance(owner, Product):
            return Statement(text, body, reseller, owner, processed, body[len(prefix) :])
        reseller, processed = owner, True
        body = body[len(prefix) :].strip(" *-/.:")
        if "." in body:
            body = _without_own_host(body, owner)
        if not owner.names_seller:
            break
    return Statement(text, body, reseller, None, processed)


def _from_inner_prefix(text: str, table: PrefixTable) -> str:
    """Give a line from a prefix with its star on that stands behind a bank's words nobody knows.

    `ZAPLACONO KARTA FACEBK*AB12CD` says where the bank's words end; a short prefix (`SQ*`) does not, if
    no name of the vendor belongs to it (`DNH*GODADDY`).
    """
    head = text.partition("*")[0]
    at = head.rfind(" ") + 1
    if not at:
        return text
    found = table.find(text[at:])
    if found is None or not found[0].startswith(f"{head[at:]}*"):
        return text
    whole = len(head) - at if isinstance(found[1], Reseller) else len(found[0])
    return text[at:] if whole >= SHORTEST_INNER_PREFIX else text


def _without_own_host(body: str, reseller: Reseller) -> str:
    """Take the reseller's own address off the end, with a place: `ACMELY FSPRG.COM CA`, `ACMELY "
    "G.CO/HELP#`."""
    words = body.split()
    for at in range(len(words) - 1, 0, -1):
        host = words[at].partition("/")[0]
        if "." in host and host in reseller.domains:
            return " ".join(words[:at])
        if words[at] not in PLACES:
            break
    return body


def unwrap(descriptor: str) -> str:
    """Fold a statement line and take the bank's own words off its front."""
    plain = descriptor.isascii() and len(descriptor) <= LONGEST
    text = descriptor.lower().strip() if plain else without_foreign_forms(fold(descriptor))
    if "  " in text or not text.isprintable():
        text = _tidy(text)
    elif "*" in text:  # as `_tidy` does, where no other blanks than single spaces are
        text = _STAR.sub("*", text) if "**" in text else text.replace(" *", "*").replace("* ", "*")
    if "merchant name" in text:
        text = _SAID.split(text)[-1]
    text = without_bank_words(text)
    if "." in text:
        if text.startswith("www."):
            text = text[4:] or text
        return join_legal_forms(text)
    # What has none of these holds no legal form of several words.
    return join_legal_forms(text) if "/" in text or " o" in text or "sp z" in text else text


def statement_words(body: str) -> list[str]:
    """Split a statement text into its words; the `https` that a processor glues in front goes."""
    if "http" in body:
        body = _GLUED_URL.sub(" ", body)
    words = words_of(body)
    return words[1:] if words and words[0] == "www" and len(words) > 1 else words


def hosts_in(text: str) -> tuple[str, ...]:
    """List the host names in a folded statement text, in order."""
    if "." not in text or _ENDING.search(text) is None:
        return ()
    return tuple(match.group(1) for match in _DOMAIN.finditer(text))


def name_candidates(body: str) -> list[list[str]]:
    """List the ways to read a statement text as a name, the longest first.

    Phone numbers and addresses' marks are gone from all of them; payment words, places and numbers are
    taken off the end one by one, so that a name that ends in such a word (`Act-On`) is met on the way.
    The first word always stays: a merchant may well be called by a number or a place.
    """
    text = _PHONE.sub(" ", body) if any(ch.isdigit() for ch in body) else body
    text = _GLUED_URL.sub(" ", text) if "http" in text else text
    raw = [w for w in _MARKS.sub(" ", text).split() if squash(w)]
    if not raw:
        return [words_of(body)]
    pieces = [words_of(word) for word in raw]
    found = [_flat(pieces)]
    last = len(raw)
    while last > 1 and _is_tail(raw[last - 1]):
        last -= 1
        found.append(found[-1][: len(found[-1]) - len(pieces[last])])
    words = [w for at, w in enumerate(found[-1]) if at == 0 or not _is_inner_reference(w)]
    found.append(words)
    while len(words) > 1 and is_noise(words[-1]):
        words = words[:-1]
        found.append(words)
    return found


def spoken_names(body: str) -> list[str]:
    """List what a company says it is called: behind `dba`, `trading as`, `t/a`, and behind a dash.

    Of `X DBA Y` first Y, then X; of a bill by `X Inc - Y` or for a `Subscription - Y` also Y. Empty for an
    ordinary line.
    """
    parts = _DBA.split(body, maxsplit=1)
    if len(parts) == 2:
        return [part.strip(" ,-()") for part in reversed(parts) if part.strip(" ,-()")]
    parts = [part for part in _DASHED.split(body) if part]
    if len(parts) != 2:
        return []
    front = words_of(parts[0])
    if not LEGAL_FORMS.isdisjoint(front) or all(word in BILLING for word in front):
        return [parts[1]]
    return []


def name_words(body: str) -> list[str]:
    """Split what is left of a statement line into words, without phone numbers and payment words."""
    return name_candidates(body)[-1]


def normalise_merchant(descriptor: str) -> str:
    """Reduce a statement line to the merchant's name, without knowing any vendor.

    Args:
        descriptor: `PURCHASE 0102 ACME TOOLS INC 8005551234 CA`.

    Returns:
        Folded words joined by one space: `acme tools`.
    """
    return " ".join(company_name(unwrap(descriptor)))


def company_name(body: str) -> list[str]:
    """Give the words by which a stranger's company is called, without legal form, part of the world, place.

    Args:
        body: a statement text after `unwrap`, or what stands behind a reseller's prefix.
    """
    for spoken in spoken_names(body):
        body = spoken
        break
    words = name_candidates(body)[0]
    for at in range(1, len(words)):
        form = words[at]
        if form in LEGAL_FORMS and (form not in VAGUE_FORMS or len(words) - at <= _NEAR_END):
            words = words[:at]
            while len(words) > 1 and (words[-1] in AREAS or words[-1] in LEGAL_FORMS):
                words = words[:-1]
            return _without_numbers(words)
    return strip_company(name_words(body))


def _without_numbers(words: list[str]) -> list[str]:
    return [w for at, w in enumerate(words) if at == 0 or not _is_inner_reference(w)]


def _flat(pieces: list[list[str]]) -> list[str]:
    return [part for words in pieces for part in words]


def _is_inner_reference(word: str) -> bool:
    """Say whether a word in the middle is a payment's number; short numbers belong to names (`365`)."""
    return is_reference(word) and not (word.isdigit() and len(word) < 5)


def _is_tail(word: str) -> bool:
    bare = squash(word)
    return is_noise(bare) or "@" in word or (len(bare) <= 1)


def _forms(pattern: str, vendor: bool) -> tuple[str, ...]:
    """List the ways a prefix is printed: some acquirers turn a vendor's star into a space or drop it."""
    text = _tidy(fold(pattern)) + (" " if pattern.endswith(" ") else "")
    head, star, tail = text.partition("*")
    if not vendor or not star:
        return (text,)
    if not tail:
        return (text, head) if len(head) >= SHORTEST_WORD else (text,)
    return (text, f"{head} {tail}", head + tail)


def _is_bare_word(text: str, name: str) -> bool:
    """Say whether a prefix that lost its star is only an ordinary word, or `DR NORTON`, who is a doctor."""
    return "*" not in text and text.split()[-1:] == [squash(fold(name))] and len(text.split()) < 3


def _ends_on_edge(pattern: str, rest: str) -> bool:
    """Say whether a prefix may end here: not inside a word, and a single word not before other words.

    `SLACK T0123` is Slack; `SLACK TIDE BAR` is a bar.
    """
    if rest[:1].isalpha():
        glued = words_of(rest)[0]
        return len(pattern) > SHORTEST_WORD and len(glued) >= 8 and is_reference(glued)
    if rest[:1] == "'" or rest[:1] == "’":
        return False  # `ACMELY'S PIZZERIA`
    if rest[:1] != " " or not pattern.isalnum():
        home = _OTHER_HOME.match(rest) if pattern.isalnum() else None
        return home is None or home[1] in LEGAL_FORMS or home[1] in BILLING  # `ACMELY.LTD`
    for host in hosts_in(rest)[:1]:  # `SLACK T0123 SLACK.COM`, but not `SLACK TIDE BAR.COM`
        rest = rest.partition(host)[0]
    return all(is_noise(w) or len(w) == 1 for w in words_of(rest))


def _tidy(text: str) -> str:
    if "  " in text or "\t" in text or "\n" in text or "\r" in text:
        text = " ".join(text.split())
    if "*" in text and ("* " in text or " *" in text or "**" in text):
        if text.count("*") > 1:
            return _STAR.sub("*", text)
        head, _, tail = text.partition("*")
        return f"{head.rstrip()}*{tail.lstrip()}"
    return text
