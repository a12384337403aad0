"""The company: its people, the tools they use, and everything they paid for.

The same seed and day always make the same company. The day bounds everything: nothing happens on
or after `as_of`, so that a demo whose clock stands anywhere on that day sees only the past.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from random import Random

from app.sandbox.charges import Charge, build_charges
from app.sandbox.people import DOMAIN, Person, build_people, members
from app.sandbox.tools import PAID, Tool, Use, Via, tools

SSO_DAYS = 89
"""How far back sign-ins go: the identity provider keeps 90 days, and a scan may be late on the day."""


@dataclass(frozen=True)
class Adoption:
    """One tool in use by one way in: who uses it there, and since when each of them."""

    tool: Tool
    use: Use
    people: tuple[Person, ...]
    since: tuple[date, ...]


@dataclass(frozen=True)
class Company:
    """The simulated company and all that it did."""

    seed: int
    as_of: date
    people: tuple[Person, ...]
    adoptions: tuple[Adoption, ...]
    charges: tuple[Charge, ...]
    name: str = "Larkfield Home"
    domain: str = DOMAIN
    subsidiary: str = "Fennmark"

    @property
    def end(self) -> datetime:
        """The moment before which everything happened."""
        return datetime(self.as_of.year, self.as_of.month, self.as_of.day, tzinfo=UTC)

    @cached_property
    def tools(self) -> tuple[Tool, ...]:
        """Every tool of the company."""
        return tools()

    def using(self, via: Via) -> list[Adoption]:
        """What came in by one way, in the catalogue's order."""
        return [a for a in self.adoptions if a.use.via is via]

    @cached_property
    def by_email(self) -> dict[str, Person]:
        """Everybody, by address."""
        return {p.email: p for p in self.people}

    def random(self, purpose: str) -> Random:
        """Dice of their own for one purpose, so that one world does not move another."""
        return Random(f"{purpose}:{self.seed}")


def build_company(seed: int = 7, *, as_of: date) -> Company:
    """Make the company.

    Args:
        seed: another seed makes other people, adopters and amounts of the same catalogue.
        as_of: the day on which somebody looks; everything happened before it.
    """
    people = build_people(seed, as_of)
    adoptions = _adoptions(people, Random(f"adoptions:{seed}"), as_of)
    paid = [(a.tool, a.use, a.people) for a in adoptions if a.use.via in PAID]
    charges = build_charges(people, paid, seed, as_of)
    return Company(seed, as_of, people, tuple(adoptions), charges)


def _adoptions(people: Sequence[Person], rng: Random, as_of: date) -> list[Adoption]:
    found = []
    for tool in tools():
        start = as_of - timedelta(days=max(20, round(tool.months * 30.4)))
        insiders = members(people, tool.teams)
        for use in tool.uses:
            chosen = _choose(tool, use, insiders, people, rng)
            since = tuple(_since(person, start, as_of, rng) for person in chosen)
            found.append(Adoption(tool, use, tuple(chosen), since))
    return found


def _since(person: Person, start: date, as_of: date, rng: Random) -> date:
    """A day on which the person began: after both were there, and not only just now."""
    first = max(start, person.hired)
    last = person.left or as_of - timedelta(days=6)
    if first >= last:
        return last - timedelta(days=1)
    return first + timedelta(days=int((last - first).days * rng.random() ** 2))


def _has_account(person: Person, via: Via) -> bool:
    """Whether a way in is open to the person at all."""
    if via in {Via.OKTA_SSO, Via.OKTA_LINK}:
        return person.in_okta and person.works
    if via in {Via.ENTRA_SSO, Via.ENTRA_ADMIN, Via.ENTRA_USER}:
        return person.in_entra and person.works
    if via is Via.GOOGLE:
        return person.in_google and (person.works or person.forgotten)
    if via is Via.GOOGLE_SAML:
        return person.in_google and person.works
    if via is Via.STATEMENT:
        return person.subsidiary and person.works
    return person.in_ramp and person.works


def _choose(
    tool: Tool, use: Use, insiders: Sequence[Person], people: Sequence[Person], rng: Random
) -> list[Person]:
    """Who uses a tool by one way in."""
    able = [p for p in insiders if _has_account(p, use.via)]
    if use.via in {Via.OKTA_SSO, Via.ENTRA_SSO, Via.ENTRA_ADMIN, Via.GOOGLE_SAML}:
        return able  # what IT sets up reaches everybody in the group
    departments = {p.department for p in insiders}
    if not able:
        # The subsidiary is small: somebody of the same department stands in for the team.
        able = [p for p in people if p.department in departments and _has_account(p, use.via)]
    if use.via in PAID:
        return rng.sample(able, min(len(able), 2 if tool.people >= 8 else 1))
    wanted = tool.people if use.via is Via.GOOGLE else max(2, tool.people // 3)
    # Forgotten accounts of leavers are few; each of them had picked up several tools.
    gone = [p for p in able if not p.works]
    there = [p for p in able if p.works]
    chosen = rng.sample(there, min(len(there), wanted, 170))
    chosen += [p for p in gone if rng.random() < 0.35]
    if tool.known and len(chosen) >= 8 and use.via is Via.GOOGLE:
        others = [p for p in people if p.department not in departments and p.works and p.in_google]
        chosen += rng.sample(others, min(len(others), len(chosen) // 7))
    return sorted(chosen, key=lambda p: p.index)
