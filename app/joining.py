"""How the features are joined: what one of them lends another. Wiring only.

Reviews do not know the policy, nor asking the reviews: each is given functions, and these are they.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from app.catalog.facts import Identity
from app.catalog.service import Reassess
from app.claims import view as claims
from app.policy import granting, rules, watching
from app.policy import service as policy
from app.policy.facts import Facts
from app.policy.reopening import Agreed
from app.requests.partners import Contact, LaneChoice, Partners, Subject
from app.reviews.choosing import Caps, Choice, HouseRules
from app.reviews.clocks import Calendar, Calendars
from app.reviews.commands import Comment
from app.reviews.reading import version_of
from app.reviews.service import Desk
from app.reviews.words import Cause, Item, Lane, Party
from app.security import users
from app.security.schemas import Caller, Side
from app.spend import service as spend
from app.spend.partners import Owner


def house_rules() -> HouseRules:
    """What the policy in force says to reviews."""
    return HouseRules(
        choose=_choose,
        calendars=_calendars,
        may_sign=_may_sign,
        agree=_agree,
        look_again=_look_again,
        watch=_watch,
        settle=_settle,
        begun=granting.end_for_review,
        owners_of=_owning,
    )


def partners(house: HouseRules, reassess: Reassess) -> Partners:
    """What reviews, claims and the policy say to those who ask before buying."""

    def open_review(
        connection: Connection,
        tool_id: int,
        *,
        cause: str,
        need: str,
        caller: Caller,
        now: datetime,
        because: str = "",
    ) -> int:
        desk = Desk(connection, actor=caller.actor, now=now, reassess=reassess, house=house)
        return desk.open_by(caller, tool_id, Cause(cause), need, because)

    def add_need(connection: Connection, review_id: int, need: str, caller: Caller, now: datetime) -> None:
        desk = Desk(connection, actor=caller.actor, now=now, reassess=reassess, house=house)
        side = next(side for side in Side if caller.sits_with(side))
        desk.act(caller, review_id, version_of(connection, review_id), Comment(need, side))

    return Partners(open_review=open_review, owners_of=_owners_of, lane_of=_lane_of, add_need=add_need)


# --- the policy, for reviews -------------------------------------------------------------------


def _choose(connection: Connection, tool_id: int, now: datetime) -> Choice:
    chosen = policy.choose_for(connection, tool_id, now)
    terms = {side: chosen.of(side.value) for side in Side}
    return Choice(
        lane=Lane(chosen.lane),
        reasons=chosen.reasons,
        items={side: tuple(Item(item) for item in terms[side].items) for side in Side},
        service_seconds={side: terms[side].service_seconds for side in Side},
        arbiter_seconds={side: terms[side].arbiter_seconds for side in Side},
        arbiters={side: tuple(users.ids_at(connection, terms[side].arbiters, of=side)) for side in Side},
    )


def _calendars(connection: Connection) -> Calendars:
    found = {side: policy.calendar_of(connection, side.value) for side in Side}
    lent = {Party(side.value): Calendar(c.between, c.add) for side, c in found.items()}
    # Arbiters sit on both sides; their time is counted as IT's.
    return {**lent, Party.ARBITERS: lent[Party.IT]}


def _may_sign(connection: Connection, lane: Lane, side: Side, caller: Caller) -> bool:
    """By the policy that holds now, so that nobody signs who was taken out of it."""
    if caller.user_id is None:
        return False
    email = users.get_user(connection, caller.user_id).email
    return policy.signers_of(connection, lane.value, side.value).allow(caller.roles, email)


def _agree(connection: Connection, tool_id: int, caps: Caps, now: datetime) -> dict[str, Any]:
    facts = policy.facts_of(connection, [tool_id], now)[tool_id]
    agreed = Agreed.on(facts, people_cap=caps.people, spend_cap=caps.spend)
    return replace(agreed, decided_on=now.date()).plain()


def _look_again(
    connection: Connection, agreed: Mapping[int, Mapping[str, Any]], now: datetime
) -> Mapping[int, Sequence[str]]:
    known = {tool_id: Agreed.of(plain) for tool_id, plain in agreed.items()}
    renewals = spend.renewal_days(connection, list(known), now.date())
    found = policy.look_again(connection, known, now, renewals=renewals)
    return {tool_id: [cause.sentence for cause in causes] for tool_id, causes in found.items()}


def _watch(connection: Connection, agreed: Mapping[int, Mapping[str, Any]], now: datetime) -> object:
    return watching.watch(connection, {tool: Agreed.of(plain) for tool, plain in agreed.items()}, now)


def _settle(connection: Connection, tool_id: int, actor: str, now: datetime) -> None:
    policy.settle_alerts(connection, tool_id, actor=actor, now=now)


def _owning(connection: Connection, tool_id: int) -> Sequence[int]:
    return [user.id for part, user in claims.who_answers(connection, tool_id) if part == "owner"]


# --- claims, for spend -------------------------------------------------------------------------


def owners_of(connection: Connection, tool_ids: Sequence[int]) -> Mapping[int, Sequence[Owner]]:
    """Owner and co-owners of some tools, the owner first; tools without one are missing."""
    found = claims.owners_of(connection, tool_ids)
    return {tool_id: [Owner(user.user_id, user.name) for user in users] for tool_id, users in found.items()}


# --- reviews, claims and the policy, for asking ------------------------------------------------


def _owners_of(connection: Connection, tool_id: int) -> Sequence[Contact]:
    found = claims.who_answers(connection, tool_id)
    return [Contact(user.name, user.email, part) for part, user in found]


def _lane_of(connection: Connection, subject: Subject, now: datetime) -> LaneChoice:
    if subject.tool_id is not None:
        chosen = policy.choose_for(connection, subject.tool_id, now)
    else:
        spend = {subject.currency: subject.spend_minor or 0} if subject.currency else {}
        facts = Facts(
            tool_id=0,
            name=subject.product or "",
            audience="marketing",
            identity=(Identity.IDENTIFIED if subject.product else Identity.UNIDENTIFIED).value,
            category=subject.category,
            people=subject.people or 0,
            # The facts speak of 90 days, who asks of a year.
            spend={currency: minor // 4 for currency, minor in spend.items()},
        )
        chosen = rules.choose(policy.current(connection).policy, facts)
    seconds = {side: chosen.of(side.value).service_seconds for side in Side}
    return LaneChoice(chosen.lane, chosen.reasons, seconds)
