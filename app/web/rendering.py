"""Jinja2 set up once: escaped by default, strict about unknown names, in the reader's language."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.api.state import state_of
from app.language import LANGUAGES, _, ngettext, retold
from app.security.schemas import Session
from app.web import navigation, reader, words

_FOLDER = Path(__file__).parent
STATIC = _FOLDER / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LANGUAGE = "penumbra_language"
"""The cookie with the language that a reader picked."""

SAID = "penumbra_said"
"""The cookie that carries one sentence over a redirect: what a form has just done."""


def _asset_versions() -> dict[str, str]:
    """A mark for each of our files that changes when it does, so that browsers fetch it anew."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        for path in STATIC.iterdir()
        if path.is_file()
    }


_versions = _asset_versions()


def asset(name: str) -> str:
    """The address of one of our files under `static`."""
    return f"/static/{name}?v={_versions[name]}"


def when(moment: date | datetime | None) -> str:
    """A time as people say it, with the exact one on hover: `<time …>3 days ago</time>`."""
    if moment is None:
        return Markup("<span>{}</span>").format(reader.current().relative(None))
    exact = reader.current().moment(moment)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.isoformat(), exact, reader.current().relative(moment)
    )


def form_secret(session: Session) -> str:
    """What every form of a login carries, so that no other site can send one."""
    return Markup('<input type="hidden" name="form_secret" value="{}">').format(session.form_secret)


def _moment(value: date | str | None) -> date | None:
    """A moment or a day, also as JSON writes it."""
    if not isinstance(value, str):
        return value
    return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["ext.i18n.trimmed"] = True
    # Not "newstyle": that one takes whatever `_` returns for safe HTML, a vendor's name too.
    made.install_gettext_callables(_, ngettext, newstyle=False)  # type: ignore[attr-defined]
    made.globals.update(
        words=words,
        counted=words.counted,
        urlencode=urlencode,
        asset=asset,
        form_secret=form_secret,
        languages=LANGUAGES,
    )
    made.filters.update(
        money=lambda minor, currency: reader.current().money(minor, currency),
        rounded=lambda minor, currency: reader.current().money(minor, currency, round_up=True),
        sums=lambda by_currency: reader.current().sums(by_currency, round_up=True),
        number=lambda value: reader.current().number(value),
        percent=lambda share: reader.current().percent(share),
        day=lambda moment: reader.current().day(_moment(moment)),
        month=lambda first: reader.current().month(first),
        exact=lambda moment: reader.current().moment(_moment(moment)),
        duration=lambda seconds: reader.current().duration(seconds),
        ago=lambda moment: when(_moment(moment)),
        retold=retold,
        category=words.category,
        category_pairs=lambda rows: sorted(
            ((row.name, words.category(row.name)) for row in rows), key=lambda pair: pair[1].lower()
        ),
        pairs=lambda rows: [(row.name, row.name) for row in rows],
    )
    return made


_templates = _environment()


def read_request(request: Request, now: datetime | None = None) -> reader.Reader:
    """Write for whoever sent this request, from here on."""
    found = reader.reader_of(
        request.cookies.get(LANGUAGE),
        request.headers.get("accept-language", ""),
        now or _now(request),
    )
    reader.read_by(found)
    return found


def _now(request: Request) -> datetime:
    try:
        return state_of(request).clock()
    except (AttributeError, KeyError):  # an error before the application has come up
        return datetime.now(UTC)


def page(
    request: Request,
    template: str,
    values: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    now: datetime | None = None,
) -> HTMLResponse:
    """One page, under the policy that allows no inline script and no foreign address.

    Every template also has `caller` and `session` (None if nobody is logged in), `reader`, `now`, the `menu`,
    and `said`: what a form has just done, shown once.
    """
    found = read_request(request, now)
    visitor = request.scope.get("visitor")
    caller = visitor.caller if visitor else None
    said = unquote(request.cookies.get(SAID, ""))[:500]
    text = _templates.get_template(template).render(
        {
            "request": request,
            "caller": caller,
            "session": visitor.session if visitor else None,
            "reader": found,
            "now": found.now,
            "menu": navigation.menu_for(caller),
            "said": said,
            **(values or {}),
        }
    )
    answer = HTMLResponse(text, status_code=status, headers={"Content-Security-Policy": POLICY})
    if said:
        answer.delete_cookie(SAID, path="/")
    return answer


def part(request: Request, template: str, values: Mapping[str, Any]) -> HTMLResponse:
    """A piece of a page, for the scripts that put it into one."""
    found = read_request(request)
    visitor = request.scope.get("visitor")
    text = _templates.get_template(template).render(
        {
            "request": request,
            "caller": visitor.caller if visitor else None,
            "session": visitor.session if visitor else None,
            "reader": found,
            "now": found.now,
            **values,
        }
    )
    return HTMLResponse(text, headers={"Content-Security-Policy": POLICY})


def done(request: Request, target: str, said: str = "") -> Response:
    """After a form: on to `target`, where `said` is shown once.

    Args:
        request: the form's request.
        target: an address of ours, worked out here; an address that came with the form goes through
            `access.local_path` first.
        said: a sentence on what was done.
    """
    answer = RedirectResponse(target, status_code=303)
    if said:
        answer.set_cookie(
            SAID,
            quote(said[:300]),
            max_age=60,
            path="/",
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
    return answer
