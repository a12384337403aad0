"""Requests: asked, read, withdrawn, turned into reviews; and what people need that nothing here meets.

Each write runs in the caller's one transaction: the request, the tool that is made for it, its review and
the audit trail change together or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from app.api import PREFIX
from app.api.paging import decode_cursor, encode_cursor
from app.api.schemas import Listing
from app.catalog.service import Reassess, live_tool
from app.catalog.tool_finder import ToolFinder
from app.catalog.tool_making import facts_of_product, make_tool
from app.errors import Conflict, Forbidden, NotFound
from app.identify import KnowledgeBase
from app.language import _
from app.requests import repository
from app.requests.answering import answer, category_name, find_tool
from app.requests.guessing import guess
from app.requests.naming import Asked, read
from app.requests.partners import Partners
from app.requests.repository import Row
from app.requests.schemas import (
    AnswerOut,
    Lacking,
    Need,
    RequestIn,
    RequestItem,
    RequestOut,
    RequestQuery,
    Spend,
    State,
    TriedOut,
    TriedTool,
    UserRef,
)
from app.requests.telling import tell_reviewed
from app.security import audit
from app.security.schemas import Caller, Side
from app.teaching.choosing import existing
from app.teaching.repository import keep_out_teachers
from connectors.observations import AppSeen

_WORDS_SHOWN = 20


@dataclass(frozen=True)
class Counter:
    """Where people ask: what is known of products, who helps with the answer, and the time."""

    kb: KnowledgeBase
    partners: Partners
    now: datetime


def answer_to(connection: Connection, counter: Counter, what: str) -> AnswerOut:
    """What the company knows of a tool; nothing is stored, and any text has an answer."""
    return answer(connection, counter.kb, read(counter.kb, what), partners=counter.partners, now=counter.now)


# --- asking ------------------------------------------------------------------------------------


def make_request(
    connection: Connection, counter: Counter, wanted: RequestIn, *, caller: Caller
) -> RequestOut:
    """Write down what somebody would like to use, and what for.

    Args:
        connection: a writing transaction.
        counter: where they ask.
        wanted: what they say.
        caller: a person of any role.

    Raises:
        Forbidden: the caller is a service.
        Invalid: a tool that was tried is not there.
        Conflict: a tool that was tried was merged into another one.
    """
    if caller.user_id is None:
        raise Forbidden(_("Only people ask for tools: use a token of your own, not a service's."))
    tried = [_tried(connection, said.tool, said.lacked, n) for n, said in enumerate(wanted.tried)]
    asked = read(counter.kb, wanted.what)
    row = find_tool(connection, asked)
    spend = wanted.spend
    values: dict[str, Any] = {
        "what": wanted.what,
        "product": asked.product.id if asked.product else None,
        "name": row.name if row else asked.name,
        "domain": asked.domain,
        "category": _category(counter.kb, asked, row, wanted.need),
        "tool_id": row.id if row else None,
        "need": wanted.need,
        "tried": tried,
        "people": wanted.people,
        "spend_minor": spend.minor if spend else None,
        "currency": spend.currency if spend else None,
        "state": State.OPEN.value,
    }
    request_id = repository.insert(connection, at=counter.now, user_id=caller.user_id, **values)
    audit.record(
        connection, caller.actor, "request.create", f"request:{request_id}", after=values, at=counter.now
    )
    return get_request(connection, counter, request_id)


def _tried(connection: Connection, tool_id: int, lacked: str, number: int) -> dict[str, Any]:
    tool = existing(connection, tool_id, field=f"tried.{number}.tool")
    return {"tool_id": tool.id, "name": tool.name, "governance": tool.governance, "lacked": lacked}


def _category(kb: KnowledgeBase, asked: Asked, row: Row | None, need: str) -> str | None:
    if row is not None and row.category:
        return row.category
    if asked.product is not None:
        return asked.product.category
    return guess(kb, asked.name, asked.domain, need).category


# --- reading -----------------------------------------------------------------------------------


def get_request(connection: Connection, counter: Counter, request_id: int) -> RequestOut:
    """A request, with what holds of its tool now.

    Raises:
        NotFound: there is none.
    """
    row = _request(connection, request_id)
    now_known = answer(
        connection,
        counter.kb,
        read(counter.kb, row.what),
        partners=counter.partners,
        now=counter.now,
        need=row.need,
        people=row.people,
        spend=None if row.spend_minor is None else (row.spend_minor, row.currency),
        tool_id=row.tool_id,
    )
    return RequestOut.model_validate({**_plain(row), "answer": now_known})


def _request(connection: Connection, request_id: int, *, lock: bool = False) -> Row:
    row = repository.request(connection, request_id, lock=lock)
    if row is None:
        raise NotFound(_("There is no request %(request_id)s.", request_id=request_id))
    return row


def _plain(row: Row) -> dict[str, Any]:
    return {
        **row._mapping,
        "by": UserRef(user_id=row.user_id, name=row.user_name),
        "tried": [TriedOut.model_validate(said) for said in row.tried],
        "spend": None if row.spend_minor is None else Spend(minor=row.spend_minor, currency=row.currency),
        "review": row.review_id,
    }


def list_requests(connection: Connection, wanted: RequestQuery, *, caller: Caller) -> Listing[RequestItem]:
    """Requests, the newest first.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    before = decode_cursor(wanted.cursor, "requests", (int,))[0] if wanted.cursor else None
    rows = repository.request_page(
        connection,
        user_id=(caller.user_id or 0) if wanted.mine else None,
        state=wanted.state.value if wanted.state else None,
        before=before,
        limit=wanted.limit + 1,
    )
    items = [RequestItem.model_validate(_plain(row)) for row in rows[: wanted.limit]]
    following = encode_cursor("requests", (items[-1].id,)) if len(rows) > wanted.limit else None
    return Listing(items=items, next=following)


