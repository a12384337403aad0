"""Who works there: names from many cultures, departments, managers, offices, comings and goings."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, cached_property
from random import Random

import msgspec

from app.sandbox.tools import load

DOMAIN = "larkfield.example"
"""The company's domain; everybody has an address here, the subsidiary's people too."""
CONTRACTORS = 36
GUESTS = 22
SERVICE_ACCOUNTS = (
    "svc-jira-sync",
    "svc-okta-agent",
    "svc-data-loader",
    "svc-print",
    "svc-backup",
    "svc-crm-bot",
    "svc-ci-deploy",
    "svc-meeting-rooms",
    "svc-ad-connect",
    "svc-scanner",
)
_GUEST_DOMAINS = (
    "brightpixel.example",
    "northquay-agency.example",
    "fieldhouse-pr.example",
    "auditors.example",
)
_LETTERS = str.maketrans({"ø": "o", "Ø": "O", "ß": "ss", "ł": "l", "Ł": "L", "ı": "i", "đ": "d", "æ": "ae"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


class _Team(msgspec.Struct, frozen=True):
    key: str
    label: str
    hq: int
    sub: int
    titles: tuple[str, ...]


class _Department(msgspec.Struct, frozen=True):
    key: str
    name: str
    head: str
    gl: str
    teams: tuple[_Team, ...]


class _Data(msgspec.Struct, frozen=True):
    names: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    departments: tuple[_Department, ...]
    offices: tuple[tuple[str, str, str, str, str], ...]
    subsidiary_offices: tuple[tuple[str, str, str, str, str], ...]


@dataclass(frozen=True)
class Person:
    """Somebody with an account.

    Attributes:
        index: running number, also the employee number.
        department, team: keys (`marketing`, `social`); empty for guests and service accounts.
        kind: `employee`, `contractor`, `guest` or `service`.
        subsidiary: belongs to the acquired company, which has Entra instead of Okta.
        left: the day somebody left, or None.
        forgotten: left, but the Google account was never suspended and its grants live on.
        in_google: has a Google Workspace account.
    """

    index: int
    given: str
    family: str
    email: str
    department: str
    department_name: str
    team: str
    team_label: str
    title: str
    office: tuple[str, str, str, str, str]
    kind: str
    subsidiary: bool
    hired: date
    manager: str | None = None
    left: date | None = None
    forgotten: bool = False
    in_google: bool = False
    in_ramp: bool = False

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given} {self.family}".strip()

    @property
    def works(self) -> bool:
        """Still with the company."""
        return self.left is None

    @cached_property
    def in_okta(self) -> bool:
        """Has an Okta account: everybody at headquarters but guests."""
        return not self.subsidiary and self.kind != "guest"

    @cached_property
    def in_entra(self) -> bool:
        """Has an Entra account: the subsidiary, and guests from agencies."""
        return self.subsidiary or self.kind == "guest"


@cache
def ascii_letters(text: str) -> str:
    """A name as people write it into an address: `Jürgen Müller` becomes `juergen.mueller`."""
    plain = unicodedata.normalize("NFKD", text.translate(_UMLAUTS).translate(_LETTERS))
    return "".join(c for c in plain.lower() if c.isascii() and c.isalnum())


@cache
def departments() -> dict[str, tuple[str, str]]:
    """By key: a department's name and its ledger account."""
    return {d.key: (d.name, d.gl) for d in load("people.json", _Data).departments}


