"""Look-up tables over the knowledge base: each handle leads to its product by one dictionary access."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cache, cached_property

from app.identify.classes import AREA, BUSINESS, CLASSES, LEGAL, PART
from app.identify.fame import is_known
from app.identify.hosts import HostTable
from app.identify.keys import company_key, company_words
from app.identify.merchants import PrefixTable
from app.identify.names import NameEntry, domain_labels, name_tiers
from app.identify.normalise import LONGEST, fold
from app.identify.records import KnowledgeBase, Product
from app.identify.words import COMPANY_WORDS, word_set

SHORTEST_CUT_NAME = 8
"""A name cut off by the card network is completed only from this many characters on."""

SHORTEST_START = 4
"""Names are kept by so many first letters; shorter ones are met as a whole word only."""

_DIGITS = 4
"""A bank prints so many digits of a card in front of the merchant."""

LONGEST_SPAN = 8
"""No name has more words."""

SHORTEST_GLUED_NAME = 6
"""A name runs on into a reference or a legal form only from this many characters on."""

_GLUED = 1 << SHORTEST_GLUED_NAME

SHORTEST_COINED_NAME = 7
"""A name resembles another only from this many characters on."""

_BEFORE_LABEL = re.compile(r"(?:get|hello|hey|join|try|use)[a-z0-9]{4,}")
_BEHIND_LABEL = re.compile(r"(?<=[a-z0-9]{4})(?:app|crm|hq|labs|software)$")
"""What makers add to a name for a domain."""

LONG_NAME = 11
"""From this many characters on a name is so much its product's own that any near one is remarkable."""

_MOST_COMPANIES = 4
_LOCAL = word_set(
    "private proprietary com io republic china korea taiwan turkey turkiye slovakia romania hungary bulgaria "
    "croatia slovenia ukraine greece philippines indonesia malaysia thailand vietnam zealand new hong kong "
    "emirates fze fzco dmcc south africa argentina chile colombia peru egypt saudi arabia"
)
"""What else a group puts behind its name for a local company, or a company called like its address."""
_FORMED = ("ing", "ings", "ers", "ery", "eries", "try", "ness", "ment", "ments", "ship", "tion", "ed")
"""How words end that English makes of others; few coined names do."""


