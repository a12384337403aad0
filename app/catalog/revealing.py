"""Learning the name behind a pseudonym: once, by an administrator, for a reason, and never unseen."""

from datetime import datetime

from sqlalchemy.engine import Connection

from app.catalog import repository
from app.catalog.person_schemas import Revealed
from app.catalog.veiled import somebody
from app.errors import Conflict, Forbidden, NotFound
from app.language import _, lasting
from app.notify.outbox import Message, To, put
from app.security import audit
from app.security.privacy import Veil
from app.security.schemas import Caller, Side


def reveal(
    connection: Connection, person_id: int, reason: str, *, caller: Caller, veil: Veil, now: datetime
) -> Revealed:
    """Show somebody's name to an administrator this once.

    The reason is kept without the name, should it be in it: the audit trail is read by those who do not see
    names. Who sits across the table is told; both sides are, if the administrator sits on none, or on both.

    Args:
        connection: a writing transaction.
        person_id: whose name.
        reason: why it is needed.
        caller: an administrator, logged in as themselves.
        veil: that of whoever sees no names.
        now: the time.

    Raises:
        NotFound: there is nobody with this id.
        Forbidden: the caller is a service.
        Conflict: names are not hidden here.
    """
    row = repository.person(connection, person_id)
    if row is None:
        raise NotFound(_("There is no person %(person_id)s.", person_id=person_id))
    if caller.user_id is None:
        raise Forbidden(_("A name is revealed to a person: use a token of your own, not a service's."))
    if veil.is_open:
        raise Conflict(_("Names are not hidden here: PENUMBRA_PRIVACY is off."), code="not_hidden")
    pseudonym = veil.pseudonym(person_id)
    why = veil.text(reason, row.name) or ""
    audit.record(
        connection,
        caller.actor,
        "person.reveal",
        f"person:{person_id}",
        {"pseudonym": pseudonym, "reason": why},
        at=now,
    )
    own = [side for side in Side if caller.sits_with(side)]
    message = Message(
        topic="privacy.revealed",
        subject=f"person:{person_id}",
        to=To(sides=(own[0].other,) if len(own) == 1 else tuple(Side)),
        title=lasting("%(name)s was shown the name of %(pseudonym)s", name=caller.name, pseudonym=pseudonym),
        text=lasting("The reason that was given:"),
        words=why,
        path="/tools",
        data={"person": person_id, "user": caller.user_id},
    )
    put(connection, message, now)
    return Revealed(
        pseudonym=pseudonym,
        person=somebody(
            veil.lifted(),
            person_id,
            name=row.name,
            email=row.email,
            department=row.department,
            active=row.active,
        ),
    )
