"""What the pages offer somebody about a tool's owner is what they may do, and no more."""

from collections.abc import Callable

import pytest
from sqlalchemy.engine import Engine

from app.catalog.facts import Audience
from app.claims import options as o
from app.claims.fold import Reason
from app.claims.seats import NOBODY, seat_of, who_may_look_after, who_may_own
from app.db import reading
from app.errors import PenumbraError
from app.security.schemas import Caller, Role
from tests.claims.support import Office, User
from tests.conftest import NOW


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def may(office: Office, who: User, tool: int | None = None) -> set[str]:
    with reading(office.engine) as connection:
        return set(seat_of(connection, tool or office.hubspot, who.caller, NOW).may)


def test_what_is_open_to_whom_as_things_go_on(office: Office) -> None:
    mara, nils, ida, adam = office.mara, office.nils, office.ida, office.adam
    assert may(office, mara) == {o.CLAIM, o.DECLINE}
    assert may(office, ida) == {o.STEWARD}, "a marketing tool is marketing's to own"
    assert may(office, ida, office.github) == {o.CLAIM, o.DECLINE, o.STEWARD}
    assert may(office, adam) == set()

    office.claims(mara)
    assert may(office, mara) == {o.HAND_OVER, o.ATTEST, o.RELEASE}
    assert may(office, nils) == {o.CO_OWN, o.CONTEST, o.DECLINE}

    office.asks(nils)
    assert may(office, mara) == {o.HAND_OVER, o.ATTEST, o.RELEASE, o.ANSWER_ASKER}
    assert may(office, nils) == {o.STOP_ASKING, o.CONTEST, o.DECLINE}
    office.accepts(mara, nils)
    assert may(office, mara) == {o.HAND_OVER, o.ATTEST, o.RELEASE, o.END_PART}
    assert may(office, nils) == {o.CONTEST, o.ATTEST, o.RELEASE}

    office.offers(mara, nils)
    assert may(office, nils) >= {o.ACCEPT, o.REFUSE}
    assert o.TAKE_BACK in may(office, mara)

    office.contests(office.olga)
    assert may(office, office.olga) == {o.WITHDRAW, o.CO_OWN, o.DECLINE}
    assert may(office, mara) >= {o.YIELD}
    assert may(office, mara).isdisjoint({o.HAND_OVER, o.RELEASE})
    assert may(office, adam) == {o.SETTLE}


def test_declining_once_for_the_same_reason_leaves_another_reason_open(office: Office) -> None:
    office.declines(office.mara)
    assert o.DECLINE in may(office, office.mara)
    with pytest.raises(PenumbraError, match="declined “HubSpot” already"):
        office.declines(office.mara)
    office.declines(office.mara, reason=Reason.PERSONAL)


def test_a_service_has_no_seat(office: Office) -> None:
    robot = Caller("robot", frozenset({Role.MARKETING}), NOW, token_id=1)
    with reading(office.engine) as connection:
        assert seat_of(connection, office.hubspot, robot, NOW) == NOBODY


def test_who_could_be_named(office: Office) -> None:
    office.leaves(office.nils)
    office.loses_access(office.ivan)
    named: Callable[[list], list[str]] = lambda found: [user.name for user in found]  # noqa: E731
    with reading(office.engine) as connection:
        assert named(who_may_own(connection, Audience.MARKETING)) == ["Mara", "Olga"]
        assert named(who_may_own(connection, Audience.OTHER)) == ["Ida", "Mara", "Olga"]
        assert named(who_may_look_after(connection)) == ["Ida"]