class Index(HostTable):
    """The tables. Built once for each knowledge base; reading never changes them."""

    def __init__(self, base: KnowledgeBase) -> None:
        products = base.products.values()
        super().__init__(products, base.shared_domains, base.resellers)
        # The tables do not refer back to the base: nothing about it is a cycle.
        self.products = base.products
        self.categories = base.categories
        self.ordinary = base.ordinary_words
        self.google: dict[str, Product] = {}
        self.entra: dict[str, Product] = {}
        self.okta: dict[str, Product] = {}
        self.names: dict[str, NameEntry | None] = {}
        self._fill_ids(products)
        self._fill_names(products)
        called_so = map(self.names.get, self.tills)
        # Of the products that are called like who takes money for others.
        self.seller_ids = frozenset(e.product.id for e in called_so if e is not None and e.rule == "name")
        self.prefixes = PrefixTable(products, base.resellers)
        self._fill_starts()
        self.category_words = {code: frozenset(category.words) for code, category in base.categories.items()}

    def _fill_ids(self, products: Iterable[Product]) -> None:
        """Enter the products' ids at identity providers."""
        for product in products:
            ids = product.client_ids
            if ids.google or ids.entra:
                self.google.update((fold(i), product) for i in ids.google)
                self.entra.update((fold(i), product) for i in ids.entra)
            for key in product.okta_keys:
                self.okta[fold(key)] = product

    @cached_property
    def makers_on(self) -> dict[str, set[str]]:
        """The vendors at home on each domain that several products share."""
        found: dict[str, set[str]] = {}
        ends = tuple(self.shared)
        for product in self.products.values():
            for host in product.hosts:
                if host.endswith(ends):
                    parent = self.shared_parent(host)
                    if parent is not None:
                        found.setdefault(parent, set()).add(product.vendor)
        return found

    @cached_property
    def made_by(self) -> dict[str, set[str]]:
        """The ids of each vendor's products."""
        found: dict[str, set[str]] = {}
        for product in self.products.values():
            found.setdefault(product.vendor, set()).add(product.id)
        return found

    @cached_property
    def makers(self) -> dict[str, set[str]]:
        """The vendors that each company's name stands for, by its comparison key."""
        found: dict[str, set[str]] = {}
        for product in self.products.values():
            vendor = product.vendor
            for company in {vendor, product.owner, product.name, *product.publishers, *product.legal_names}:
                if company:
                    found.setdefault(company_key(company), set()).add(vendor)
        return found

    def _fill_names(self, products: Iterable[Product]) -> None:
        """Enter the names in order of strength; a key two products claim equally leads nowhere."""
        names = self.names
        for keys, entries in name_tiers(list(products)):
            tier: dict[str, NameEntry | None] = dict(zip(keys, entries, strict=True))
            if len(tier) < len(keys):
                for key, entry in zip(keys, entries, strict=True):
                    last = tier[key]
                    if last is not None and last.product is not entry.product:
                        tier[key] = None
            # What a stronger tier has entered stands.
            tier.update(names)
            names = tier
        names.pop("", None)
        self.names = names

    def _fill_starts(self) -> None:
        """Enter for the first letters of every name how long the names are that begin so.

        Bit n of a number stands for names of n letters, bit 0 for a name that leads nowhere.
        """
        starts: dict[str, int] = {}
        known = starts.get
        for key, entry in self.names.items():
            start = key[:SHORTEST_START]
            starts[start] = known(start, 0) | (1 << len(key) if entry is not None else 1)
        self._short = {start for start in starts if len(start) < SHORTEST_START}
        for key in self._short:
            del starts[key]
        self._short = {key for key in self._short if self.names[key] is not None}
        self.starts = starts
        self.numbers = {
            start for start, bits in starts.items() if start.isdigit() and (bits >> _DIGITS + 1 or bits & 1)
        }

    def lengths_at(self, joined: str, first: str) -> tuple[int, ...]:
        """Give how long the names are that a text may begin with, the longest first.

        Args:
            joined: the text's words without anything between them.
            first: its first word, for the few names that are shorter than what names are kept by.
        """
        found = _spelled(self.starts.get(joined[:SHORTEST_START], 0))
        if len(first) < SHORTEST_START:
            found = (*found, *(n for n in range(SHORTEST_START - 1, 0, -1) if joined[:n] in self._short))
        return found

    def lengths(self, joined: str) -> int:
        """Give how long the names are that begin as a text does: bit n for names of n letters."""
        return self.starts.get(joined[:SHORTEST_START], 0)

    def in_front(self, words: list[str], lengths: int | None = None) -> list[tuple[NameEntry, int, int]]:
        """List the names that a text begins with, the longest first.

        Args:
            words: the text's words, at least one.
            lengths: what `lengths` says of it, if that is known.

        Returns:
            What each leads to, how many words it has, and how many letters. Names end where a word does,
            or, from `SHORTEST_GLUED_NAME` on, within the first word.
        """
        found: list[tuple[NameEntry, int, int]] = []
        names, key, first = self.names, "", words[0]
        if len(first) < SHORTEST_START:
            bits = -1  # nothing is known of a short word
        else:
            bits = self.starts.get(first[:SHORTEST_START], 0) if lengths is None else lengths
        length = 0
        for at, word in enumerate(words, 1):
            key += word
            length += len(word)
            left = bits >> length
            if not left:
                break
            if left & 1:
                entry = names.get(key)
                if entry is not None:
                    found.append((entry, at, length))
        if len(found) > 1:
            found.reverse()
        if len(first) <= SHORTEST_GLUED_NAME or bits < _GLUED:  # no name runs on
            return found
        within = bits & ((1 << len(first)) - _GLUED)
        while within:
            length = within.bit_length() - 1
            within ^= 1 << length
            entry = names.get(first[:length])
            if entry is not None:
                found.append((entry, 1, length))
        return found

    def begins_with_name(self, joined: str, words: list[str]) -> bool:
        """Say whether any name stands at the front of a text, whatever follows it."""
        names = self.names
        return any(joined[:length] in names for length in self.lengths_at(joined, words[0]))

    def may_name(self, words: list[str]) -> bool:
        """Say whether any name stands anywhere in a text, as whole words: if not, no rule can read it."""
        names = self.names
        if not names.keys().isdisjoint(words):
            return True
        starts = self.starts
        for at in range(len(words) - 1):
            joined = words[at]
            if len(joined) >= SHORTEST_START:
                bits = starts.get(joined[:SHORTEST_START], 0)
                if not (bits >> len(joined) or bits & 1):
                    continue
            for word in words[at + 1 : at + LONGEST_SPAN]:
                joined += word
                if joined in names:
                    return True
        return words[-1] in self.endings and len(words) > 1

    def names_within(self, words: list[str]) -> Iterator[tuple[NameEntry, int, int]]:
        """List the names that stand anywhere in a text, each with the words it spans.

        Yields:
            The entry, the place of its first word, and the place behind its last one.
        """
        joined, names = "".join(words), self.names
        starts, total = [], 0
        for word in words:
            starts.append(total)
            total += len(word)
        places = {start: at for at, start in enumerate([*starts, total])}
        for at, start in enumerate(starts):
            for length in self.lengths_at(joined[start:], words[at]):
                entry = names.get(joined[start : start + length])
                end = places.get(start + length)
                if entry is not None and end is not None:
                    yield entry, at, end

    def makers_of(self, publisher: str) -> set[str]:
        """Give the vendors that a publisher's name stands for, its local companies included.

        Args:
            publisher: as an identity provider states it: `Intuit Canada ULC`, `Adobe Systems Inc.`

        Returns:
            The vendors; empty for an unknown publisher.
        """
        if "/" in publisher:
            parts = publisher[:LONGEST].split("/")[:_MOST_COMPANIES]
            return {maker for part in parts for maker in self.makers_of(part)}
        words, cut = company_words(publisher), 0
        while words:
            key = "".join(words)
            found = self.makers.get(key)
            entry = self.names.get(key)
            if not found and entry is not None and not entry.weak:
                return {entry.product.vendor}  # it trades under a product's other or former name
            if found or len(words) == 1:
                return found or set()
            last = words[-1]
            if not CLASSES.get(last, 0) & (AREA | PART | LEGAL) and last not in COMPANY_WORDS | _LOCAL:
                return set()
            words = words[:-1]
            cut += 2 if last in _LOCAL else 1
            if (
                cut > 1
                and len(words) == 1
                and (CLASSES.get(words[0], 0) & ~BUSINESS or self.is_ordinary(words[0]))
            ):
                return set()  # `Open as App GmbH` is no company called Open
        return set()

    def at_home(self, shared: str) -> Product | None:
        """Give the general record of the only vendor on a shared domain (`linkedin.com`), if there is one."""
        makers = self.makers_on.get(shared, ())
        return self.general(next(iter(makers))) if len(makers) == 1 else None

    def general(self, vendor: str) -> Product | None:
        """Give the record that stands for all a vendor makes: called like the vendor, or its only one."""
        made = [self.products[id_] for id_ in self.made_by.get(vendor, ())]
        if len(made) == 1:
            return made[0]
        key = company_key(vendor)
        named = [p for p in made if company_key(p.name) == key]
        named = named or [p for p in made if key in {company_key(alias) for alias in p.aliases}]
        return named[0] if len(named) == 1 else None

    def is_ordinary(self, word: str) -> bool:
        """Say whether a word is one of the language rather than coined: listed, or formed like one."""
        return word in self.ordinary or word.removesuffix("s") in self.ordinary or word.endswith(_FORMED)

    @cached_property
    def domain_labels(self) -> dict[str, Product | None]:
        """The first label of each home domain (`acmely` of acmely.com) with its product, if unique."""
        return domain_labels(self.products.values(), self.shared)

    @cached_property
    def made_up_labels(self) -> dict[str, Product]:
        """The first labels of domains to which makers added something (`getacmely`), if only one has it.

        Where nothing was added a label may be said without a domain. It is a small table on purpose: it is
        asked about nearly every text.
        """
        found: dict[str, Product] = {}
        for word, product in self.domain_labels.items():
            before, behind = _BEFORE_LABEL.match(word), _BEHIND_LABEL.search(word)
            made_up = before or (behind and not self.is_ordinary(word[: behind.start()]))
            if product is not None and made_up and word not in self.names:
                found[word] = product
        return found

    @cached_property
    def _sorted_names(self) -> list[str]:
        """The names that a cut one is completed from."""
        return sorted(
            key
            for key, entry in self.names.items()
            if len(key) >= SHORTEST_CUT_NAME and not (entry and entry.product.common_word)
        )

    @cached_property
    def coined(self) -> list[str]:
        """The names a look-alike would resemble, in a fixed order: coined, and of a product people know.

        Among ten thousand names nearly every new one stands a letter away from somebody's: only the best
        known products, those that catalogues list, and long names are worth imitating.
        """
        return sorted(
            key
            for key, entry in self.names.items()
            if entry is not None
            and not (entry.weak or entry.product.common_word)
            and (
                (
                    len(key) >= SHORTEST_COINED_NAME
                    and entry.rule in {"name", "alias"}
                    and is_known(entry.product)
                )
                or (len(key) >= LONG_NAME and entry.rule == "name")
            )
        )

    def begins_alike(self, joined: str) -> bool:
        """Say whether any name begins with the first letters of a text, given without spaces."""
        return joined[:SHORTEST_START] in self.starts

    @cached_property
    def _maker_starts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for key in self.makers:
            found[key[:SHORTEST_START]] = found.get(key[:SHORTEST_START], 0) | 1 << len(key)
        return found

    def maker_lengths(self, first: str) -> int:
        """Give as bits how long the makers' names are that a text may begin with; -1 for any length."""
        return -1 if len(first) < SHORTEST_START else self._maker_starts.get(first[:SHORTEST_START], 0)

    def completed(self, key: str) -> NameEntry | None:
        """Complete a name the card network cut off, if one maker's names alone begin with it.

        Of several products of that maker it is the one with the shortest name: least was lost.
        """
        if len(key) < SHORTEST_CUT_NAME or not self.starts.get(key[:SHORTEST_START], 0) >> len(key):
            return None
        found: NameEntry | None = None
        least = 0
        at = bisect_left(self._sorted_names, key)
        while at < len(self._sorted_names) and self._sorted_names[at].startswith(key):
            name = self._sorted_names[at]
            entry = self.names[name]
            if entry is None or (found and found.product.vendor != entry.product.vendor):
                return None
            if found is None or len(name) < least:
                found, least = entry, len(name)
            at += 1
        return found


@cache
def _spelled(bits: int) -> tuple[int, ...]:
    """List which bits of a number are set, the highest first; most are never asked for."""
    return tuple(n for n in range(bits.bit_length() - 1, 0, -1) if bits >> n & 1)
