"""The board of reviews and the promises of decisions, on both databases."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app import models
from app.db import reading, writing
from app.errors import Forbidden, Invalid
from app.reviews import cards
from app.reviews import commands as ask
from app.reviews.answers import ReviewItem
from app.reviews.card_answers import CardOut, CardQuery, ConditionQuery
from app.reviews.clocks import OFFICE_HOURS
from app.reviews.columns import Column
from app.reviews.events import Dismissed, Promise, Provisional, Retire, Sanctioned, SanctionedWithConditions
from app.reviews.facing import refusal_of
from app.reviews.reading import list_reviews
from app.reviews.schemas import ReviewQuery
from app.reviews.setting import pieces, setting_of, whole_log
from app.reviews.words import ITEMS, ConditionState, Lane, Outcome, Party, Verdict
from app.security.privacy import OPEN, Veil
from app.security.schemas import Side
from tests.reviews.desk import Room
from tests.reviews.support import ONE_EACH, with_arbiters
from tests.support import seed
from tests.support.seed import Seed

IT, MARKETING = Side.IT, Side.MARKETING
DAY = 8 * 3600


@pytest.fixture
def room(engine: Engine) -> Room:
    return Room(engine)


def board(room: Room, **wanted: object) -> dict[int, CardOut]:
    with reading(room.engine) as connection:
        query = CardQuery.model_validate(wanted)
        found = cards.board(
            connection, query, calendars=room.house.calendars(connection), now=room.now, veil=OPEN
        )
    assert not found.more
    return {card.id: card for card in found.items}


def promises(room: Room, *days: int, owner: str = "ida", side: Side = IT) -> SanctionedWithConditions:
    today = room.now.date()
    made = [
        Promise(side=side, owner_user_id=room.users[owner], text=f"in {n}", due=today + timedelta(days=n))
        for n in days
    ]
    return SanctionedWithConditions(conditions=tuple(made))


def test_a_review_goes_from_column_to_column(room: Room) -> None:
    review = room.open()

    def column() -> Column:
        return board(room)[review].column

    assert column() is Column.ASKED
    room.say("ida", review, ask.Comment("hm"))
    assert column() is Column.ASKED, "a comment assesses nothing"
    for name, (item,) in zip(("ida", "mara"), ONE_EACH.values(), strict=True):
        room.say(name, review, ask.Assess(item, Verdict.OK))
        assert column() is Column.ASSESSING
    room.say("ida", review, ask.Propose(promises(room, 3, 9), "so"))
    assert column() is Column.KEYS
    assert board(room)[review].proposed is Outcome.SANCTIONED_WITH_CONDITIONS
    room.sign("ida", review)
    assert board(room)[review].signed == [IT]
    room.sign("mara", review)
    card = board(room)[review]
    assert (card.column, card.promises, card.promised_by) == (Column.RUNNING, 2, [IT])
    assert card.next_due == room.now.date() + timedelta(days=3)
    room.say("ida", review, ask.Keep(1))
    assert board(room)[review].next_due == room.now.date() + timedelta(days=9)
    room.say("ida", review, ask.Keep(2))
    assert review not in board(room), "nothing of it is still to come"


def test_who_has_used_up_their_time_is_late(room: Room) -> None:
    review, other = room.open(), room.open()
    room.say("ida", review, ask.Assess(ONE_EACH[IT][0], Verdict.OK))
    room.now += timedelta(days=1)
    (wait,) = board(room)[review].waits
    assert (wait.party, wait.lasts_s, wait.waited_s, wait.late) == (Party.MARKETING, DAY, DAY, False)
    assert [w.party for w in board(room)[other].waits] == [Party.IT, Party.MARKETING]
    # A question moves it: the asked side has waited since then, all in all longer.
    room.say("mara", review, ask.Ask(IT, "what for?"))
    room.now += timedelta(hours=2)
    (wait,) = board(room)[review].waits
    assert (wait.party, wait.lasts_s, wait.waited_s) == (Party.IT, 2 * 3600, 2 * 3600)
    assert wait.since == room.now - timedelta(hours=2)
    room.now += timedelta(days=30)
    late = board(room, late=True)
    assert set(late) == {review, other}
    assert late[review].column is Column.LATE
    assert (late[review].step, late[other].step) == (Column.ASSESSING, Column.ASKED)
    assert board(room, late=False) == {}


def test_with_the_arbiters_is_late_too(room: Room) -> None:
    room.house = with_arbiters(it=(room.users["igor"],), marketing=(room.users["max"],))
    review = room.ready(Dismissed(reason="no tool"))
    room.say("ida", review, ask.Dissenting("no"))
    room.say("mara", review, ask.Dissenting("no"))
    room.say("mara", review, ask.Escalate("we cannot"))
    card = board(room)[review]
    assert (card.column, card.step) == (Column.LATE, Column.KEYS)
    assert [w.party for w in card.waits] == [Party.ARBITERS]
    assert set(board(room, waiting_on=["arbiters"])) == {review}


def test_decisions_stay_while_something_is_to_come(room: Room) -> None:
    today = room.now.date()
    plain = room.decide(Sanctioned())
    trial = room.decide(Provisional(expires=today + timedelta(days=40)))
    tool = room.tool()
    ends = room.decide(Retire(plan="stop", by=today + timedelta(days=9)), tool)
    both = room.decide(promises(room, 5, owner="mara", side=MARKETING))
    assert set(board(room)) == {trial, ends, both}
    assert plain not in board(room)
    assert board(room)[trial].next_due == today + timedelta(days=40)
    assert set(board(room, waiting_on=["marketing"])) == {both}
    assert board(room, waiting_on=["arbiters"]) == {}
    with writing(room.engine) as connection:
        connection.execute(
            sa.update(models.tools).where(models.tools.c.id == tool).values(governance="retired")
        )
    assert ends not in board(room)
    room.now += timedelta(days=6)
    assert board(room)[both].late, "its day has passed, and nobody has looked yet"


def test_the_board_is_narrowed(room: Room) -> None:
    one, two = room.tool(), room.tool()
    with writing(room.engine) as connection:
        Seed(connection).link(one, departments={"Brand": 2})
    first, second = room.open(one), room.open(two)
    room.say("ida", second, ask.Assess(ONE_EACH[IT][0], Verdict.OK))
    assert set(board(room, department="Brand")) == {first}
    assert set(board(room, waiting_on=["it"])) == {first}
    lane = board(room)[first].lane
    assert set(board(room, lane=[lane])) == {first, second}
    assert board(room, lane=[next(x for x in Lane if x is not lane)]) == {}


def test_a_small_department_is_not_asked_about_through_a_veil(room: Room) -> None:
    veil = Veil(key=b"k" * 32, sizes={"Brand": 2, "Field": 9})
    calendars = OFFICE_HOURS
    with reading(room.engine) as connection:
        wanted = CardQuery(department="Field")
        found = cards.board(connection, wanted, calendars=calendars, now=room.now, veil=veil)
        assert found.items == []
        with pytest.raises(Forbidden):
            cards.board(
                connection, CardQuery(department="Brand"), calendars=calendars, now=room.now, veil=veil
            )
        with pytest.raises(Forbidden):
            list_reviews(connection, ReviewQuery(department="Brand"), veil=veil)


def test_promises_are_listed_by_their_day(room: Room) -> None:
    late = room.decide(promises(room, 20, 3))
    soon = room.decide(promises(room, 3, owner="mara", side=MARKETING))

    def listed(who: str = "rita", **wanted: object) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        cursor = None
        while True:
            query = ConditionQuery.model_validate({**wanted, "limit": 2, "cursor": cursor})
            with reading(room.engine) as connection:
                page = cards.list_conditions(connection, query, caller=room.caller(who))
            found += [(item.review, item.number) for item in page.items]
            cursor = page.next
            if cursor is None:
                return found

    assert listed() == [(late, 2), (soon, 1), (late, 1)]
    assert listed("mara", mine=True) == [(soon, 1)]
    assert listed(mine=True) == []
    assert listed(side=["it"]) == [(late, 2), (late, 1)]
    assert listed(due_to=str(room.now.date() + timedelta(days=5))) == [(late, 2), (soon, 1)]
    room.say("ida", late, ask.Keep(2))
    assert listed() == [(soon, 1), (late, 1)]
    assert listed(state=[ConditionState.KEPT]) == [(late, 2)]
    with reading(room.engine) as connection, pytest.raises(Invalid):
        cards.list_conditions(connection, ConditionQuery(cursor="nonsense"), caller=room.caller("ida"))


def test_reviews_are_found_by_name_outcome_and_department(room: Room) -> None:
    with writing(room.engine) as connection:
        made = Seed(connection)
        one = made.tool("50%_off", ownership="owned", search="50%_off deals.example")
        two = made.tool("500 off", ownership="owned", search="500 off")
        made.link(one, departments={"Brand": 1})
    first = room.decide(Sanctioned(), one)
    second = room.decide(Dismissed(reason="no"), two)

    def found(**wanted: object) -> list[int]:
        with reading(room.engine) as connection:
            items: list[ReviewItem] = list_reviews(connection, ReviewQuery.model_validate(wanted)).items
        return [item.id for item in items]

    assert found() == [second, first]
    assert found(q="50%_") == [first]
    assert found(q="OFF deals") == [first]
    assert found(outcome=["dismissed"]) == [second]
    assert found(department="Brand") == [first]
    with pytest.raises(ValueError, match="NUL"):
        ReviewQuery(q="a\x00b")


def test_what_lies_around_a_review(engine: Engine, room: Room) -> None:
    with writing(engine) as connection:
        company = seed.company(connection)
        for tool, governance in ((company.github, "sanctioned"), (company.canva, "retiring")):
            change = sa.update(models.tools).where(models.tools.c.id == tool).values(governance=governance)
            connection.execute(change)
        terms = [
            {"outcome": "migrate", "to_tool_id": company.github, "by": "2027-01-01"},
            {
                "outcome": "sanctioned_with_conditions",
                "conditions": [{"owner_user_id": room.users["rita"], "side": "it", "text": "x"}],
            },
        ]
        found = setting_of(connection, company.hubspot, terms, ["grant:987654"], OPEN)
        assert pieces(connection, [], OPEN) == {}
    assert [(t.name, t.alike) for t in found.targets] == [("GitHub", False)]
    assert found.tools == {company.github: "GitHub"}
    assert found.names == {room.users["rita"]: "Rita"}
    assert (found.owned, found.merged_into) == (False, None)
    assert [p.name for p in found.people[IT]] == ["Bo", "Ida", "Igor"]
    assert [p.name for p in found.people[MARKETING]] == ["Bo", "Mara", "Max"]
    kinds = [piece.kind for piece in found.offered.values()]
    assert kinds == ["app", "grant", "grant", "expense", "expense"]
    grant = next(piece for piece in found.offered.values() if piece.kind == "grant")
    assert (grant.name, grant.grade, grant.everybody) == ("HubSpot CRM", "high", False)
    assert "read all your e-mail" in grant.may
    paid = [(p.amount_minor, p.currency, p.day) for p in found.offered.values() if p.kind == "expense"]
    assert paid == [(4900, "USD", date(2026, 10, 5)), (4900, "USD", date(2026, 11, 5))]
    assert "Anna" not in str(found.offered), "whose it is is nobody's business here"


def test_a_refusal_is_known_before_a_key_is_tried(room: Room) -> None:
    review = room.ready(Sanctioned(), room.tool(ownership="unowned"))
    proposal = room.state(review).proposal
    assert proposal is not None
    sign = ask.Sign(proposal.seq, "yes")
    before = room.rows(models.review_events)
    with reading(room.engine) as connection:
        for who, side, said in (("mara", MARKETING, "no owner"), ("ida", IT, None)):
            why = refusal_of(connection, room.house, review, sign, room.caller(who), side, room.now)
            assert (why is None) is (said is None)
            assert said is None or said in (why or "")
        log = whole_log(connection, review, OPEN)
    assert room.rows(models.review_events) == before
    assert [event.seq for event in log] == list(range(1, len(before) + 1))
    assert {item for items in ITEMS.values() for item in items} >= {i for (i,) in ONE_EACH.values()}
