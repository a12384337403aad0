"""The one way a data file is written, so that a change of a fact is a small, readable diff."""

from collections.abc import Sequence

import msgspec

from app.identify.records import Product

_HEAD = (("id", "name", "vendor"), ("domain", "category", "audience"))
_KEYS = (
    "aliases",
    "former_names",
    "legal_names",
    "oauth_names",
    "domains",
    "login_hosts",
    "tenant_hosts",
    "sending_domains",
    "asset_domains",
    "hosting_domains",
    "publishers",
    "okta_keys",
    "client_ids",
    "descriptors",
    "owner",
    "pricing",
    "tier",
    "common_word",
    "guarded",
    "sources",
)
_WIDTH = 108


def render(products: Sequence[Product]) -> str:
    """Write records as the data files hold them: sorted by id, a few lines each, no empty keys.

    Args:
        products: the records of one file, in any order.

    Returns:
        The file's text, with a line feed at the end.
    """
    return "[\n" + ",\n".join(_record(p) for p in sorted(products, key=lambda p: p.id)) + "\n]\n"


def _record(product: Product) -> str:
    fields = msgspec.to_builtins(product)
    lines = [", ".join(f'"{key}": {_json(fields[key])}' for key in row) for row in _HEAD]
    for key in _KEYS:
        if key == "client_ids":
            ids = {side: values for side, values in fields.get(key, {}).items() if values}
            if ids:
                inner = ",\n".join(f'      "{side}": {_values(v, 8)}' for side, v in ids.items())
                lines.append(f'"client_ids": {{\n{inner}\n    }}')
        elif isinstance(fields.get(key), (list, tuple)):
            lines.append(f'"{key}": {_values(fields[key], 6, len(key) + 8)}')
        elif fields.get(key):
            lines.append(f'"{key}": {_json(fields[key])}')
    return "  {\n    " + ",\n    ".join(lines) + "\n  }"


def _values(values: Sequence[str], indent: int, lead: int = 20) -> str:
    """Write a list on one line if it fits, else filled lines below the key."""
    texts = [_json(v) for v in values]
    flat = "[" + ", ".join(texts) + "]"
    if len(flat) + lead <= _WIDTH:
        return flat
    lines, line = [], ""
    for text in texts:
        if line and len(line) + len(text) + 2 + indent > _WIDTH:
            lines.append(line)
            line = ""
        line += f"{', ' if line else ''}{text}"
    lines.append(line)
    pad = " " * indent
    return "[\n" + ",\n".join(pad + part for part in lines) + "\n" + " " * (indent - 2) + "]"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
