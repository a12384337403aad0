"""A contest that both sides settle together, and who hears of a claim."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app.catalog.facts import Audience
from app.claims import rules
from app.claims.case import Because, Case, Person, Refused
from app.claims.fold import Event, How, Kind, Standing, after, fold
from app.claims.schemas import BulkClaim, BulkIn, SettleIn
from app.claims.service import Desk
from app.db import writing
from app.errors import Conflict, Forbidden, Invalid
from app.models import deliveries, messages
from app.security.schemas import Side
from tests.claims.support import SETTING, Office, User
from tests.claims.test_rules import PEOPLE, contested
from tests.conftest import NOW

MARA, NILS, OLGA, IDA, IVAN = 1, 2, 3, 4, 5


class Contest:
    """Mara's tool, which Nils contests, without a database."""

    def __init__(self) -> None:
        self.standing: Standing = contested()
        self.people = dict(PEOPLE)

    def name(self, who: int, winner: int, side: str | None = None) -> Kind:
        case = Case(9, "HubSpot", Audience.MARKETING, self.standing, self.people[who], NOW)
        deed = rules.settle(case, self.people[winner], "By the contract", side, self.people)
        self.do(who, deed.kind, deed.data)
        return deed.kind

    def do(self, who: int, kind: Kind, data: dict[str, Any]) -> None:
        self.standing = after(self.standing, Event(self.standing.version + 1, NOW, who, kind, data))

    def refuses(self, who: int, winner: int, side: str | None = None) -> Refused:
        before = self.standing
        with pytest.raises(Refused) as refused:
            self.name(who, winner, side)
        assert self.standing is before
        return refused.value


def test_it_takes_a_person_of_each_side_who_name_the_same() -> None:
    contest = Contest()
    assert contest.name(IDA, NILS) is Kind.NAMED
    assert (contest.standing.owner, len(contest.standing.contests)) == (MARA, 1), "one side settles nothing"
    assert contest.name(OLGA, MARA) is Kind.NAMED, "they do not agree"
    assert {n.side: n.for_user for n in contest.standing.named} == {"it": NILS, "marketing": MARA}
    assert contest.name(OLGA, NILS) is Kind.SETTLED
    assert (contest.standing.owner, contest.standing.contests, contest.standing.named) == (NILS, (), ())


def test_the_owner_may_keep_it_too() -> None:
    contest = Contest()
    contest.name(OLGA, MARA)
    assert contest.name(IDA, MARA) is Kind.SETTLED
    assert (contest.standing.owner, contest.standing.contests) == (MARA, ())


def test_one_person_is_not_both_sides_and_no_party_has_a_say() -> None:
    contest = Contest()
    assert contest.refuses(IVAN, NILS).fault == "side"
    assert contest.refuses(IDA, NILS, "marketing").because is Because.RIGHTS
    for party in (MARA, NILS):
        assert "party" in str(contest.refuses(party, NILS))
    contest.name(IVAN, NILS, "it")
    assert "another person" in str(contest.refuses(IVAN, NILS, "marketing"))
    assert str(contest.refuses(IDA, NILS)) == "IT has named Nils already; marketing has not."
    assert contest.name(OLGA, NILS) is Kind.SETTLED


def test_what_was_said_before_the_contest_changed_does_not_count() -> None:
    contest = Contest()
    contest.name(IDA, NILS)
    contest.do(OLGA, Kind.CONTESTED, {"reason": "ours", "against": MARA})
    assert contest.standing.named == (), "nobody knew of Olga's claim"
    contest.name(IDA, NILS)
    assert "party" in str(contest.refuses(OLGA, NILS))
    case = Case(9, "HubSpot", Audience.MARKETING, contest.standing, contest.people[NILS], NOW)
    contest.do(NILS, Kind.SETTLED, rules.withdraw(case).data)
    assert contest.standing.named == (), "who was named contests it no longer"


@pytest.mark.parametrize("gone", [{"here": False}, {"sides": frozenset({"marketing"})}])
def test_who_left_the_side_has_no_say_any_more(gone: dict[str, Any]) -> None:
    contest = Contest()
    contest.name(IDA, NILS)
    contest.people[IDA] = Person(**{**vars(contest.people[IDA]), **gone})
    assert contest.name(OLGA, NILS) is Kind.NAMED
    assert contest.name(IVAN, NILS, "it") is Kind.SETTLED


# --- on a database -----------------------------------------------------------------------------


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def name(office: Office, who: User, winner: User, side: Side | None = None) -> Any:
    wanted = SettleIn(for_user=winner.id, reason="By the contract", side=side)
    return office.act(who, lambda desk: desk.settling(wanted))


