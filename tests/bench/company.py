"""A large company, written straight into the tables: what the pages and the sweeps are measured on.

20,000 tools, 50,000 grants, 1,200 people, 90 days of sign-ins, two years of charges, some hundred reviews
with their logs, claims, contracts, requests, scans, and a long audit trail. The same for the same day.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from app import models
from app.db import upsert, writing
from app.identify import default_knowledge_base
from app.security import users
from app.security.schemas import Caller, Role, UserIn
from app.security.service import create_token
from tests.bench import company_work
from tests.bench.company_work import OWNED, many
from tests.support.seed import Seed

TOOLS, PEOPLE, GRANTS, SIGN_INS = 20_000, 1_200, 50_000, 600_000
PAYING, SCANNED = 4_000, 400
DEPARTMENTS = [
    f"{where} {what}"
    for where in ("Brand", "Field", "Growth", "Product", "Web", "North")
    for what in ("Marketing", "Events", "Content", "Design", "Sales", "Finance", "Engineering")
]
"""42 of them."""

_FIRST = ("Aino", "Ben", "Cleo", "Dara", "Emil", "Fay", "Goro", "Hana", "Ines", "Jon", "Kaja", "Lev")
_LAST = ("Abel", "Berg", "Chen", "Dorn", "Engel", "Falk", "Grau", "Holm", "Iver", "Jung", "Krog", "Lind")
_KINDS = ("Mail", "Form", "Board", "Pixel", "Reach", "Audience", "Story", "Signal", "Survey", "Funnel")
_MAKERS = ("Amber", "Birch", "Cobalt", "Delta", "Ember", "Flint", "Garnet", "Harbor", "Indigo", "Maple")
_GOOGLE = "https://www.googleapis.com/auth/"
_SCOPES = [
    *(_GOOGLE + name for name in ("gmail.readonly", "gmail.send", "drive", "drive.file", "calendar")),
    *(_GOOGLE + name for name in ("contacts.readonly", "analytics.readonly", "adwords", "spreadsheets")),
    *("openid", "email", "profile", "Mail.Read", "Files.ReadWrite.All", "Sites.Read.All", "User.Read"),
    *("Calendars.ReadWrite", "Contacts.Read", "Directory.Read.All", "channels:history", "chat:write"),
]
_GRADES = ("high", "medium", "low")


def fill(engine: Engine, now: datetime) -> dict[Role, str]:
    """Write the company; gives a token of a person of IT, of marketing, and of an administrator.

    Args:
        engine: a database with all tables and no rows.
        now: the time; everything was seen before it.
    """
    made = random.Random(7)
    with writing(engine) as connection:
        seed = Seed(connection)
        sources = [
            seed.source("Directory", "okta"),
            seed.source("Workspace", "google_workspace"),
            seed.source("Cards", "ramp"),
        ]
        tokens, callers = _users(connection, now)
        tools = _tools(connection, seed, now)
        accounts = _people(connection, seed, sources[0], now)
        apps = _apps(connection, seed, sources, tools, now)
        _grants(connection, seed, sources[1], apps, accounts, now, made)
        _money(connection, seed, sources[2], tools, accounts, now)
        company_work.claims(connection, callers, tools, now)
        company_work.contracts(connection, callers, tools, now)
        _scans(connection, seed, sources, now)
    for rows in _sign_ins(apps, accounts, now.date()):
        with writing(engine) as connection:
            upsert(connection, models.sign_in_days, rows, key=("app_id", "account_id", "day"))
    company_work.reviews(engine, callers, tools, now)
    with writing(engine) as connection:
        company_work.asked(connection, callers, now)
        company_work.others(connection, callers, tools, now)
    company_work.trail(engine, now)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT", reading=True) as connection:
        connection.exec_driver_sql("ANALYZE")
    return tokens


def _like(connection: Connection, table: sa.Table) -> dict[str, Any]:
    """The one row of a table, without its id: what the many others are made like."""
    one = dict(connection.execute(sa.select(table)).mappings().one())
    one.pop("id", None)
    return one


def _users(connection: Connection, now: datetime) -> tuple[dict[Role, str], dict[Role, Caller]]:
    tokens, callers = {}, {}
    for role, name in ((Role.IT, "Ivo Berg"), (Role.MARKETING, "Mara Lind"), (Role.ADMIN, "Ada Roth")):
        email = f"{name.split()[0].lower()}@acme.example"
        person = UserIn(email=email, name=name, roles=[role])
        user = users.create_user(connection, person, actor="bench", now=now).id
        ends = now + timedelta(days=30)
        callers[role] = Caller(name=name, roles=frozenset([role]), expires_at=ends, user_id=user)
        tokens[role] = create_token(
            connection, f"{role.value} at the bench", role, user_id=user, actor="bench", now=now
        )[1]
    return tokens, callers


def _tools(connection: Connection, seed: Seed, now: datetime) -> list[int]:
    """Half of them marketing's, three in seven in use; they are of every category."""
    seed.tool("Tool 0")
    one = _like(connection, models.tools)
    kinds = sorted(default_knowledge_base().categories)
    rows = [_tool(one, n, kinds[n * 7 % len(kinds)], now) for n in range(1, TOOLS)]
    many(connection, models.tools, rows, "key")
    ids = list(connection.scalars(sa.select(models.tools.c.id).order_by(models.tools.c.id)))
    rows = [
        {"tool_id": tool, "department": DEPARTMENTS[(n + more) % len(DEPARTMENTS)], "people": 2 + n % 5}
        for n, tool in enumerate(ids)
        for more in (0, 5)
    ]
    many(connection, models.tool_departments, rows, "tool_id", "department")
    return ids


