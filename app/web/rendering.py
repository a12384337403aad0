"""Jinja2 set up once: escaped by default, strict about unknown names, with the words of the pages."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.catalog.money import amount, counted
from app.web import words

_FOLDER = Path(__file__).parent
STATIC = _FOLDER / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def _asset_version() -> str:
    """Changes when one of our files does, so that browsers fetch it anew."""
    content = b"".join(path.read_bytes() for path in sorted(STATIC.iterdir()) if path.is_file())
    return hashlib.sha256(content).hexdigest()[:10]


_templates = Environment(
    loader=FileSystemLoader(_FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.add_extension("jinja2.ext.i18n")
_templates.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
_templates.globals.update(words=words, counted=counted, urlencode=urlencode, version=_asset_version())
_templates.filters.update(
    money=amount,
    day=words.day,
    category=words.category,
    category_pairs=lambda rows: sorted(
        ((row.name, words.category(row.name)) for row in rows), key=lambda pair: pair[1].lower()
    ),
    pairs=lambda rows: [(row.name, row.name) for row in rows],
)


def page(
    request: Request,
    template: str,
    values: Mapping[str, Any],
    *,
    status: int = 200,
    now: datetime | None = None,
) -> HTMLResponse:
    """One page, under the policy that allows no inline script and no foreign address."""
    text = _templates.get_template(template).render(
        {"request": request, "caller": None, "session": None, "now": now, **values}
    )
    return HTMLResponse(text, status_code=status, headers={"Content-Security-Policy": POLICY})
