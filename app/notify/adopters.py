"""Asking somebody who adopted a tool what it is for, by a link that needs no account."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from app.catalog.persons import get_person
from app.catalog.service import live_tool
from app.catalog.veiled import person_ref
from app.errors import Conflict, FieldError, Gone, NotFound
from app.language import _, lasting
from app.notify import adopter_queries, outbox, repository
from app.notify.outbox import Message, To
from app.notify.schemas import AdopterList, AdopterOut, Answer
from app.notify.topics import ADOPTER_ASK
from app.security import audit
from app.security.privacy import OPEN, Veil

OPEN_FOR = timedelta(days=14)
LONGEST_COMMENT = 2000


@dataclass(frozen=True)
class Question:
    """What the page of a link shows.

    Attributes:
        tool: the tool's name.
        person: who is asked.
        answered: they have answered already.
    """

    tool: str
    person: str | None
    answered: bool


def ask_adopter(
    connection: Connection, tool_id: int, person_id: int, *, actor: str, now: datetime, veil: Veil
) -> AdopterOut:
    """Ask somebody who adopted a tool what it is for. They get an e-mail with a link that only they have.

    Args:
        connection: a writing transaction.
        tool_id: the tool.
        person_id: somebody the directories know, with any trace of using or paying for the tool.
        actor: who asks.
        now: the time; the link works for `OPEN_FOR`.
        veil: how the asker sees people. The mail goes to the person by name all the same.

    Raises:
        NotFound, Gone: there is no such tool or person, or the tool was merged away.
        Conflict: they have left, have no address, or nothing ties them to the tool; they were asked within
            that time already; or no e-mail channel is set up.
    """
    tool = live_tool(connection, tool_id)
    person = get_person(connection, person_id, now=now, veil=OPEN)
    if person.active is False:
        raise _wrong(_("they have left"))
    if not person.email:
        raise _wrong(_("the directories know no address of theirs"))
    if not adopter_queries.adopted(connection, tool_id, person_id):
        raise _wrong(_("nothing ties them to “%(name)s”", name=tool.name))
    if repository.mail_channel(connection) is None:
        raise Conflict(_("No e-mail channel is set up, so that nobody can be asked."), code="no_mail")
    # Taken before looking: of two who ask at the same moment, the second one sees what the first one did.
    adopter_queries.lock_person(connection, person_id)
    if adopter_queries.asked_since(connection, tool_id, person_id, now - OPEN_FOR):
        raise Conflict(_("They were asked about this tool within the last 14 days."), code="asked_already")
    expires_at = now + OPEN_FOR
    ask_id = adopter_queries.insert(
        connection, tool_id=tool_id, person_id=person_id, asked_at=now, asked_by=actor, expires_at=expires_at
    )
    message = Message(
        topic=ADOPTER_ASK,
        subject=f"tool:{tool_id}",
        to=To(person=person_id),
        title=lasting("What is %(name)s for?", name=tool.name),
        text="\n".join(
            (
                lasting(
                    "Your company saw that you use %(name)s, or that you paid for it. Please say what it is "
                    "for; it helps to keep the tools that people need.",
                    name=tool.name,
                ),
                lasting(
                    "The link is yours alone and works until %(day_word)s. No account is needed.",
                    day_word=f"{expires_at:%-d %B %Y}",
                ),
            )
        ),
        path=f"/tools/{tool_id}",
        data={"ask": ask_id, "expires_at": expires_at.isoformat()},
    )
    outbox.put(connection, message, now)
    detail = {"person": person_id, "ask": ask_id}
    audit.record(connection, actor, "adopter.ask", f"tool:{tool_id}", detail, at=now)
    return adopters(connection, tool_id, veil=veil).items[0]


def adopters(connection: Connection, tool_id: int, *, veil: Veil) -> AdopterList:
    """Who was asked about a tool, and what they said.

    Raises:
        NotFound, Gone: there is no such tool, or it was merged away.
    """
    live_tool(connection, tool_id)
    rows = adopter_queries.of_tool(connection, tool_id)
    return AdopterList(
        items=[
            AdopterOut.model_validate(
                {
                    **row._mapping,
                    "person": person_ref(row, veil),
                    "comment": veil.text(row.comment, row.person_name),
                }
            )
            for row in rows
        ]
    )


def question(connection: Connection, ask_id: int, now: datetime) -> Question:
    """What somebody is asked.

    Raises:
        NotFound: it was asked about something that is no longer there.
        Gone: its time is over.
    """
    row = adopter_queries.asked(connection, ask_id)
    if row is None:
        raise NotFound(_("What this link asks about is no longer there."))
    if row.answered_at is None and row.expires_at <= now:
        raise Gone(_("It could be answered for 14 days, and they are over."))
    return Question(row.tool, row.person, row.answered_at is not None)


def answer(connection: Connection, ask_id: int, said: Answer, comment: str, now: datetime) -> Question:
    """Keep an answer; it can be given once.

    Args:
        connection: a writing transaction.
        ask_id: from the link.
        said: the answer.
        comment: a few words, or none.
        now: the time.

    Raises:
        NotFound, Gone: see `question`.
        Conflict: it was answered already.
    """
    found = question(connection, ask_id, now)
    text = tidied(comment)
    row = adopter_queries.asked(connection, ask_id)
    if row is None or not adopter_queries.keep_answer(connection, ask_id, said, text or None, now):
        raise Conflict(_("This was answered already; thank you."))
    # The comment is the person's own words: it stays where it can be deleted, and the trail cannot be.
    audit.record(
        connection,
        f"person:{row.person_id}",
        "adopter.answer",
        f"tool:{row.tool_id}",
        {"ask": ask_id, "answer": said, "comment": bool(text)},
        at=now,
    )
    return Question(found.tool, found.person, True)


def tidied(comment: str) -> str:
    """A comment without control characters."""
    return "".join(c for c in comment if c.isprintable() or c == "\n").strip()


def _wrong(text: str) -> Conflict:
    return Conflict(
        _("They cannot be asked: %(what)s.", what=text),
        code="cannot_be_asked",
        fields=[FieldError("person_id", text)],
    )
