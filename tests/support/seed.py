"""A small company with known facts, written straight into the tables: what the reading side is tested on."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app import models
from app.catalog.merchant_key import merchant_of
from connectors.identifiers import MERCHANT, Identifier

START = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 18, 9, 15, 30, 250_000, tzinfo=UTC)


@dataclass
class Seed:
    """Writes rows with sensible defaults; each method gives the new row's id."""

    connection: Connection
    _count: int = 0
    _departments: dict[int, str] = field(default_factory=dict)

    def _insert(self, table: sa.Table, **values: Any) -> int:
        result = self.connection.execute(sa.insert(table).values(**values))
        key = result.inserted_primary_key
        return key[0] if key else 0

    def _next(self) -> int:
        self._count += 1
        return self._count

    def source(self, name: str = "corp", connector: str = "okta", **values: Any) -> int:
        defaults: dict[str, Any] = {
            "account": f"account of {name}",
            "account_name": "Acme",
            "config": {"base_url": "https://acme.example.com"},
            "secrets": b"",
            "schedule_minutes": 360,
            "enabled": True,
            "health": "ok",
            "last_complete_at": LATER,
            "created_at": START,
            "updated_at": START,
        }
        return self._insert(models.sources, name=name, connector=connector, **{**defaults, **values})

    def tool(self, name: str, **values: Any) -> int:
        defaults: dict[str, Any] = {
            "key": f"key:{self._next()}:{name.lower()}",
            "vendor": None,
            "domain": None,
            "category": None,
            "identity": "identified",
            "evidence": "active",
            "governance": "unreviewed",
            "ownership": "unowned",
            "audience": "marketing",
            "audience_reasons": ["The knowledge base lists it as a marketing tool."],
            "managed": False,
            "managed_reasons": [],
            "shadow": True,
            "shadow_reasons": ["In use, not decided on, and not managed by IT."],
            "flagged": True,
            "flagged_reasons": ["It is a marketing tool."],
            "flagged_at": LATER,
            "on_it_list": False,
            "people": 0,
            "people_gone": 0,
            "grant_grade": None,
            "spend_minor": 0,
            "spend_currency": None,
            "spend": {},
            "departments": [],
            "sources": [],
            "first_seen": START,
            "last_seen": LATER,
            "search": name.lower(),
            "version": 1,
            "updated_at": LATER,
        }
        return self._insert(models.tools, name=name, **{**defaults, **values})

    def person(self, name: str | None, email: str | None = None, **values: Any) -> int:
        defaults: dict[str, Any] = {
            "email": email,
            "department": None,
            "title": None,
            "manager_email": None,
            "kind": "employee",
            "active": True,
            "first_seen": START,
            "last_seen": LATER,
        }
        return self._insert(models.people, name=name, **{**defaults, **values})

    def account(self, source_id: int, person_id: int, **values: Any) -> int:
        defaults: dict[str, Any] = {
            "ref": f"account-{self._next()}",
            "listed": True,
            "details": {},
            "stream": "users",
            "generation": 1,
            "first_seen": START,
            "last_seen": LATER,
        }
        return self._insert(
            models.accounts, source_id=source_id, person_id=person_id, **{**defaults, **values}
        )

    def app(self, source_id: int, tool_id: int | None, name: str, **values: Any) -> int:
        defaults: dict[str, Any] = {
            "ref": f"app-{self._next()}",
            "listed": True,
            "internal": False,
            "admin_only": False,
            "sign_on": "unknown",
            "provisioning": False,
            "self_service": False,
            "active": True,
            "publisher": None,
            "publisher_verified": None,
            "identifiers": [["app_name", name]],
            "facts": {"label": name},
            "matched_tool_id": tool_id,
            "rule": "exact name",
            "confidence": 0.98,
            "why": f"“{name}” is a name of this tool.",
            "created_at": None,
            "stream": "apps",
            "generation": 1,
            "first_seen": START,
            "last_seen": LATER,
        }
        return self._insert(
            models.apps, source_id=source_id, tool_id=tool_id, name=name, **{**defaults, **values}
        )

    def assignment(self, source_id: int, app_id: int, account_id: int | None, **values: Any) -> int:
        defaults: dict[str, Any] = {
            "subject": f"subject-{self._next()}",
            "group_name": None,
            "via_group": False,
            "self_assigned": False,
            "assigned_at": None,
            "stream": "assignments",
            "generation": 1,
            "first_seen": START,
            "last_seen": LATER,
        }
        return self._insert(
            models.assignments,
            source_id=source_id,
            app_id=app_id,
            account_id=account_id,
            **{**defaults, **values},
        )

    def sign_ins(self, app_id: int, account_id: int, day: date, count: int = 1) -> None:
        self._insert(models.sign_in_days, app_id=app_id, account_id=account_id, day=day, count=count)

    def grant(self, source_id: int, app_id: int, account_id: int | None, *scopes: str, **values: Any) -> int:
        defaults: dict[str, Any] = {
            "ref": f"grant-{self._next()}",
            "grade": "high",
            "consent": "user",
            "granted_at": START + timedelta(days=3),
            "stream": "grants",
            "generation": 1,
            "first_seen": START,
            "last_seen": LATER,
        }
        return self._insert(
            models.grants,
            source_id=source_id,
            app_id=app_id,
            account_id=account_id,
            scopes=list(scopes),
            **{**defaults, **values},
        )

    def consent(
        self, source_id: int, app_id: int, account_id: int | None, *scopes: str, **values: Any
    ) -> int:
        defaults: dict[str, Any] = {
            "event_id": f"event-{self._next()}",
            "at": START + timedelta(days=3),
            "granted": True,
            "consent": "user",
        }
        return self._insert(
            models.consent_events,
            source_id=source_id,
            app_id=app_id,
            account_id=account_id,
            scopes=list(scopes),
            **{**defaults, **values},
        )

    def expense(self, source_id: int, tool_id: int, account_id: int | None = None, **values: Any) -> int:
        defaults: dict[str, Any] = {
            "ref": f"expense-{self._next()}",
            "occurred_on": date(2026, 10, 5),
            "posted_on": date(2026, 10, 6),
            "amount_minor": 4900,
            "currency": "USD",
            "original_amount_minor": None,
            "original_currency": None,
            "merchant": "HUBSPOT INC",
            "descriptor": "HUBSPOT INC. 8884827768 MA",
            "state": "posted",
            "mcc": "5734",
            "category": "Software",
            "memo": None,
            "department": "Marketing",
            "refund_of": None,
            "replaced": False,
            "content": "",
            "first_seen": START,
            "last_seen": LATER,
        }
        name = values.get("merchant", defaults["merchant"])
        return self._insert(
            models.expenses,
            source_id=source_id,
            merchant_id=self.merchant(tool_id, name),
            account_id=account_id,
            **{**defaults, **values},
        )

    def merchant(self, tool_id: int, name: str) -> int:
        """The merchant of this name and tool, made when it is met first."""
        key = merchant_of((Identifier(MERCHANT, name),))[0]
        m = models.merchants
        same = sa.select(m.c.id).where(m.c.key == key, m.c.matched_tool_id == tool_id)
        found = self.connection.scalar(same)
        return found or self._insert(
            m,
            key=key,
            name=name,
            matched_tool_id=tool_id,
            tool_id=tool_id,
            rule="merchant",
            confidence=0.95,
            why="The card text names this tool.",
            first_seen=START,
        )

    def scan(self, source_id: int, state: str = "complete", **values: Any) -> int:
        defaults: dict[str, Any] = {
            "trigger": "schedule",
            "generation": 1,
            "requested_at": LATER,
            "started_at": LATER,
            "ended_at": LATER + timedelta(minutes=4),
            "notes": [],
        }
        return self._insert(models.scans, source_id=source_id, state=state, **{**defaults, **values})

    def skip(self, scan_id: int, ref: str = "line 812", reason: str = "the date cannot be read") -> int:
        return self._insert(models.scan_skips, scan_id=scan_id, stream="lines", ref=ref, reason=reason)

    def link(
        self, tool_id: int, *, sources: tuple[int, ...] = (), departments: dict[str, int] | None = None
    ) -> None:
        """Fill the tables by which tools are filtered by source and department."""
        for source_id in sources:
            self._insert(models.tool_sources, tool_id=tool_id, source_id=source_id)
        for name, people in (departments or {}).items():
            self._insert(models.tool_departments, tool_id=tool_id, department=name, people=people)


