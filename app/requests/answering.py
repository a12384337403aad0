"""What the company knows of a tool that somebody would like to use. Reads, and changes nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from app.catalog.facts import Governance
from app.catalog.tool_finder import UNKNOWN_DOMAIN, UNKNOWN_NAME
from app.identify import KnowledgeBase
from app.language import _, retold
from app.requests import repository, wording
from app.requests.guessing import Guess, guess
from app.requests.naming import Asked
from app.requests.partners import Contact, LaneChoice, Partners, Subject
from app.requests.repository import Row
from app.requests.schemas import (
    AnswerOut,
    ContactOut,
    History,
    Identity,
    Known,
    MayUse,
    Overlap,
    Overlapping,
    Owners,
    Road,
)
from app.requests.standings import standing_of
from app.requests.waiting import spread
from app.security.schemas import Side
from app.teaching.handles import app_handles
from app.teaching.repository import load_book
from app.teaching.resolve import Matched

HISTORY = timedelta(days=365)
_SHOWN = 10
_NOT_IN_CATALOG = 0


def answer(
    connection: Connection,
    kb: KnowledgeBase,
    asked: Asked,
    *,
    partners: Partners,
    now: datetime,
    need: str = "",
    people: int | None = None,
    spend: tuple[int, str] | None = None,
    tool_id: int | None = None,
) -> AnswerOut:
    """Say what the company knows of a tool.

    Args:
        connection: a reading transaction.
        kb: the knowledge base.
        asked: what was read out of a person's words.
        partners: who tells the owners and the lane.
        now: the time.
        need: what it is for; helps to guess what kind of tool a stranger is.
        people: how many would use it.
        spend: what it would cost a year: minor units and currency.
        tool_id: the tool, where that is settled already.
    """
    row = find_tool(connection, asked, settled=tool_id)
    product = asked.product
    stranger: Guess | None = None
    category = row.category if row else None
    if category is None and product is not None:
        category = product.category
    if category is None:
        stranger = guess(kb, asked.name, asked.domain, need)
        category = stranger.category
    identity = _identity(kb, asked, row, category, stranger)
    standing = standing_of(connection, row)
    subject = Subject(
        tool_id=row.id if row else None,
        product=product.id if product else None,
        category=category,
        people=people,
        spend_minor=spend[0] if spend else None,
        currency=spend[1] if spend else None,
    )
    road = None
    if standing.may_use in {MayUse.UNDECIDED, MayUse.WAIT}:
        lane = _lane_of_review(connection, row) or partners.lane_of(connection, subject, now)
        road = _road(connection, lane, now)
    return AnswerOut(
        what=asked.what,
        headline=wording.headline(identity.name, standing, look_alike=bool(asked.warnings)),
        identity=identity,
        renamed=asked.renamed or None,
        warnings=list(dict.fromkeys(map(retold, [*asked.warnings, *(row.risk_reasons if row else ())]))),
        standing=standing,
        owners=_owners(partners.owners_of(connection, row.id) if row else (), in_use=row is not None),
        overlap=_overlap(connection, kb, category, row),
        road=road,
    )


# --- which tool --------------------------------------------------------------------------------


def find_tool(connection: Connection, asked: Asked, *, settled: int | None = None) -> Row | None:
    """The tool of the catalog that is meant; None if the catalog has none, or nothing is left of it."""
    book = load_book(connection)
    known = _shown(repository.tool(connection, book.final(settled))) if settled is not None else None
    if known is not None:
        return known
    for tool_id in _candidates(connection, asked):
        handles = app_handles(asked.identifiers, asked.name) if book.teachings else ()
        held = book.hold(handles, Matched(tool_id, "", 0.0, ""))
        row = _shown(repository.tool(connection, held.tool_id)) if held.tool_id else None
        if row is not None:
            return row
    return None


def _candidates(connection: Connection, asked: Asked) -> list[int]:
    """Tools that it may be, the surest first; at the end none, for what people taught of strangers."""
    found: list[int | None] = []
    if asked.product is not None:
        found.append(repository.tool_of_key(connection, f"kb:{asked.product.id}"))
    if asked.product is None or not asked.certain:
        domain, kind = asked.unknown.domain, asked.unknown.key.partition(":")[0]
        if domain is not None:
            found.append(repository.tool_that_owns(connection, UNKNOWN_DOMAIN, domain))
        elif kind == "name":
            name = asked.unknown.key.partition(":")[2]
            found.append(repository.tool_that_owns(connection, UNKNOWN_NAME, name))
            found.append(repository.tool_called(connection, asked.name))
        found.append(repository.tool_of_key(connection, f"unknown:{asked.unknown.key}"))
    return [*dict.fromkeys(tool_id for tool_id in found if tool_id is not None), _NOT_IN_CATALOG]


def _shown(row: Row | None) -> Row | None:
    """A tool, unless nothing is left of it that people would see."""
    return row if row is not None and row.listed and row.merged_into is None else None


def _identity(
    kb: KnowledgeBase, asked: Asked, row: Row | None, category: str | None, stranger: Guess | None
) -> Identity:
    product = asked.product
    if row is not None:
        known, name = Known.CATALOG, row.name
        why = _(
            "%(name)s is in the catalog since %(day)s.", name=name, day=wording.day(row.first_seen.date())
        )
        why = f"{retold(asked.why)} {why}" if product is not None and name == product.name else why
    elif product is not None:
        known, name = Known.KNOWLEDGE_BASE, product.name
        why = _(
            "%(why)s It is not in the catalog: no source shows that anybody here uses it.",
            why=retold(asked.why),
        )
    else:
        known, name = Known.UNKNOWN, asked.name
        why = _("Nobody here knows it yet: it is neither in the catalog nor in the knowledge base.")
    reasons = tuple(map(retold, (stranger.why, *stranger.reasons))) if stranger else ()
    return Identity(
        known=known,
        name=name,
        vendor=(row.vendor if row else None) or (product.vendor if product else None),
        domain=(row.domain if row else None) or asked.domain,
        product=product.id if product else None,
        tool_id=row.id if row else None,
        certain=asked.certain if product is not None else row is not None,
        category=category,
        category_name=category_name(kb, category) if category else None,
        why=why,
        reasons=reasons,
    )


def category_name(kb: KnowledgeBase, code: str | None) -> str:
    """A category in words."""
    if not code:
        return _("No category yet")
    heading = kb.categories.get(code)
    return _(heading.name) if heading else code.replace("-", " ")


# --- who, what else, how long ------------------------------------------------------------------


def _owners(contacts: Sequence[Contact], *, in_use: bool) -> Owners:
    people = [ContactOut.model_validate(contact) for contact in contacts]
    if people:
        said = [f"{p.name} ({', '.join(filter(None, (p.part, p.email)))})" for p in people]
        return Owners(people=people, words=_("Ask %(people)s.", people=wording.listed(said)))
    words = _("Nobody answers for it yet.") if in_use else _("Nobody here owns it, since nobody here has it.")
    return Owners(people=[], words=words)


def _overlap(connection: Connection, kb: KnowledgeBase, category: str | None, row: Row | None) -> Overlap:
    if category is None:
        return Overlap(words=wording.overlap_words(None, ()), count=0, paid=0, tools=[])
    name = category_name(kb, category)
    rows = repository.overlapping(connection, category, row.id if row else None, _SHOWN)
    tools = [
        Overlapping(
            tool_id=other.id,
            name=other.name,
            governance=Governance(other.governance),
            people=other.people,
            spend_minor=other.spend_minor,
            currency=other.spend_currency,
            why=(
                _("It is for %(name)s too, and sanctioned.", name=name)
                if other.sanctioned
                else _("It is for %(name)s too, and in use.", name=name)
            ),
        )
        for other in rows
    ]
    count, paid = (rows[0].total, rows[0].paid) if rows else (0, 0)
    words = wording.overlap_words(name, tools, known=count, paid=paid)
    return Overlap(words=words, count=count, paid=paid, tools=tools)


def _lane_of_review(connection: Connection, row: Row | None) -> LaneChoice | None:
    review = repository.open_review(connection, row.id) if row else None
    return LaneChoice(review.lane, (_("Its review is in this lane."),), {}) if review else None


def _road(connection: Connection, choice: LaneChoice, now: datetime) -> Road:
    took = repository.durations(connection, choice.lane, now - HISTORY)
    found = spread(took)
    history = History.model_validate(found) if found else None
    service = {Side(side): seconds for side, seconds in choice.service_seconds.items()}
    return Road(
        lane=choice.lane,
        words=wording.road_words(choice.lane, history, len(took), service),
        reasons=tuple(map(retold, choice.reasons)),
        history=history,
        decided=len(took),
        service_seconds=service,
    )
