"""The knowledge base: what a record says, and how the shipped files become one in memory.

Every file under `data/` is a reviewed list of facts. Reading is strict: an unknown key or a wrong
type stops the load with the file's name, because a fact that is silently dropped is a tool that is
silently missed.
"""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

if TYPE_CHECKING:
    from app.identify.index import Index

DATA_FOLDER = Path(__file__).with_name("data")

WORDS_FILE = "ordinary_words.txt"

Sells = Literal["software", "apps", "tickets", "meals", "anything"]
"""What a reseller sells."""

T = TypeVar("T")


class KnowledgeBaseError(ValueError):
    """A data file cannot be used; the message names the file and what to correct."""


class ClientIds(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """OAuth client ids a vendor uses for one product, the same in every customer's tenant."""

    google: tuple[str, ...] = ()
    entra: tuple[str, ...] = ()


class Product(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """One product a company can buy on its own, with every handle it is known by.

    `domain` is the registrable domain of its home; when a vendor keeps several products under that
    domain (`google.com`) the products are told apart by the other hosts. Hosts are kept by what they are
    for: `domains` further homes, `login_hosts` where customers sign in, `tenant_hosts` under which each
    customer has a name of its own (`activehosted.com`), `sending_domains` e-mail comes from,
    `asset_domains` tags, pixels and files are loaded from. Under `hosting_domains` strangers publish what
    they built themselves (`herokuapp.com`): the bare name is the product's, a name below it nobody's.
    `oauth_names` are names on consent screens
    that are no other name of the product. `owner` is the company that owns the vendor today, `pricing`
    whether there is a plan without a price, `tier` "head" for the best-known products, whose records
    are complete. `guarded` are those of its names that are ordinary words, `common_word` says the same
    of `name`: they identify nothing alone.
    """

    id: str
    name: str
    vendor: str
    domain: str
    category: str
    audience: Literal["marketing", "other"]
    aliases: tuple[str, ...] = ()
    former_names: tuple[str, ...] = ()
    legal_names: tuple[str, ...] = ()
    oauth_names: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    login_hosts: tuple[str, ...] = ()
    tenant_hosts: tuple[str, ...] = ()
    sending_domains: tuple[str, ...] = ()
    asset_domains: tuple[str, ...] = ()
    hosting_domains: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    okta_keys: tuple[str, ...] = ()
    client_ids: ClientIds = ClientIds()
    descriptors: tuple[str, ...] = ()
    owner: str = ""
    pricing: Literal["", "free", "free_plan", "paid"] = ""
    tier: Literal["", "head"] = ""
    common_word: bool = False
    guarded: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host name of the product, its home first."""
        further = self.domains + self.login_hosts + self.tenant_hosts + self.sending_domains
        return (self.domain, *further, *self.asset_domains)


class Category(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One heading of the marketing landscape; `audience` is what its products usually are.

    `words` may follow a product's name directly (`Drift Chat`); `tagline` are further words by which
    such products describe themselves, read only behind a dash or colon.
    """

    code: str
    group: str
    name: str
    audience: Literal["marketing", "other"]
    words: tuple[str, ...] = ()
    tagline: tuple[str, ...] = ()


class Reseller(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A wallet, store or merchant of record whose name on a statement says nothing about the product.

    `sells` is what can be bought through it: a merchant of record sells "software" only, an app
    store "apps", a wallet or a marketplace "anything". `names_seller` is false where the text after the
    prefix is never the maker of a cloud tool: the event of a ticket shop, the table of a restaurant till.
    """

    id: str
    name: str
    prefixes: tuple[str, ...]
    domains: tuple[str, ...] = ()
    names_seller: bool = True
    sells: Sells = "anything"


class KnowledgeBase:
    """All products with the look-up tables over them.

    Make one with `KnowledgeBase.load()`; it never changes afterwards and may be shared by threads.
    """

    def __init__(
        self,
        products: Mapping[str, Product],
        categories: Mapping[str, Category],
        resellers: tuple[Reseller, ...],
        shared_domains: frozenset[str],
        ordinary_words: frozenset[str] = frozenset(),
    ) -> None:
        self.products: Mapping[str, Product] = MappingProxyType(dict(products))
        self.categories: Mapping[str, Category] = MappingProxyType(dict(categories))
        self.resellers = resellers
        self.shared_domains = shared_domains
        self.ordinary_words = ordinary_words

    @classmethod
    def load(cls, folder: Path | None = None) -> "KnowledgeBase":
        """Read the data files.

        Args:
            folder: where `marketing/`, `other/` and the small files lie; the shipped data if None.

        Returns:
            The knowledge base, ready for `identify`.

        Raises:
            KnowledgeBaseError: a file is missing, is not what it should be, or an id appears twice.
        """
        with _uncollected():
            return cls._load(folder or DATA_FOLDER)

    @classmethod
    def _load(cls, folder: Path) -> "KnowledgeBase":
        products: dict[str, Product] = {}
        for path in sorted([*folder.glob("marketing/*.json"), *folder.glob("other/*.json")]):
            for product in read_file(path, tuple[Product, ...]):
                if product.id in products:
                    raise KnowledgeBaseError(f"{path}: the id {product.id!r} is used twice")
                products[product.id] = product
        categories = {c.code: c for c in read_file(folder / "taxonomy.json", tuple[Category, ...])}
        resellers = read_file(folder / "resellers.json", tuple[Reseller, ...])
        shared = frozenset(read_file(folder / "shared_domains.json", tuple[str, ...]))
        base = cls(products, categories, resellers, shared, read_words(folder / WORDS_FILE))
        _ = base.index
        return base

    @cached_property
    def index(self) -> "Index":
        """The look-up tables over the products, built once."""
        from app.identify.index import Index  # the index is built from records, not the other way round

        return Index(self)

    def category_name(self, product: Product) -> str:
        """Say a product's category in words: a landscape heading, or the area as it is written."""
        category = self.categories.get(product.category)
        return category.name if category else product.category.replace("-", " ")


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from walking the growing tables again and again: half the time of a load.

    What was made is set apart from what it looks at: a knowledge base has no cycles and lives as long as
    its process.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.freeze()
            gc.enable()


def read_file(path: Path, kind: type[T]) -> T:
    """Read one data file.

    Args:
        path: the file.
        kind: what it holds, `tuple[Category, ...]`.

    Returns:
        Its value.

    Raises:
        KnowledgeBaseError: the file cannot be read or holds something else; the message names it.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        raise KnowledgeBaseError(f"{path}: {error}") from error


def read_words(path: Path) -> frozenset[str]:
    """Read the file of ordinary words.

    Args:
        path: the file; lines that begin with `#` are for people.

    Returns:
        Its words.

    Raises:
        KnowledgeBaseError: the file cannot be read; the message names it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeBaseError(f"{path}: {error}") from error
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=1)
def default_knowledge_base() -> KnowledgeBase:
    """Give the shipped knowledge base, read once for each process."""
    return KnowledgeBase.load()