@dataclass(frozen=True)
class Company:
    """Ids of what `company` wrote."""

    okta: int
    ramp: int
    hubspot: int
    canva: int
    github: int
    anna: int
    leaver: int


def company(connection: Connection) -> Company:
    """Three tools, three people, two sources, and one of every kind of evidence."""
    seed = Seed(connection)
    okta = seed.source("corp", "okta")
    ramp = seed.source("cards", "ramp", account_name="Acme US")
    anna = seed.person("Anna Berg", "anna@acme.example", department="Marketing", title="Campaign manager")
    bo = seed.person("Bo Chen", "bo@acme.example", department="Engineering")
    leaver = seed.person("Lee Dorn", "lee@acme.example", department="Marketing", active=False)
    of_anna, of_bo, of_leaver = (seed.account(okta, person) for person in (anna, bo, leaver))
    card = seed.account(ramp, anna)
    hubspot = seed.tool(
        "HubSpot",
        vendor="HubSpot, Inc.",
        domain="hubspot.com",
        category="CRM",
        people=2,
        people_gone=1,
        grant_grade="high",
        spend_minor=9800,
        spend_currency="USD",
        spend={"USD": 9800, "EUR": 1250},
        departments=[{"department": "Marketing", "people": 2}],
        sources=["cards", "corp"],
        search="hubspot hubspot inc 8884827768 hubspot.com",
    )
    canva = seed.tool("Canva", category="Design", people=1, sources=["corp"], search="canva 50%_off\\deal")
    github = seed.tool(
        "GitHub",
        category="Engineering",
        audience="other",
        managed=True,
        managed_reasons=["corp: “GitHub” signs in by SAML, and accounts are provisioned."],
        shadow=False,
        flagged=False,
        flagged_reasons=[],
        flagged_at=None,
        people=1,
        sources=["corp"],
    )
    seed.link(hubspot, sources=(okta, ramp), departments={"Marketing": 2})
    seed.link(canva, sources=(okta,), departments={"Marketing": 1})
    seed.link(github, sources=(okta,), departments={"Engineering": 1})
    crm = seed.app(okta, hubspot, "HubSpot CRM", sign_on="consent")
    design = seed.app(okta, canva, "Canva Teams", sign_on="bookmark", self_service=True)
    code = seed.app(okta, github, "GitHub", sign_on="saml", provisioning=True)
    connection.execute(
        sa.insert(models.tool_identifiers).values(
            kind="domain", value="hubspot.com", tool_id=hubspot, rule="domain", first_seen=START
        )
    )
    seed.assignment(okta, design, of_anna, self_assigned=True)
    seed.assignment(okta, code, of_bo, via_group=True)
    seed.assignment(okta, code, None, group_name="Engineers")
    for day in range(3):
        seed.sign_ins(crm, of_anna, date(2026, 11, 16 + day), count=2)
    seed.sign_ins(code, of_bo, date(2026, 11, 18), count=5)
    mail = "https://www.googleapis.com/auth/gmail.readonly"
    seed.grant(okta, crm, of_anna, mail, "openid")
    seed.grant(okta, crm, of_leaver, mail)
    seed.grant(okta, design, of_anna, "email", grade="low", gone_at=LATER)
    seed.consent(okta, crm, of_anna, mail)
    seed.expense(ramp, hubspot, card)
    seed.expense(
        ramp, hubspot, card, occurred_on=date(2026, 11, 5), memo='=HYPERLINK("https://evil.example")'
    )
    seed.expense(
        ramp, hubspot, None, amount_minor=-1250, currency="EUR", state="refund", merchant="PayPal *Hubspot"
    )
    scan = seed.scan(okta, pages=12, new=40, known=300, skipped=1)
    seed.skip(scan)
    return Company(okta, ramp, hubspot, canva, github, anna, leaver)
