"""People who claim at the same time: one of them owns it, and nobody is told otherwise."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.claims import rules
from app.claims.schemas import BulkClaim, BulkIn
from app.claims.service import Desk
from app.db import reading, writing
from app.errors import PenumbraError
from app.models import claim_events
from app.security import audit
from tests.claims.support import SETTING, Office, User
from tests.conftest import NOW
from tests.support.seed import Seed


def status_of(work: Callable[[], object]) -> int:
    try:
        work()
    except PenumbraError as error:
        return error.status
    return 200


def test_of_those_who_claim_at_once_one_owns_it(engine: Engine) -> None:
    office = Office(engine)
    everybody = [office.mara, office.nils, office.olga] * 3

    def claims(who: User) -> int:
        return status_of(lambda: office.claims(who, version=0))

    with ThreadPoolExecutor(len(everybody)) as pool:
        answers = Counter(pool.map(claims, everybody))
    assert answers == {200: 1, 412: len(everybody) - 1}
    standing = office.standing()
    assert (standing.version, standing.ownership) == (1, "owned")


def test_a_hand_over_that_is_accepted_and_taken_back_at_once_ends_one_way(engine: Engine) -> None:
    office = Office(engine)
    office.claims(office.mara)
    office.offers(office.mara, office.nils)

    def accepts() -> int:
        return status_of(lambda: office.accepts(office.nils, version=2))

    def takes_back() -> int:
        refuse = rules.refuse
        return status_of(
            lambda: office.act(office.mara, lambda _: lambda case: refuse(case, None, ""), version=2)
        )

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.submit(accepts), pool.submit(takes_back)
        answers = (one.result(), other.result())
    assert sorted(answers)[0] == 200
    assert sorted(answers)[1] in {403, 412}
    owner = office.nils if answers[0] == 200 else office.mara
    assert (office.standing().owner, office.standing().offered_to) == (owner.id, None)


def test_many_claimed_at_once_in_any_order_are_each_owned_by_one(engine: Engine) -> None:
    office = Office(engine)
    with writing(engine) as connection:
        seed = Seed(connection)
        tools = [seed.tool(f"Tool {n}", key=f"one:{n}") for n in range(12)]

    def claims(turn: int) -> list[int]:
        who = (office.mara, office.nils, office.olga)[turn % 3]
        ids = tools if turn % 2 else tools[::-1]
        wanted = BulkIn(items=[BulkClaim(do="claim", tool=id_, version=0) for id_ in ids])
        with writing(engine) as connection:
            return [
                a.tool
                for a in Desk(connection, who.caller, SETTING, now=NOW).many(wanted).items
                if a.status == 200
            ]

    with ThreadPoolExecutor(6) as pool:
        done = Counter(id_ for ids in pool.map(claims, range(6)) for id_ in ids)
    assert done == dict.fromkeys(tools, 1)
    with reading(engine) as connection:
        events = connection.scalar(sa.select(sa.func.count()).select_from(claim_events))
        verdict = audit.verify(connection)
    assert (events, verdict.faults) == (12, ())
