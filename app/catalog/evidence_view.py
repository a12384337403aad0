"""A tool's timeline in words: what was seen, when, where, and why it counts for this tool."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import Connection

from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.catalog import repository, timeline
from app.catalog.money import amount
from app.catalog.person_schemas import PersonRef
from app.catalog.schemas import EvidenceKind, EvidenceOut
from app.catalog.service import describe_all, live_tool
from app.catalog.timeline import Moment
from app.catalog.veiled import person_ref
from app.errors import Invalid
from app.language import N_, _, count, figure, listing, retold
from app.security.privacy import Veil

_SIGN_ON = {
    "saml": N_("people sign in through it (SAML)"),
    "oidc": N_("people sign in through it (OpenID Connect)"),
    "ws_federation": N_("people sign in through it (WS-Federation)"),
    "password": N_("it fills in a stored password"),
    "bookmark": N_("only a link on the start page"),
    "consent": N_("it appears because somebody allowed it to act for them"),
}
_CHARGE = {
    "pending": N_("A charge of %(sum)s that has not cleared yet by “%(merchant)s”"),
    "posted": N_("A charge of %(sum)s by “%(merchant)s”"),
    "refund": N_("A refund of %(sum)s by “%(merchant)s”"),
    "declined": N_("A charge of %(sum)s that was declined by “%(merchant)s”"),
    "void": N_("A charge of %(sum)s that was taken back by “%(merchant)s”"),
}


def tool_evidence(
    connection: Connection, tool_id: int, *, veil: Veil, cursor: str | None = None, limit: int = 50
) -> Listing[EvidenceOut]:
    """The timeline of a tool, the latest first.

    Raises:
        NotFound: there is no such tool.
        Gone: it was merged into another one.
        Invalid: the cursor is not one of this list.
    """
    live_tool(connection, tool_id)
    found = timeline.moments(connection, tool_id, _before(cursor), limit + 1)
    page = found[:limit]
    following = encode_cursor("evidence", tuple(page[-1])) if len(found) > limit else None
    return Listing(items=_Writer(connection, page, veil).lines(), next=following)


def _before(cursor: str | None) -> Moment | None:
    if not cursor:
        return None
    at, kind, id_ = decode_cursor(cursor, "evidence", (datetime, str, int))
    if kind not in set(EvidenceKind):
        raise Invalid(
            _("This is not a cursor that was given out here: begin again without it."), code="bad_cursor"
        )
    return Moment(at, EvidenceKind(kind), id_)


class _Writer:
    """Fetches what the lines of one page need, one query a kind, and writes them."""

    def __init__(self, connection: Connection, page: Sequence[Moment], veil: Veil) -> None:
        self._page = page
        self._veil = veil
        ids = {kind: sorted({m.id for m in page if m.kind is kind}) for kind in EvidenceKind}
        days = [m.at.astimezone(UTC).date() for m in page if m.kind is EvidenceKind.SIGN_IN]
        self._consents = timeline.consent_rows(connection, ids[EvidenceKind.CONSENT])
        self._grants = timeline.grant_rows(connection, ids[EvidenceKind.GRANT])
        self._expenses = timeline.expense_rows(connection, ids[EvidenceKind.EXPENSE])
        self._assigned = timeline.assignment_rows(connection, ids[EvidenceKind.ASSIGNMENT])
        self._sign_ins = timeline.sign_in_rows(connection, ids[EvidenceKind.SIGN_IN], days)
        app_ids = {
            *ids[EvidenceKind.APP],
            *ids[EvidenceKind.ASSIGNMENT],
            *ids[EvidenceKind.SIGN_IN],
            *(row.app_id for row in self._consents.values()),
            *(row.app_id for row in self._grants.values()),
        }
        self._apps = timeline.app_rows(connection, sorted(app_ids))
        rows = [*self._consents.values(), *self._grants.values(), *self._expenses.values()]
        accounts = sorted({row.account_id for row in rows if row.account_id is not None})
        people = repository.people_by_id(connection, accounts)
        self._people = {row.account_id: person_ref(row, veil) for row in people}
        self._names = {row.account_id: row.person_name for row in people}

    def lines(self) -> list[EvidenceOut]:
        """The page's lines, in its order."""
        write: dict[EvidenceKind, Callable[[Moment], dict[str, Any]]] = {
            EvidenceKind.APP: self._app,
            EvidenceKind.ASSIGNMENT: self._assignment,
            EvidenceKind.SIGN_IN: self._sign_in,
            EvidenceKind.CONSENT: self._consent,
            EvidenceKind.GRANT: self._grant,
            EvidenceKind.EXPENSE: self._expense,
        }
        return [
            EvidenceOut.model_validate(
                {"kind": m.kind, "id": m.id, "at": m.at, "person": None, "gone_at": None, **write[m.kind](m)}
            )
            for m in self._page
        ]

    def _of_app(self, app_id: int) -> dict[str, Any]:
        app = self._apps[app_id]
        return {
            "app": app.name,
            "source": app.source,
            "rule": app.rule,
            "confidence": app.confidence,
            "why": app.why,
            "app_id": app.id,
            "merchant_id": None,
            "first_seen": app.first_seen,
            "last_seen": app.last_seen,
        }

    def _app(self, moment: Moment) -> dict[str, Any]:
        app = self._apps[moment.id]
        how = _SIGN_ON.get(app.sign_on)
        where = _("listed in") if app.listed else _("named in")
        text = _("“%(name)s” is %(where)s %(source)s", name=app.name, where=where, source=app.source) + (
            f": {_(how)}" if how else ""
        )
        detail = {
            "sign_on": app.sign_on,
            "provisioning": app.provisioning,
            "risks": app.risks,
            **self._veil.plain(app.facts),
        }
        return {**self._of_app(app.id), "text": text + ".", "gone_at": app.gone_at, "detail": detail}

    def _assignment(self, moment: Moment) -> dict[str, Any]:
        row = self._assigned[moment.id]
        parts = (
            [count(row.people, "%(num)s person", "%(num)s people")] if row.people or not row.groups else []
        )
        parts += [count(row.groups, "%(num)s group", "%(num)s groups")] if row.groups else []
        text = _("Given to %(parts)s", parts=listing(parts))
        if row.self_assigned:
            text += count(
                row.self_assigned,
                "; %(num)s person added it by themselves",
                "; %(num)s people added it by themselves",
            )
        detail = {name: getattr(row, name) for name in ("people", "groups", "via_group", "self_assigned")}
        seen = {"first_seen": row.first_seen, "last_seen": row.last_seen}
        return {**self._of_app(moment.id), "text": text + ".", "detail": detail, **seen}

    def _sign_in(self, moment: Moment) -> dict[str, Any]:
        row = self._sign_ins[moment.id, moment.at.astimezone(UTC).date()]
        times = _("once") if row.sign_ins == 1 else _("%(n)s times", n=figure(row.sign_ins))
        text = _(
            "%(people)s signed in, %(times)s together.",
            people=count(row.accounts, "%(num)s person", "%(num)s people"),
            times=times,
        )
        if row.accounts == 1:
            text = _("1 person signed in %(times)s.", times=times)
        detail = {"people": row.accounts, "sign_ins": row.sign_ins}
        seen = {"first_seen": moment.at, "last_seen": moment.at}
        return {**self._of_app(moment.id), "text": text, "detail": detail, **seen}

    def _consent(self, moment: Moment) -> dict[str, Any]:
        row = self._consents[moment.id]
        person = self._person(row.account_id)
        who = _("An administrator, for everybody,") if row.consent == "admin" else _name(person)
        verb = _("allowed it") if row.granted else _("took back its permission")
        words = _words(row.scopes)
        text = f"{who} {verb}" + (_(" to %(words)s", words=words) if words and row.granted else "")
        seen = {"first_seen": row.at, "last_seen": row.at}
        detail = {"granted": row.granted, "consent": row.consent, "scopes": row.scopes}
        return {
            **self._of_app(row.app_id),
            "text": text + ".",
            "person": person,
            "detail": detail,
            **seen,
        }

    def _grant(self, moment: Moment) -> dict[str, Any]:
        row = self._grants[moment.id]
        person = self._person(row.account_id)
        may = _("might") if row.gone_at else _("may")
        whom = _("everybody") if row.consent == "admin" and person is None else _name(person)
        text = _(
            "For %(whom)s it %(may)s %(what)s.",
            whom=whom,
            may=may,
            what=_words(row.scopes) or _("do nothing that is named"),
        )
        seen = {"first_seen": row.first_seen, "last_seen": row.last_seen, "gone_at": row.gone_at}
        detail = {"grade": row.grade, "consent": row.consent, "scopes": row.scopes}
        return {**self._of_app(row.app_id), "text": text, "person": person, "detail": detail, **seen}

    def _expense(self, moment: Moment) -> dict[str, Any]:
        row = self._expenses[moment.id]
        person = self._person(row.account_id)
        merchant = self._veil.text(row.merchant, self._names.get(row.account_id))
        cost = retold(amount(abs(row.amount_minor), row.currency))
        text = _(_CHARGE[row.state], sum=cost, merchant=merchant)
        text += _(", paid by %(name)s", name=_name(person)) if person else ""
        detail = {
            "amount_minor": row.amount_minor,
            "currency": row.currency,
            "state": row.state,
            "merchant": merchant,
            "replaced": row.replaced,
        }
        return {
            "app": None,
            "source": row.source,
            "text": text + ".",
            "person": person,
            "rule": row.rule,
            "confidence": row.confidence,
            "why": row.why,
            "app_id": None,
            "merchant_id": row.merchant_id,
            "first_seen": row.first_seen,
            "last_seen": row.last_seen,
            "detail": detail,
        }

    def _person(self, account_id: int | None) -> PersonRef | None:
        return None if account_id is None else self._people.get(account_id)


def _name(person: PersonRef | None) -> str:
    if person is None:
        return _("somebody")
    return person.name or person.email or _("person %(id)s", id=person.id)


def _words(scopes: Sequence[str]) -> str:
    words = list(dict.fromkeys(retold(s.words) for s in describe_all(scopes)))
    shown = words[:3]
    if len(words) > 3:
        shown.append(_("%(n)s more", n=len(words) - 3))
    return listing(shown)
