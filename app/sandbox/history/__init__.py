"""What IT and marketing of the simulated company did with what was found, in the two months before today.

Everything goes through the services, each deed at its time: nothing is written behind their back. Each thread
is a function that says when it goes on; all are played together, by the clock.
"""

from collections.abc import Mapping
from heapq import heapify, heappop, heappush

from sqlalchemy.engine import Connection

from app.catalog.service import Reassess
from app.errors import NotFound
from app.identify import KnowledgeBase
from app.sandbox.company import Company
from app.sandbox.history import decided, under_way
from app.sandbox.history.cast import assemble, people_of
from app.sandbox.history.stage import Stage
from app.security.users import user_at

BEGINNING = 45
"""So many working days ago the first of them could log in."""
THREADS = (*decided.THREADS, *under_way.THREADS)


def play(
    connection: Connection,
    company: Company,
    tools: Mapping[str, int],
    *,
    kb: KnowledgeBase,
    reassess: Reassess,
    actor: str,
) -> bool:
    """Play the history; False if it was played in this database before, and nothing is done.

    Args:
        connection: a writing transaction: all of the history is kept, or none of it.
        company: whose people act.
        tools: the catalog's tools by name; those of the history must be among them.
        kb: what is known of products.
        reassess: works out the facts of tools again.
        actor: who lets it happen, for what is nobody's deed.
    """
    if _was_played(connection, company):
        return False
    stage = Stage(connection, kb, reassess, company.as_of, tools, actor, company.end)
    stage.now = stage.at(BEGINNING, "09:00")
    cast = assemble(stage, company)
    threads = [thread(stage, cast) for thread in THREADS]
    # The number keeps those apart that go on at the same moment.
    due = [(next(thread), number) for number, thread in enumerate(threads)]
    heapify(due)
    while due:
        stage.now, number = heappop(due)
        following = next(threads[number], None)
        if following is not None:
            heappush(due, (following, number))
    return True


def _was_played(connection: Connection, company: Company) -> bool:
    """Whether somebody of the history can log in whom only the history lets in."""
    person, _ = people_of(company)["events"]
    try:
        user_at(connection, person.email)
    except NotFound:
        return False
    return True
