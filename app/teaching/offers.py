"""What the catalog offers to people who teach: suggestions, and what was learned as records."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.catalog.service import live_tool
from app.identify import KnowledgeBase, Product
from app.teaching import repository
from app.teaching.handles import PRODUCT, Handle, app_handles, host_of, merchant_handles
from app.teaching.records import TaughtTool, records_of
from app.teaching.repository import Subject
from app.teaching.resolve import Book
from app.teaching.schemas import ProductOut, SuggestionOut, ToolRef
from app.teaching.suggest import Around, Known, suggest
from connectors.identifiers import APP_NAME, DOMAIN, MERCHANT


def suggestions(
    connection: Connection,
    kb: KnowledgeBase,
    *,
    tool_id: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Listing[SuggestionOut]:
    """Pairs that look like one tool, those with most reasons first; of one tool, if it is given.

    Raises:
        NotFound, Gone: there is no such tool, or it was merged away.
        Invalid: the cursor is not one of this list.
    """
    if tool_id is not None:
        live_tool(connection, tool_id)
    start = decode_cursor(cursor, "suggestions", (int,))[0] if cursor else 0
    known = _known(connection) if tool_id is None else _around(connection, kb, tool_id)
    found = suggest(known, kb, _kept_apart(repository.load_book(connection)), only=tool_id)
    names = {k.id: k.name for k in known}
    items = [
        SuggestionOut(
            tool=ToolRef(id=s.tool, name=names[s.tool]),
            other=None if s.other is None else ToolRef(id=s.other, name=names[s.other]),
            product=s.product,
            product_name=kb.products[s.product].name if s.product else None,
            score=s.score,
            reasons=list(s.reasons),
        )
        for s in found[start : start + limit]
    ]
    more = start + limit < len(found)
    return Listing(items=items, next=encode_cursor("suggestions", (start + limit,)) if more else None)


def products_named(
    connection: Connection, kb: KnowledgeBase, text: str, *, limit: int = 8
) -> list[ProductOut]:
    """Products by a name or a former one, those that are no tool of the catalog yet; the best fit first.

    Args:
        connection: a reading transaction.
        kb: the knowledge base.
        text: part of the name; nothing finds nothing.
        limit: how many at most.
    """
    wanted = " ".join(text.casefold().split())
    if not wanted:
        return []
    fits = sorted(
        (rank, len(p.name), p.name, p.id) for p in kb.products.values() for rank in _ranks(wanted, p)
    )
    found: list[ProductOut] = []
    for id_ in dict.fromkeys(id_ for *_, id_ in fits):
        if len(found) == limit:
            break
        product = kb.products[id_]
        if repository.tool_by_key(connection, f"kb:{id_}") is None:
            found.append(
                ProductOut(id=id_, name=product.name, vendor=product.vendor, category=product.category)
            )
    return found


def _ranks(wanted: str, product: Product) -> Iterator[int]:
    """How well each of a product's names fits: 0 the same, 1 begins so, 2 holds it."""
    for name in (product.name, *product.aliases, *product.former_names):
        folded = name.casefold()
        if wanted in folded:
            yield 0 if folded == wanted else 1 if folded.startswith(wanted) else 2


def _around(connection: Connection, kb: KnowledgeBase, tool_id: int) -> list[Known]:
    """A tool, and all tools that can be suggested with it: their names are looked through, and no more."""
    listed = repository.listed_tools(connection)
    (one,) = _read(connection, [row for row in listed if row.id == tool_id], {tool_id}) or (None,)
    if one is None:
        return []
    around = Around(one, kb)
    named = {
        id_
        for id_, key, name, vendor, domain in listed
        if around.reaches(name, vendor, domain, _product_of(key))
    }
    near = named | repository.tools_that_may_share(connection, around.addresses) | {tool_id}
    return _read(connection, [row for row in listed if row.id in near], near)


def _known(connection: Connection) -> list[Known]:
    return _read(connection, repository.listed_tools(connection), None)


def _product_of(key: str) -> str | None:
    return key.removeprefix("kb:") if key.startswith("kb:") else None


def _read(connection: Connection, rows: Sequence[repository.Row], ids: Collection[int] | None) -> list[Known]:
    publishers: dict[int, set[str]] = defaultdict(set)
    hosts: dict[int, set[str]] = defaultdict(set)
    for row in repository.app_traits(connection, ids):
        if row.publisher:
            publishers[row.tool_id].add(row.publisher)
        hosts[row.tool_id] |= {host_of(value) for kind, value in row.identifiers if kind == DOMAIN} - {""}
    return [
        Known(
            id=row.id,
            name=row.name,
            vendor=row.vendor,
            domain=row.domain,
            product=_product_of(row.key),
            hosts=frozenset(hosts[row.id]),
            publishers=frozenset(publishers[row.id]),
        )
        for row in rows
    ]


def _kept_apart(book: Book) -> set[tuple[int, int | str]]:
    pairs: set[tuple[int, int | str]] = set()
    for teaching in book.teachings:
        one, two = teaching.from_tool_id, teaching.to_tool_id
        if teaching.verb != "keep_apart" or one is None:
            continue
        if two is not None:
            pairs.add((min(one, two), max(one, two)))
        pairs |= {(one, handle.value) for handle, _ in teaching.learned if handle.kind == PRODUCT}
    return pairs


def learned_records(connection: Connection, kb: KnowledgeBase) -> list[Product]:
    """What people taught, as records of the knowledge base that could be added to it for everybody."""
    book = repository.load_book(connection)
    handles: dict[int, set[Handle]] = defaultdict(set)
    for handle, teaching in book.learned().items():
        if teaching.to_tool_id is not None:
            handles[book.final(teaching.to_tool_id)].add(handle)
    merged = [t.from_tool_id for t in book.teachings if t.verb == "merge" and t.from_tool_id is not None]
    ends = {book.final(tool_id) for tool_id in merged}
    shown: dict[Handle, str] = {}
    for app in repository.apps_of_tools(connection, {*handles, *ends}):
        own = app_handles(app.identifiers, app.name)
        shown |= {h: app.name for h in own if h.kind == APP_NAME}
        if app.tool_id in ends and _came_by_merge(book, own, app):
            handles[app.tool_id] |= set(own)
    for merchant in repository.merchants_of_tools(connection, {*handles, *ends}):
        own = merchant_handles(merchant.key)
        shown |= {h: merchant.name for h in own if h.kind == MERCHANT}
        if merchant.tool_id in ends and _came_by_merge(book, own, merchant):
            handles[merchant.tool_id] |= set(own)
    taught = [
        TaughtTool(
            key=row.key,
            name=row.name,
            vendor=row.vendor,
            domain=row.domain,
            category=row.category,
            audience=row.audience,
            handles=frozenset(handles[row.id]),
            shown=shown,
        )
        for row in repository.tools_by_id(connection, handles)
    ]
    return records_of(taught, kb)


def _came_by_merge(book: Book, handles: list[Handle], subject: Subject) -> bool:
    return subject.matched.tool_id != subject.tool_id and book.pin(handles, subject.matched.tool_id) is None