def told(office: Office, topic: str) -> list[tuple[str, set[int]]]:
    rows = office.rows(deliveries)
    return [
        (m["title"], {d["user_id"] for d in rows if d["message_id"] == m["id"]})
        for m in office.rows(messages)
        if m["topic"] == topic
    ]


def test_both_sides_settle_it_and_all_of_it_is_told(office: Office) -> None:
    office.claims(office.mara)
    office.contests(office.nils)
    first = name(office, office.ida, office.nils)
    assert [(n.side, n.by.name, n.for_user.name) for n in first.named] == [("it", "Ida", "Nils")]
    assert first.ownership == "claimed"
    marketing = {office.mara.id, office.nils.id, office.olga.id}
    assert told(office, "claim.contested")[-1] == ("HubSpot: whose it is waits for your side", marketing)
    with pytest.raises(Conflict, match="IT has named Nils already; marketing has not"):
        name(office, office.ivan, office.nils)
    with pytest.raises(Invalid, match="neither holds nor contests"):
        name(office, office.olga, office.ida)
    with pytest.raises(Forbidden, match="party"):
        name(office, office.mara, office.mara)
    done = name(office, office.olga, office.nils)
    assert (done.owner and done.owner.name, done.ownership, done.named) == ("Nils", "owned", [])
    assert told(office, "claim.contested")[-1] == (
        "HubSpot: it was settled whose it is",
        {office.mara.id, office.nils.id},
    )
    last = office.standing()
    assert last.owner == office.nils.id
    assert last.attest_by == NOW + timedelta(days=SETTING.attest_days)


def test_a_word_of_somebody_who_lost_access_does_not_count(office: Office) -> None:
    office.claims(office.mara)
    office.contests(office.nils)
    name(office, office.ida, office.nils)
    office.loses_access(office.ida)
    assert len(name(office, office.olga, office.nils).named) == 2
    assert name(office, office.ivan, office.nils).ownership == "owned"


def test_an_administrator_still_settles_it_alone(office: Office) -> None:
    office.claims(office.mara)
    office.contests(office.nils)
    done = name(office, office.adam, office.mara)
    assert (done.owner and done.owner.name, done.contests) == ("Mara", [])


async def test_it_is_settled_over_the_api_and_shown_in_the_history(app: FastAPI, office: Office) -> None:
    office.claims(office.mara)
    office.contests(office.nils)
    address, version = f"/tools/{office.hubspot}/ownership", 2
    for who in (office.ida, office.olga):
        async with office.client(app, who) as client:
            answer = await client.post(
                f"{address}/settle",
                json={"for_user": office.nils.id, "reason": "They pay for it"},
                headers={"If-Match": f'"v{version}"'},
            )
            assert answer.status_code == 200, answer.text
            version = answer.json()["version"]
            history = (await client.get(address)).json()["history"]
    assert [line["text"] for line in history[:2]] == [
        "Ida and Olga settled it for both sides: it goes to Nils: They pay for it.",
        "Ida named Nils as its owner, for IT: They pay for it.",
    ]
    assert history[0]["data"]["by"] == How.AGREED


# --- claims that are made ----------------------------------------------------------------------


def test_the_steward_and_the_claimers_department_hear_of_a_claim(office: Office) -> None:
    with writing(office.engine) as connection:
        from app.security.schemas import Role

        zoe = office._user(connection, "Zoe", Role.MARKETING, department="Marketing")
        office._user(connection, "Rob", Role.READER, department="Marketing")
    office.names_steward(office.ida, office.ivan)
    office.claims(office.mara)
    assert told(office, "claim.made") == [("Mara answers for HubSpot now", {office.ivan.id, zoe.id})]


def test_many_claims_are_told_at_once(office: Office) -> None:
    items = [BulkClaim(do="claim", tool=tool, version=0) for tool in (office.hubspot, office.github)]
    for _ in range(2):
        with writing(office.engine) as connection:
            Desk(connection, office.nils.caller, SETTING, now=NOW).many(BulkIn(items=list(items)))
    assert told(office, "claim.made") == [("Nils answers for 2 tools now", set())]
    assert office.rows(messages)[0]["text"].startswith("Claimed: HubSpot, GitHub.")


def test_the_log_that_was_folded_before_is_folded_the_same() -> None:
    made = Event(1, NOW, MARA, Kind.CLAIMED, {"until": NOW.isoformat(), "departments": []})
    assert fold([made]).named == ()
