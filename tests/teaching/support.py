"""A company that two scans found, a person who teaches, and a look at everything that is stored."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.identify import default_knowledge_base
from app.models import apps, merchants, metadata, tools
from app.teaching.schemas import (
    ConfirmIn,
    CorrectIn,
    KeepApartIn,
    MergeIn,
    SplitIn,
    Taught,
    UndoIn,
)
from app.teaching.service import Classroom
from connectors.base import Mode
from connectors.identifiers import APP_NAME, DOMAIN, GOOGLE_CLIENT_ID, Identifier
from connectors.observations import AppSeen, ExpenseSeen, GrantSeen, PersonSeen, SignInSeen, SignOn
from tests.support.filled import filled
from tests.support.scanning import NOW, Clock, Scanner
from tests.support.scripted import Script, scripted

KB = default_knowledge_base()
PEOPLE = [
    PersonSeen(ref="u1", email="ada@acme.example", name="Ada", department="Marketing"),
    PersonSeen(ref="u2", email="ben@acme.example", name="Ben", department="Sales"),
]


def app(ref: str, name: str, *domains: str, client: str | None = None) -> AppSeen:
    identifiers = [Identifier(APP_NAME, name), *(Identifier(DOMAIN, d) for d in domains)]
    identifiers += [Identifier(GOOGLE_CLIENT_ID, client)] if client else []
    return AppSeen(ref=ref, name=name, identifiers=tuple(identifiers), sign_on=SignOn.CONSENT)


def charge(ref: str, merchant: str, minor: int = 5000, **more: Any) -> ExpenseSeen:
    given = {"occurred_on": NOW.date(), "currency": "USD", "mcc": "5734", "person_ref": "u1"}
    return ExpenseSeen(ref=ref, merchant=merchant, amount_minor=minor, **{**given, **more})


class World:
    """Two sources that were scanned, and a clock that goes on with every deed."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = Clock()
        self.sso, self.seen = scripted(
            engine, "sso", clock=self.clock, people=Mode.SNAPSHOT, apps=Mode.SNAPSHOT, log=Mode.INCREMENTAL
        )
        self.cards, self.paid = scripted(
            engine, "cards", connector="ramp", clock=self.clock, people=Mode.SNAPSHOT, charges=Mode.WINDOW
        )
        self.seen.pages |= {
            "people": [PEOPLE],
            "apps": [
                [
                    app("a1", "HubSpot"),
                    app("a2", "Frobnix CRM", "app.frobnix.io", client="9-frob.apps.googleusercontent.com"),
                    app("a3", "Frobnix"),
                    app("a4", "Quibbler", "quibbler.example.com"),
                    GrantSeen(ref="g1", app_ref="a1", person_ref="u1", scopes=("email",)),
                    GrantSeen(ref="g2", app_ref="a2", person_ref="u2", scopes=("https://mail.google.com/",)),
                    GrantSeen(ref="g4", app_ref="a4", person_ref="u2", scopes=("email",)),
                ]
            ],
            "log": [
                [
                    SignInSeen("e1", "a3", "u1", NOW - timedelta(days=3)),
                    SignInSeen("e2", "a2", "u1", NOW - timedelta(days=200)),
                ]
            ],
        }
        self.paid.pages |= {
            "people": [PEOPLE],
            "charges": [
                [
                    charge("c1", "HubSpot", 9900),
                    charge("c2", "FROBNIX.IO 8005551234", 1200),
                    charge("c3", "Zzyx Analytics Inc", 700, person_ref="u2"),
                    charge("c4", "Zzyx Analytics", 800, occurred_on=NOW.date() - timedelta(days=50)),
                    charge("c5", "Mailchimp", 300),
                ]
            ],
        }
        filled(engine, "the sources that are taught about", self.scan)
        self.seen.pages["log"] = [[]]

    def scan(self) -> None:
        """Read both sources."""
        for scanner in (self.sso, self.cards):
            scanner.scan()

    def scanners(self) -> list[tuple[Scanner, Script]]:
        return [(self.sso, self.seen), (self.cards, self.paid)]

    # --- teaching ----------------------------------------------------------------------------

    def teach(self, verb: str, tool: int, /, **body: Any) -> Taught:
        """Do one deed of a person, at a moment of its own."""
        kinds: dict[str, Any] = {
            "confirm": ConfirmIn,
            "correct": CorrectIn,
            "split": SplitIn,
            "merge": MergeIn,
            "keep_apart": KeepApartIn,
        }
        self.clock.forward(minutes=1)
        with writing(self.engine) as connection:
            version = connection.scalar(sa.select(tools.c.version).where(tools.c.id == tool))
            room = Classroom(connection, KB, actor="token:ada", now=self.clock())
            return getattr(room, verb)(tool, version, kinds[verb].model_validate(body))

    def undo(self, teaching: int) -> Taught:
        self.clock.forward(minutes=1)
        with writing(self.engine) as connection:
            room = Classroom(connection, KB, actor="token:ben", now=self.clock())
            return room.undo(teaching, UndoIn(reason="it was wrong"))

    # --- looking -----------------------------------------------------------------------------

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        return self.sso.rows(table)

    def tool(self, name: str) -> dict[str, Any]:
        found = [t for t in self.rows(tools) if t["name"] == name]
        assert len(found) == 1, (name, [t["name"] for t in self.rows(tools)])
        return found[0]

    def listed(self) -> set[str]:
        return {t["name"] for t in self.rows(tools) if t["listed"]}

    def app(self, ref: str) -> dict[str, Any]:
        return next(a for a in self.rows(apps) if a["ref"] == ref)

    def merchant(self, name: str) -> dict[str, Any]:
        return next(m for m in self.rows(merchants) if m["name"] == name)

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table, but for what a deed leaves on purpose.

        Left out: the record of teachings and the audit trail, which only grow; and when a tool was changed
        and as which version, since an ETag that somebody has read must never come back for other contents.
        """
        with reading(self.engine) as connection:
            found = {
                table.name: [dict(r) for r in connection.execute(sa.select(table)).mappings()]
                for table in metadata.sorted_tables
                if table.name not in {"teachings", "audit_events", "audit_head", "messages", "deliveries"}
            }
        for row in found["tools"]:
            del row["version"], row["updated_at"]
        return {name: sorted(rows, key=repr) for name, rows in found.items()}
