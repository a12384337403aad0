"""Who acts in the history: some people of each side, and one who asks before buying."""

from dataclasses import dataclass

from app.sandbox.company import Company
from app.sandbox.history.stage import Stage
from app.sandbox.people import Person
from app.security.schemas import Caller, Role


@dataclass(frozen=True)
class Cast:
    """The people, by what they do.

    Attributes:
        operations, lifecycle, social, content: heads of teams of marketing.
        events: the head of another team, who only reads and asks.
        it: the head of IT.
        systems, identity: of IT.
    """

    operations: Caller
    it: Caller
    lifecycle: Caller
    social: Caller
    content: Caller
    systems: Caller
    identity: Caller
    events: Caller


_TITLES = (
    ("operations", "Head of Marketing Operations", Role.MARKETING),
    ("it", "Head of IT & Security", Role.IT),
    ("lifecycle", "Head of Lifecycle & CRM", Role.MARKETING),
    ("social", "Head of Social & Community", Role.MARKETING),
    ("content", "Head of Content & SEO", Role.MARKETING),
    ("systems", "Systems Administrator", Role.IT),
    ("identity", "Identity Engineer", Role.IT),
    ("events", "Head of Events & Field Marketing", Role.READER),
)


def people_of(company: Company) -> dict[str, tuple[Person, Role]]:
    """Who plays which part, and the role in which they log in."""
    headquarters = [p for p in company.people if not p.subsidiary and p.works and p.kind == "employee"]
    by_title = {p.title: p for p in reversed(headquarters)}
    return {part: (by_title[title], role) for part, title, role in _TITLES}


def assemble(stage: Stage, company: Company) -> Cast:
    """Let everybody log in."""
    return Cast(**{part: stage.admit(person, role) for part, (person, role) in people_of(company).items()})