def list_needs(connection: Connection, kb: KnowledgeBase) -> Listing[Need]:
    """What tools lacked that people tried, by category; the most requests first."""
    rows = repository.needs(connection)
    ids = {said["tool_id"] for row in rows for said in row.tried}
    known = repository.tools_by_id(connection, ids)
    by_category: dict[str | None, list[Row]] = {}
    for row in rows:
        by_category.setdefault(row.category, []).append(row)
    items = [
        Need(
            category=category,
            category_name=category_name(kb, category),
            count=len(some),
            tools=_tried_tools(some, known),
        )
        for category, some in by_category.items()
    ]
    return Listing(items=sorted(items, key=lambda n: (-n.count, n.category_name)))


def _tried_tools(rows: Sequence[Row], known: dict[int, Row]) -> list[TriedTool]:
    said: dict[int, list[tuple[Row, dict[str, Any]]]] = {}
    for row in rows:
        for one in row.tried:
            said.setdefault(one["tool_id"], []).append((row, one))
    found = []
    for tool_id, some in said.items():
        tool = known.get(tool_id)
        lacked = [
            Lacking(request=row.id, at=row.at, lacked=one["lacked"], need=row.need)
            for row, one in some[:_WORDS_SHOWN]
        ]
        name = tool.name if tool else some[0][1]["name"]
        governance = tool.governance if tool else some[0][1]["governance"]
        found.append(
            TriedTool(tool_id=tool_id, name=name, governance=governance, times=len(some), lacked=lacked)
        )
    return sorted(found, key=lambda t: (-t.times, t.name.casefold(), t.tool_id))


# --- what becomes of it ------------------------------------------------------------------------


def withdraw(connection: Connection, counter: Counter, request_id: int, *, caller: Caller) -> RequestOut:
    """Take a request back.

    Raises:
        NotFound: there is none.
        Forbidden: it is somebody else's.
        Conflict: it is no longer open.
    """
    row = _request(connection, request_id, lock=True)
    if caller.user_id is None or caller.user_id != row.user_id:
        raise Forbidden(
            _("Only %(user_name)s, who asked, can take this request back.", user_name=row.user_name)
        )
    _must_be_open(row)
    _set_state(connection, [request_id], "request.withdraw", caller, counter, state=State.WITHDRAWN.value)
    return get_request(connection, counter, request_id)


def _must_be_open(row: Row) -> None:
    if row.state == State.REVIEWED:
        raise Conflict(
            _("This request became review %(review_id)s already.", review_id=row.review_id),
            code="not_open",
            links={"review": f"{PREFIX}/reviews/{row.review_id}"},
        )
    if row.state != State.OPEN:
        raise Conflict(_("This request was withdrawn; ask again to have it reviewed."), code="not_open")


def _set_state(
    connection: Connection, ids: Sequence[int], action: str, caller: Caller, counter: Counter, **values: Any
) -> None:
    repository.set_state(connection, ids, **values)
    for id_ in ids:
        audit.record(
            connection,
            caller.actor,
            action,
            f"request:{id_}",
            before={"state": State.OPEN.value},
            after=values,
            at=counter.now,
        )