def _tool(one: dict[str, Any], n: int, category: str, now: datetime) -> dict[str, Any]:
    name = f"{_MAKERS[n % len(_MAKERS)]} {_KINDS[n // len(_MAKERS) % len(_KINDS)]} {n}"
    audience = ("marketing", "marketing", "other", "unsure")[n % 4]
    governance = ("unreviewed", "unreviewed", "unreviewed", "sanctioned", "retired", "dismissed")[n % 6]
    flagged = audience == "marketing" and governance == "unreviewed"
    spend = {("USD", "EUR")[n % 2]: 1_000 + n} if n < PAYING else {}
    return {
        **one,
        "key": f"unknown:name:tool{n}",
        "name": name,
        "sort_name": name.casefold(),
        "vendor": f"{_MAKERS[n % len(_MAKERS)]} Software, Inc.",
        "domain": f"tool{n}.example",
        "category": None if n % 13 == 0 else category,
        "identity": "unidentified" if n % 5 == 0 else "identified",
        "evidence": ("active", "active", "dormant", "gone")[n % 7 % 4],
        "governance": governance,
        "ownership": "owned" if n < OWNED else "unowned",
        "audience": audience,
        "managed": n % 9 == 0,
        "shadow": governance == "unreviewed" and n % 9 != 0,
        "flagged": flagged,
        "flagged_at": now - timedelta(days=n % 300) if flagged else None,
        "people": (n * 7919) % 90,
        "grant_grade": (*_GRADES, None)[n * 31 % 4],
        "spend_minor": next(iter(spend.values()), 0),
        "spend_currency": next(iter(spend), None),
        "spend": spend,
        "departments": [{"department": DEPARTMENTS[n % len(DEPARTMENTS)], "people": 3}],
        "sources": ["Directory", "Workspace"],
        "first_seen": now - timedelta(days=n % 400, hours=1),
        "last_seen": now - timedelta(hours=n % 99),
        "search": f"{name.lower()} tool{n}.example",
        "updated_at": now,
    }


def _people(connection: Connection, seed: Seed, source: int, now: datetime) -> list[int]:
    person = seed.person("Person", "person@acme.example")
    one = _like(connection, models.people)
    rows = []
    for n in range(1, PEOPLE):
        name = f"{_FIRST[n % len(_FIRST)]} {_LAST[n // len(_FIRST) % len(_LAST)]}"
        more = {"department": DEPARTMENTS[n % len(DEPARTMENTS)], "title": "Campaign manager"}
        email = f"{name.lower().replace(' ', '.')}{n}@acme.example"
        rows.append({**one, "email": email, "name": name, "active": n % 25 != 0, "last_seen": now, **more})
    many(connection, models.people, rows, "email")
    seed.account(source, person)
    one = _like(connection, models.accounts)
    persons = list(connection.scalars(sa.select(models.people.c.id).order_by(models.people.c.id)))
    many(
        connection,
        models.accounts,
        [{**one, "ref": f"a{n}", "person_id": id_} for n, id_ in enumerate(persons[1:])],
        *("source_id", "ref"),
    )
    return list(connection.scalars(sa.select(models.accounts.c.id).order_by(models.accounts.c.id)))


