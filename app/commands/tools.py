"""`penumbra tools` and `penumbra identify`: what was found, and what a name says."""

import csv
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa
import typer
from rich.table import Table

from app.commands.base import fail, home, out, print_json
from app.db import reading
from app.identify import default_knowledge_base, identify
from app.models import tools as table
from connectors.identifiers import APP_NAME, DOMAIN, MERCHANT, Identifier

_KINDS = {"sso_label": APP_NAME, "oauth_app": APP_NAME, "domain": DOMAIN, "merchant": MERCHANT}
_ADDED = ("predicted_name", "predicted_domain", "predicted_is_marketing", "category", "confidence", "rule")
_SHOWN = (
    "id",
    "name",
    "domain",
    "category",
    "identity",
    "evidence",
    "governance",
    "ownership",
    "audience",
    "managed",
    "shadow",
    "flagged",
    "people",
    "sources",
    "first_seen",
    "last_seen",
)


def tools(
    flagged: Annotated[bool, typer.Option("--flagged", help="Only those flagged for joint review.")] = False,
    shadow: Annotated[
        bool, typer.Option("--shadow", help="Only those in use that IT does not manage.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List the tools in the catalog, those with most people first."""
    with home() as here:
        with reading(here.engine) as connection:
            found = list_tools(connection, flagged=flagged, shadow=shadow)
        if as_json:
            print_json(found)
        else:
            print_tools(found)


def list_tools(
    connection: sa.Connection, *, flagged: bool = False, shadow: bool = False
) -> list[dict[str, Any]]:
    """The tools as `penumbra tools --json` prints them."""
    query = sa.select(*(table.c[name] for name in _SHOWN)).order_by(
        table.c.people.desc(), table.c.name, table.c.id
    )
    query = query.where(table.c.listed)
    if flagged:
        query = query.where(table.c.flagged)
    if shadow:
        query = query.where(table.c.shadow)
    return [
        {str(k): (v.isoformat() if hasattr(v, "isoformat") else v) for k, v in row.items()}
        for row in connection.execute(query).mappings()
    ]


def print_tools(found: list[dict[str, Any]]) -> None:
    """The same as a table for people."""
    shown = Table(box=None, pad_edge=False)
    for title in ("Tool", "Domain", "Category", "For", "People", "Managed by IT", "Seen in", "Last seen"):
        shown.add_column(title, justify="right" if title == "People" else "left", no_wrap=title != "Seen in")
    for tool in found:
        shown.add_row(
            tool["name"],
            tool["domain"] or "",
            tool["category"] or "",
            tool["audience"],
            str(tool["people"]),
            "yes" if tool["managed"] else "no",
            ", ".join(tool["sources"]),
            tool["last_seen"][:10],
        )
    out.print(shown if found else "Nothing yet. Read your sources: penumbra scan")


def identify_file(
    source: Annotated[Path, typer.Option("--input", help="CSV with the columns kind and value.")],
    target: Annotated[Path, typer.Option("--output", help="Where to write it, with the answers added.")],
) -> None:
    """Say for each name, domain or statement line of a CSV file which product it is.

    `kind` is sso_label, oauth_app, domain or merchant. Every other column is kept. Added columns:
    predicted_name, predicted_domain, predicted_is_marketing (0 or 1), category, confidence and rule,
    empty where nothing is known.
    """
    kb = default_knowledge_base()
    try:
        stream = source.open(newline="", encoding="utf-8-sig")
    except OSError as error:
        fail(f"{source} cannot be read: {error.strerror}")
    with stream:
        reader = csv.DictReader(stream)
        columns = list(reader.fieldnames or [])
        missing = [c for c in ("kind", "value") if c not in columns]
        if missing:
            fail(f"{source} has no column named {missing[0]}; it has: {', '.join(columns) or 'none'}")
        rows: list[dict[str, Any]] = []
        for line, row in enumerate(reader, start=2):
            kind = (row["kind"] or "").strip()
            if kind not in _KINDS:
                fail(f"{source}, line {line}: kind is {kind!r}; use one of {', '.join(_KINDS)}")
            match = identify(kb, (Identifier(_KINDS[kind], row["value"] or ""),))
            answer = dict.fromkeys(_ADDED, "")
            if match is not None:
                product = match.product
                answer = {
                    "predicted_name": product.name,
                    "predicted_domain": product.domain or "",
                    "predicted_is_marketing": "1" if product.audience == "marketing" else "0",
                    "category": product.category,
                    "confidence": f"{match.confidence:.3f}",
                    "rule": match.rule,
                }
            rows.append(dict(row) | answer)
    with target.open("w", newline="", encoding="utf-8") as written:
        writer = csv.DictWriter(
            written, [*columns, *(c for c in _ADDED if c not in columns)], extrasaction="ignore"
        )
        writer.writeheader()
        writer.writerows(rows)
    known = sum(1 for r in rows if r["predicted_name"])
    out.print(f"{known} of {len(rows)} recognised; written to {target}", markup=False)
