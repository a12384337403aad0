"""What the people of the simulated company can do: each deed through the service that pages and API use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.engine import Connection

from app.catalog.service import Reassess, live_tool
from app.claims import rules as owning
from app.claims import service as claims
from app.claims.fold import Reason
from app.claims.schemas import DeclineIn
from app.errors import NotFound
from app.identify import KnowledgeBase
from app.joining import house_rules, owners_of, partners
from app.remediation import service as remediation
from app.remediation.schemas import PlanIn
from app.requests import service as requests
from app.requests.schemas import RequestIn
from app.reviews import commands as ask
from app.reviews.answers import ReviewOut
from app.reviews.events import Terms
from app.reviews.reading import get_review, list_reviews, version_of
from app.reviews.schemas import ReviewQuery
from app.reviews.service import Desk
from app.reviews.sweeping import sweep
from app.reviews.words import ITEMS, Cause, Item, Standing, Verdict
from app.sandbox.people import Person
from app.security.privacy import OPEN
from app.security.schemas import Caller, Role, Side, UserIn
from app.security.users import create_user, user_at
from app.spend import service as spend
from app.spend.schemas import ContractIn
from app.teaching.schemas import CorrectIn, IdentifierIn, NewTool, Target
from app.teaching.service import Classroom
from app.views.schemas import ViewIn
from app.views.service import create_view
from connectors.identifiers import APP_NAME

ATTEST_DAYS = 180


@dataclass
class Stage:
    """Where the company's people act, one deed after the other, each at its time.

    Attributes:
        connection: a writing transaction.
        kb: what is known of products.
        reassess: works out the facts of tools again.
        as_of: the company's last day; everything happens before it.
        tools: the catalog's tools by name.
        actor: who lets all this happen, for what is nobody's deed.
        now: the time of the deed that is done next.
    """

    connection: Connection
    kb: KnowledgeBase
    reassess: Reassess
    as_of: date
    tools: Mapping[str, int]
    actor: str
    now: datetime

    # --- time --------------------------------------------------------------------------------

    def day(self, before: int) -> date:
        """The working day so many working days before the company's last one; weekends are left out."""
        day = self.as_of
        for _ in range(before):
            day -= timedelta(days=1)
            while day.weekday() >= 5:
                day -= timedelta(days=1)
        return day

    def at(self, before: int, clock: str) -> datetime:
        """A time of such a day, written as `"10:15"`."""
        hour, minute = clock.split(":")
        return datetime.combine(self.day(before), datetime.min.time(), UTC).replace(
            hour=int(hour), minute=int(minute)
        )

    def ahead(self, days: int) -> date:
        """A day so many days after the company's last one."""
        return self.as_of + timedelta(days=days)

    # --- people ------------------------------------------------------------------------------

    def admit(self, person: Person, role: Role) -> Caller:
        """Let somebody log in, if they may not yet; gives who they are when they act."""
        try:
            made = user_at(self.connection, person.email)
        except NotFound:
            wanted = UserIn(email=person.email, name=person.name, roles=[role])
            made = create_user(self.connection, wanted, actor=self.actor, now=self.now)
        return Caller(
            name=person.name,
            roles=frozenset({role}),
            expires_at=self.now + timedelta(days=365),
            user_id=made.id,
            person_id=made.person_id,
        )

    # --- who answers for a tool --------------------------------------------------------------

    def claim(self, who: Caller, tool: str) -> None:
        """Answer for a tool."""
        self._own(who, tool, "claim", owning.claim)

    def co_own(self, who: Caller, tool: str, owner: Caller) -> None:
        """Ask to co-own a tool; its owner agrees at once."""
        self._own(who, tool, "co-own", owning.co_own)
        self._own(owner, tool, "accept", lambda case: owning.accept(case, who.user_id))

    def ask_to_co_own(self, who: Caller, tool: str) -> None:
        """Ask to co-own a tool; nobody has answered yet."""
        self._own(who, tool, "co-own", owning.co_own)

    def contest(self, who: Caller, tool: str, reason: str) -> None:
        """Say that a tool is one's own, though somebody else holds it."""
        self._own(who, tool, "contest", lambda case: owning.contest(case, reason))

    def hand_over(self, who: Caller, tool: str, to: Caller) -> None:
        """Offer a tool to somebody."""
        self._claims(who).act(
            self.tools[tool], None, "hand-over", lambda desk: desk.naming(owning.hand_over, user_of(to), "to")
        )

    def decline(self, who: Caller, tool: str, reason: Reason, note: str) -> None:
        """Say that a tool is none of one's department's."""
        wanted = DeclineIn(reason=reason, note=note)
        self._claims(who).act(self.tools[tool], None, "decline", lambda desk: desk.declining(wanted))

    def steward(self, who: Caller, tool: str, named: Caller) -> None:
        """Name who in IT looks after a tool."""
        self._claims(who).act(
            self.tools[tool], None, "steward", lambda desk: desk.naming_steward(named.user_id)
        )

    def _own(self, who: Caller, tool: str, verb: str, rule: claims.Rule) -> None:
        self._claims(who).act(self.tools[tool], None, verb, lambda _desk: rule)

    def _claims(self, who: Caller) -> claims.Desk:
        setting = claims.Setting(ATTEST_DAYS, self.reassess)
        return claims.Desk(self.connection, who, setting, now=self.now)

    # --- reviews -----------------------------------------------------------------------------

    def open(self, who: Caller, tool: str, need: str, cause: Cause = Cause.FLAG) -> int:
        """Open the joint review of a tool; gives its id."""
        return self._desk(who).open_by(who, self.tools[tool], cause, need)

    def act(self, who: Caller, review: int, command: ask.Command) -> int:
        """Do one thing in a review; gives the version that it is at then, the number of the last line."""
        return self._desk(who).act(who, review, version_of(self.connection, review), command)

    def assess(self, who: Caller, review: int, **notes: str | tuple[Verdict, str]) -> None:
        """Assess all that the review's lane asks of one's side: what is not named, without a note."""
        side = _side(who)
        for item in self._asked_of(review, side):
            said = notes.get(item.value, "")
            verdict, note = (Verdict.OK, said) if isinstance(said, str) else said
            self.act(who, review, ask.Assess(item, verdict, note))

    def _asked_of(self, review: int, side: Side) -> list[Item]:
        found = self.review(review)
        own = next(one for one in found.sides if one.side is side)
        wanted = {line.item for line in own.items}
        return [item for item in ITEMS[side] if item in wanted]

    def review(self, review: int) -> ReviewOut:
        """A review as it is now."""
        house = house_rules()
        return get_review(self.connection, review, calendars=house.calendars(self.connection), now=self.now)

    def open_review(self, tool: str) -> int:
        """The review of a tool that goes on.

        Raises:
            LookupError: there is none.
        """
        wanted = ReviewQuery(tool=self.tools[tool], state=[Standing.OPEN])
        for found in list_reviews(self.connection, wanted).items:
            return found.id
        raise LookupError(f"{tool} is not under review")

    def propose(self, who: Caller, review: int, terms: Terms, why: str) -> int:
        """Propose an outcome; gives the number by which a key is turned on it."""
        return self.act(who, review, ask.Propose(terms, why))

    def sign(self, who: Caller, review: int, proposal: int, why: str) -> None:
        """Turn one's key."""
        self.act(who, review, ask.Sign(proposal, why))

    def sweep(self) -> None:
        """What the hourly look at promises finds."""
        sweep(self.connection, self.now, reassess=self.reassess, house=house_rules(), actor=self.actor)

    def _desk(self, who: Caller) -> Desk:
        return Desk(
            self.connection, actor=who.actor, now=self.now, reassess=self.reassess, house=house_rules()
        )

    # --- after a decision --------------------------------------------------------------------

    def plan(self, who: Caller, review: int, due: date) -> int:
        """Write down what there is to end; gives the plan's number."""
        made = remediation.make_plan(
            self.connection, review, PlanIn(due=due), caller=who, revoking=True, now=self.now, veil=OPEN
        )
        return made.id

    def confirm(self, who: Caller, plan: int) -> None:
        """Say for one's side that a plan may be carried out."""
        version = remediation.get_plan(self.connection, plan, veil=OPEN).version
        remediation.confirm(self.connection, plan, version, caller=who, now=self.now, veil=OPEN)

    # --- all the rest ------------------------------------------------------------------------

    def request(self, who: Caller, wanted: RequestIn) -> int:
        """Ask before buying; gives the request's number."""
        return requests.make_request(self.connection, self._counter(), wanted, caller=who).id

    def take_up(self, who: Caller, request: int) -> int:
        """Turn a request into a review; gives that one's id."""
        found = requests.review(self.connection, self._counter(), request, caller=who, reassess=self.reassess)
        assert found.review is not None
        return found.review

    def contract(self, who: Caller, tool: str, wanted: ContractIn) -> None:
        """Enter a contract."""
        spend.Desk(self.connection, who, owners_of, self.now).enter(self.tools[tool], wanted)

    def name(self, who: Caller, tool: str, domain: str, reason: str) -> None:
        """Say which product a tool is that nobody could name: what is called so belongs to it."""
        room = Classroom(self.connection, self.kb, actor=who.actor, now=self.now)
        wanted = CorrectIn(
            identifiers=[IdentifierIn(kind=APP_NAME, value=tool)],
            to=Target(new=NewTool(name=tool, domain=domain)),
            reason=reason,
        )
        room.correct(self.tools[tool], live_tool(self.connection, self.tools[tool]).version, wanted)

    def keep_list(self, who: Caller, name: str, query: str) -> None:
        """Keep a list of tools under a name, for everybody."""
        create_view(self.connection, ViewIn(name=name, query=query, shared=True), who, self.now)

    def _counter(self) -> requests.Counter:
        return requests.Counter(self.kb, partners(house_rules(), self.reassess), self.now)


def _side(who: Caller) -> Side:
    return next(side for side in Side if who.sits_with(side))


def user_of(who: Caller) -> int:
    """The number of somebody who acts, as a user."""
    assert who.user_id is not None
    return who.user_id