def review(
    connection: Connection, counter: Counter, request_id: int, *, caller: Caller, reassess: Reassess
) -> RequestOut:
    """Turn a request into a review of its tool; other open requests for the same tool join it.

    A tool that the catalog does not have is made as a scan would make it, so that later evidence joins it.

    Args:
        connection: a writing transaction.
        counter: where people ask; its partners open the review.
        request_id: which request.
        caller: a person of either side.
        reassess: works out the facts of the tool.

    Raises:
        NotFound: there is no such request.
        Forbidden: the caller is not a person of either side.
        Conflict: it is no longer open, the tool has an open review, or no review can be opened.
    """
    keep_out_teachers(connection)  # the tool that is meant must not be merged away meanwhile
    row = _request(connection, request_id, lock=True)
    if not any(caller.sits_with(side) for side in Side):
        raise Forbidden(_("This takes a person of IT or of marketing, logged in as themselves."))
    _must_be_open(row)
    tool_id = _tool_for(connection, counter, row, reassess)
    repository.lock_tool(connection, tool_id)
    there = repository.open_review(connection, tool_id)
    if there is not None:
        raise Conflict(
            _(
                "“%(name)s” is under review already, in review %(id)s: join the request to it.",
                name=live_tool(connection, tool_id).name,
                id=there.id,
            ),
            code="open_review",
            links={"review": f"{PREFIX}/reviews/{there.id}"},
        )
    review_id = counter.partners.open_review(
        connection, tool_id, cause="request", need=row.need, caller=caller, now=counter.now
    )
    reassess(connection, [tool_id], counter.now)
    ids = [request_id, *repository.same_open(connection, tool_id, row.product, request_id)]
    _reviewed(connection, counter, ids, "request.review", caller, tool_id=tool_id, review_id=review_id)
    return get_request(connection, counter, request_id)


def join(connection: Connection, counter: Counter, request_id: int, *, caller: Caller) -> RequestOut:
    """Let a request join the review of its tool that goes on; what it is needed for is written there.

    Args:
        connection: a writing transaction.
        counter: where people ask; its partners write into the review.
        request_id: which request.
        caller: a person of either side.

    Raises:
        NotFound: there is no such request.
        Forbidden: the caller is not a person of either side.
        Conflict: it is no longer open, or no review of its tool goes on.
    """
    keep_out_teachers(connection)
    row = _request(connection, request_id, lock=True)
    if not any(caller.sits_with(side) for side in Side):
        raise Forbidden(_("This takes a person of IT or of marketing, logged in as themselves."))
    _must_be_open(row)
    tool = find_tool(connection, read(counter.kb, row.what), settled=row.tool_id)
    # The review is locked by writing into it, before its tool, as whoever signs does.
    there = None if tool is None else repository.open_review(connection, tool.id)
    if tool is None or there is None:
        raise Conflict(_("No review of it goes on that the request could join: open one."), code="no_review")
    said = f"{row.user_name} asks for it too: {row.need}"
    counter.partners.add_need(connection, there.id, said, caller, counter.now)
    _reviewed(connection, counter, [request_id], "request.join", caller, tool_id=tool.id, review_id=there.id)
    return get_request(connection, counter, request_id)


def _reviewed(
    connection: Connection,
    counter: Counter,
    ids: Sequence[int],
    action: str,
    caller: Caller,
    *,
    tool_id: int,
    review_id: int,
) -> None:
    values = {"state": State.REVIEWED.value, "review_id": review_id, "tool_id": tool_id}
    _set_state(connection, ids, action, caller, counter, **values)
    name = live_tool(connection, tool_id).name
    tell_reviewed(
        connection, ids, tool=name, tool_id=tool_id, review_id=review_id, by=caller.user_id, now=counter.now
    )


def _tool_for(connection: Connection, counter: Counter, row: Row, reassess: Reassess) -> int:
    """The tool of a request: the catalog's, else one that is made now."""
    asked = read(counter.kb, row.what)
    found = find_tool(connection, asked, settled=row.tool_id)
    if found is not None:
        return found.id
    if asked.product is not None:
        key, facts = f"kb:{asked.product.id}", facts_of_product(asked.product)
        tool_id, _ = make_tool(connection, key, counter.now, **facts)
    else:
        finder = ToolFinder(counter.kb)
        finder.begin(connection)
        seen = AppSeen(ref="request", name=asked.name, identifiers=asked.identifiers)
        made = finder.for_app(connection, seen, counter.now).tool_id
        assert made is not None  # only the company's own applications have none
        tool_id = made
    # Before the review is opened: its lane depends on what is known of the tool.
    reassess(connection, [tool_id], counter.now)
    return tool_id
