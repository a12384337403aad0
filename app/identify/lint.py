"""What must hold of every record of the knowledge base, each failing said with file, record and remedy.

This is the one place where records are checked: `penumbra kb lint` prints what it finds, the tests demand
that it finds nothing.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

from app.identify.canonical import render
from app.identify.contents import SOURCES_FILE, Contents, Entry, Finding
from app.identify.lint_owners import lint_owners, names_of
from app.identify.normalise import clean_host, fold, squash
from app.identify.records import Product
from app.identify.words import NEUTRAL_DOMAINS

HEAD_FIELDS = (
    "legal_names",
    "descriptors",
    "login_hosts",
    "tenant_hosts",
    "sending_domains",
    "asset_domains",
    "hosting_domains",
    "oauth_names",
    "former_names",
    "aliases",
    "client_ids",
    "okta_keys",
    "domains",
)
HEAD_NEEDS = 4
"""A record of the tier "head" has its price and at least so many of `HEAD_FIELDS`."""

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ENTRA_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_GOOGLE_ENDING = ".apps.googleusercontent.com"
_LISTS = (
    *("aliases", "former_names", "legal_names", "oauth_names", "domains", "login_hosts", "tenant_hosts"),
    *("sending_domains", "asset_domains", "publishers", "okta_keys", "descriptors", "guarded", "sources"),
)
_SHORTEST_DESCRIPTOR = 3


def lint(contents: Contents) -> list[Finding]:
    """Check everything in a data folder.

    Args:
        contents: the folder's contents.

    Returns:
        What is not as it must be, file by file; empty if all is well.
    """
    found = list(contents.unreadable)
    if not found:
        found.extend(_style(contents))
    for entry in contents.entries:
        found.extend(lint_record(contents, entry))
    found.extend(lint_owners(contents))
    found.extend(_small_files(contents))
    return sorted(found, key=lambda f: (f.file, f.record, f.check, f.message))


def lint_record(contents: Contents, entry: Entry) -> Iterator[Finding]:
    """Check one record by itself.

    Args:
        contents: the folder's contents, for its categories, sources, shared domains and ordinary words.
        entry: the record with its file.

    Yields:
        What is not as it must be.
    """
    product = entry.product
    checks = {
        "text": _text(product),
        "category": _category(contents, entry),
        "host": _hosts(contents, product),
        "client_id": _client_ids(product),
        "descriptor": _descriptors(product),
        "guard": _guards(contents, product),
        "head": _head(product),
        "source": _sources(contents, product),
    }
    for check, messages in checks.items():
        for message in messages:
            yield Finding(entry.file, product.id or "record without id", check, message)


def needs_guard(contents: Contents, name: str) -> bool:
    """Say whether a name is one ordinary word, with or without its accents and marks (`Café`, `M-anage`)."""
    word = fold(name)
    plain = "".join(ch for ch in unicodedata.normalize("NFKD", word) if not unicodedata.combining(ch))
    return word in contents.words or plain in contents.words or squash(plain) in contents.words


def restyled(contents: Contents) -> dict[str, str]:
    """Give the files that are not written in the one style, as they should be written.

    Returns:
        The new text by file; files with a record that cannot be read are left alone.
    """
    broken = {finding.file for finding in contents.unreadable}
    by_file: dict[str, list[Product]] = {name: [] for name in contents.texts if name not in broken}
    for entry in contents.entries:
        if entry.file in by_file:
            by_file[entry.file].append(entry.product)
    texts = {name: render(products) for name, products in by_file.items()}
    return {name: text for name, text in texts.items() if text != contents.texts[name]}


def _style(contents: Contents) -> Iterator[Finding]:
    for name in restyled(contents):
        yield Finding(name, "", "style", "is not written in the one style; run: penumbra kb lint --fix")


def _text(product: Product) -> Iterator[str]:
    if not _SLUG.fullmatch(product.id):
        yield f"the id {product.id!r} must be lower-case words joined by dashes"
    for field in ("name", "vendor"):
        if not getattr(product, field):
            yield f"{field} is empty; write it as its maker does"
    for field in ("name", "vendor", "owner"):
        yield from _clean(field, getattr(product, field))
    for field in _LISTS:
        values: Sequence[str] = getattr(product, field)
        if "" in values:
            yield f"{field} holds an empty text; take it out"
        for value in values:
            yield from _clean(field, value)
        for value, times in Counter(fold(v) for v in values).items():
            if times > 1:
                yield f"{field} says {value!r} twice; once is enough"
    for field in ("aliases", "former_names", "oauth_names"):
        if fold(product.name) in {fold(n) for n in getattr(product, field)}:
            yield f"{field} repeats the name {product.name!r}; take it out"


def _clean(field: str, value: str) -> Iterator[str]:
    # A descriptor may end in a space: there the space is part of what is printed.
    kept = value.rstrip(" ") if field == "descriptors" else value
    if kept.strip() != kept or "  " in kept or any(unicodedata.category(ch) in {"Cc", "Cf"} for ch in kept):
        yield f"{field} holds {value!r} with stray spaces or invisible characters; write it plainly"


def _category(contents: Contents, entry: Entry) -> Iterator[str]:
    folder, _, name = entry.file.partition("/")
    product, stem = entry.product, name.removesuffix(".json")
    if product.category != stem:
        yield f"its category is {product.category!r}; move it to the file of that name, or write {stem!r}"
    elif folder == "marketing" and product.category not in contents.categories:
        yield f"the landscape has no heading {product.category!r}; taxonomy.json lists them"
    elif folder == "other" and product.category in contents.categories:
        yield f"{product.category!r} is a heading of the landscape; the record belongs under marketing/"
    if folder == "other" and product.audience != "other":
        yield 'what stands under other/ has the audience "other"; a marketing tool belongs under marketing/'


def _hosts(contents: Contents, product: Product) -> Iterator[str]:
    for host in (*product.hosts, *product.hosting_domains):
        clean = clean_host(host)
        if clean is None:
            yield f"{host!r} is no host name; write it like app.example.com"
        elif clean != host:
            yield f"the host {host!r} is written {clean!r}"
    for host, times in Counter(product.hosts).items():
        if times > 1:
            yield f"the host {host!r} is listed {times} times; keep it where it fits best"
    for host in product.hosts[1:]:
        if host in contents.shared:
            yield f"{host!r} is shared by several products (shared_domains.json); list the product's own host"
        if host in NEUTRAL_DOMAINS and product.domain not in NEUTRAL_DOMAINS:
            yield f"{host!r} stands beside products of any maker; take it out"


def _client_ids(product: Product) -> Iterator[str]:
    for client in product.client_ids.entra:
        if not _ENTRA_ID.fullmatch(client):
            yield f"the Entra client id {client!r} is no GUID in lower case"
    for client in product.client_ids.google:
        if not client.endswith(_GOOGLE_ENDING) or client != client.strip().lower():
            yield f"the Google client id {client!r} must end in {_GOOGLE_ENDING}, in lower case"


def _descriptors(product: Product) -> Iterator[str]:
    for descriptor in product.descriptors:
        if len(squash(fold(descriptor))) < _SHORTEST_DESCRIPTOR and "*" not in descriptor:
            yield f"the descriptor {descriptor!r} is too short to mean one company; write more of the line"


def _guards(contents: Contents, product: Product) -> Iterator[str]:
    guarded = {squash(fold(name)) for name in product.guarded}
    bare = squash(fold(product.name))
    for what, name in names_of(product):
        key = squash(fold(name))
        if not needs_guard(contents, name) or key in guarded or (product.common_word and key == bare):
            continue
        remedy = '"common_word": true' if what == "name" else f'"guarded": ["{name}"]'
        yield f"the {what} {name!r} is an ordinary word, which alone means nothing; add {remedy}"
    # What is left of a name without "AI" or "Ltd" may need the guard as well.
    own = (*(name for _, name in names_of(product)), *product.legal_names, product.vendor)
    for name in product.guarded:
        if not any(squash(fold(known)).startswith(squash(fold(name))) for known in own):
            yield f"guarded says {name!r}, which is none of its names; write it as among them, or take it out"


def _head(product: Product) -> Iterator[str]:
    if product.tier != "head":
        return
    if not product.pricing:
        yield "a record of the tier head says its pricing; write free, free_plan or paid"
    there = [field for field in HEAD_FIELDS if _filled(product, field)]
    if len(there) < HEAD_NEEDS:
        lacking = ", ".join(field for field in HEAD_FIELDS if field not in there)
        yield (
            f"a record of the tier head has at least {HEAD_NEEDS} kinds of handles, this one {len(there)}; "
            f"take the tier out, or add of: {lacking}"
        )


def _filled(product: Product, field: str) -> bool:
    if field == "client_ids":
        return bool(product.client_ids.google or product.client_ids.entra)
    return bool(getattr(product, field))


def _sources(contents: Contents, product: Product) -> Iterator[str]:
    if not product.sources:
        yield f"it names no sources; say where the facts come from ({SOURCES_FILE} lists the ids)"
    for source in product.sources:
        if source not in contents.sources:
            known = ", ".join(sorted(contents.sources))
            yield f"the source {source!r} is not in {SOURCES_FILE}; use one of {known}, or describe it there"


def _small_files(contents: Contents) -> Iterator[Finding]:
    shared = contents.shared
    if list(shared) != sorted(set(shared)):
        yield Finding("shared_domains.json", "", "style", "is not sorted, or names a domain twice; sort it")
    for domain in shared:
        if clean_host(domain) != domain:
            yield Finding(
                "shared_domains.json", domain, "host", "is no clean host name; write it like google.com"
            )
    for reseller, times in Counter(r.id for r in contents.resellers).items():
        if times > 1:
            yield Finding(
                "resellers.json", reseller, "id", f"the id is used {times} times; give each its own"
            )