def _apps(
    connection: Connection, seed: Seed, sources: Sequence[int], tools: Sequence[int], now: datetime
) -> list[int]:
    """One of each tool, every sixth of them of the directory with single sign-on."""
    seed.app(sources[0], tools[0], "Tool 0")
    one = _like(connection, models.apps)
    names = {
        row.id: row.name for row in connection.execute(sa.select(models.tools.c.id, models.tools.c.name))
    }
    rows = [
        {
            **one,
            "source_id": sources[1 if n % 6 else 0],
            "ref": f"r{n}",
            "tool_id": tool,
            "matched_tool_id": tool,
            "name": names[tool],
            "sign_on": "consent" if n % 6 else "saml",
            "publisher_verified": (True, False, None)[n % 3],
            "identifiers": [["app_name", names[tool]]],
            "facts": {"label": names[tool]},
            "last_seen": now,
        }
        for n, tool in enumerate(tools)
        if n
    ]
    many(connection, models.apps, rows, "source_id", "ref")
    pairs = [{"tool_id": tool, "source_id": sources[1 if n % 6 else 0]} for n, tool in enumerate(tools)]
    many(connection, models.tool_sources, pairs, "tool_id", "source_id")
    return list(connection.scalars(sa.select(models.apps.c.id).order_by(models.apps.c.id)))


def _grants(
    connection: Connection,
    seed: Seed,
    source: int,
    apps: Sequence[int],
    accounts: Sequence[int],
    now: datetime,
    made: random.Random,
) -> None:
    """Of some hundred different lists of scopes, a few by an administrator for everybody."""
    lists = [sorted(made.sample(_SCOPES, made.randint(1, 8))) for _ in range(600)]
    seed.grant(source, apps[0], None)
    one = _like(connection, models.grants)
    rows = [
        {
            **one,
            "ref": f"g{n}",
            # A few tools are allowed by very many people.
            "app_id": apps[n % 60 if n % 4 == 0 else n % len(apps)],
            "account_id": None if n % 200 == 0 else accounts[n * 7 % len(accounts)],
            "scopes": lists[n % len(lists)],
            "grade": _GRADES[n % 3],
            "consent": "admin" if n % 200 == 0 else "user",
            "granted_at": now - timedelta(days=n % 600),
            "last_seen": now,
        }
        for n in range(1, GRANTS)
    ]
    many(connection, models.grants, rows, "source_id", "ref")


def _sign_ins(apps: Sequence[int], accounts: Sequence[int], today: date) -> Iterator[list[dict[str, Any]]]:
    """90 days of them; every tool in use is used by some."""
    days = [today - timedelta(days=n) for n in range(90)]
    each = SIGN_INS // len(apps)
    rows = (
        {
            "app_id": app,
            "account_id": accounts[(n * 31 + k // 3 * 97) % len(accounts)],
            "day": days[(n + k * 13) % 90],
            "count": 1 + k % 4,
        }
        for n, app in enumerate(apps)
        for k in range(each)
    )
    while some := [row for _, row in zip(range(50_000), rows, strict=False)]:
        yield some


def _money(
    connection: Connection,
    seed: Seed,
    source: int,
    tools: Sequence[int],
    accounts: Sequence[int],
    now: datetime,
) -> None:
    merchants = [seed.merchant(tools[n], f"Merchant {n}") for n in range(PAYING)]
    seed.expense(source, tools[0], merchant="Merchant 0")
    one = _like(connection, models.expenses)
    rows = [
        {
            **one,
            "ref": f"{n}-{month}",
            "merchant_id": merchant,
            "account_id": accounts[n * 11 % len(accounts)],
            "amount_minor": 1_900 + n % 5_000,
            "currency": ("USD", "EUR")[n % 2],
            "department": DEPARTMENTS[n % len(DEPARTMENTS)],
            "occurred_on": (now - timedelta(days=30 * month + n % 28)).date(),
        }
        for n, merchant in enumerate(merchants)
        for month in range(24)
    ]
    many(connection, models.expenses, rows, "source_id", "ref")
    today = now.date()
    found = [
        {
            "tool_id": tools[n],
            "number": 1,
            "period": "yearly" if n % 3 == 0 else "monthly",
            "currency": ("USD", "EUR")[n % 2],
            "usual_minor": 1_900 + n % 5_000,
            "asked_minor": None,
            "asked_currency": None,
            "charges": 24,
            "payers": 1,
            "first_on": today - timedelta(days=700),
            "last_on": today - timedelta(days=n % 28),
            "next_on": today + timedelta(days=n % 330),
            "ended_after": today + timedelta(days=400),
            "confidence": 0.9,
            "reasons": ["24 charges, one about every month."],
            "rises": [],
            "digest": "d",
        }
        for n in range(1, PAYING)
    ]
    many(connection, models.tool_subscriptions, found, "tool_id", "number")


def _scans(connection: Connection, seed: Seed, sources: Sequence[int], now: datetime) -> None:
    for n in range(SCANNED):
        at = now - timedelta(hours=6 * (SCANNED - n))
        seed.scan(
            sources[n % len(sources)],
            generation=n,
            requested_at=at,
            started_at=at,
            ended_at=at + timedelta(minutes=4),
            pages=12,
            new=40,
            known=300,
            skipped=n % 7,
        )