def build_people(seed: int, as_of: date) -> tuple[Person, ...]:
    """Everybody with an account, managers first within each team."""
    rng = Random(f"people:{seed}")
    data = load("people.json", _Data)
    taken: set[str] = set()
    people: list[Person] = []

    def person(kind: str, subsidiary: bool, dept: _Department, team: _Team, title: str) -> Person:
        given, family, email = _name(rng, data, taken)
        old = rng.random() ** 2 * 3200 + 20
        made = Person(
            len(people) + 1,
            given,
            family,
            email,
            dept.key,
            dept.name,
            team.key,
            team.label,
            title,
            rng.choice(data.subsidiary_offices if subsidiary else data.offices),
            kind,
            subsidiary,
            as_of - timedelta(days=int(old)),
        )
        people.append(made)
        return made

    def fill(dept: _Department, subsidiary: bool) -> None:
        head = person(
            "employee", subsidiary, dept, dept.teams[0], f"{dept.name} Director" if subsidiary else dept.head
        )
        for team in dept.teams:
            lead = replace(
                person("employee", subsidiary, dept, team, f"Head of {team.label}"), manager=head.email
            )
            people[-1] = lead
            for _ in range((team.sub if subsidiary else team.hq) - 1):
                person("employee", subsidiary, dept, team, rng.choice(team.titles))
                people[-1] = replace(people[-1], manager=lead.email)

    for dept in data.departments:
        fill(dept, False)
    for dept in data.departments:
        fill(dept, True)
    teams = [(d, t) for d in data.departments for t in d.teams]
    bosses = {p.team: p.manager for p in people if not p.subsidiary and p.manager}
    for _ in range(CONTRACTORS):
        dept, team = rng.choice(teams)
        person("contractor", False, dept, team, f"{rng.choice(team.titles)} (contract)")
        people[-1] = replace(people[-1], manager=bosses[team.key])
    people = [_circumstances(p, rng, as_of) for p in people]
    return (*people, *_outsiders(rng, data, taken, len(people), as_of))


def _name(rng: Random, data: _Data, taken: set[str]) -> tuple[str, str, str]:
    cultures = list(data.names.values())
    while True:
        firsts, lasts = rng.choice(cultures)
        # Some families have moved: first and last name need not come from the same place.
        if rng.random() < 0.12:
            lasts = rng.choice(cultures)[1]
        given, family = rng.choice(firsts), rng.choice(lasts)
        email = f"{ascii_letters(given)}.{ascii_letters(family)}@{DOMAIN}"
        if email not in taken:
            taken.add(email)
            return given, family, email


def _circumstances(person: Person, rng: Random, as_of: date) -> Person:
    """Who left, who was forgotten, and who has which account."""
    leads = person.title.startswith(("Head of", "Chief", "VP ")) or person.title.endswith("Director")
    left = None
    if not leads and rng.random() < 0.055:
        left = as_of - timedelta(days=rng.randint(4, 400))
        left = max(left, person.hired + timedelta(days=10))
        left = None if left >= as_of else left
    google = person.department in {"marketing", "product", "people"} or rng.random() < 0.38
    ramp = (
        not person.subsidiary
        and person.kind == "employee"
        and (person.department in {"marketing", "sales"} or leads or rng.random() < 0.4)
    )
    forgotten = left is not None and google and rng.random() < 0.35
    return replace(person, left=left, forgotten=forgotten, in_google=google, in_ramp=ramp)


def _outsiders(rng: Random, data: _Data, taken: set[str], count: int, as_of: date) -> Iterable[Person]:
    """Guests from agencies, and accounts that nobody is."""
    office = data.offices[0]
    for n in range(GUESTS):
        given, family, email = _name(rng, data, taken)
        address = f"{email.partition('@')[0]}@{_GUEST_DOMAINS[n % len(_GUEST_DOMAINS)]}"
        since = as_of - timedelta(days=rng.randint(15, 700))
        count += 1
        yield Person(count, given, family, address, "", "", "", "", "", office, "guest", False, since)
    for name in SERVICE_ACCOUNTS:
        count += 1
        since = as_of - timedelta(days=rng.randint(300, 2500))
        email = f"{name}@{DOMAIN}"
        yield Person(count, "", name, email, "it", "IT", "", "", "", office, "service", False, since)


def members(people: Sequence[Person], teams: Iterable[str]) -> list[Person]:
    """Employees and contractors of the teams or departments named; `all` means everybody."""
    wanted = set(teams)
    everybody = "all" in wanted
    return [
        p
        for p in people
        if p.kind in {"employee", "contractor"} and (everybody or p.team in wanted or p.department in wanted)
    ]
