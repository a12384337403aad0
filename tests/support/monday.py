"""A company on a Monday morning, in which something waits for everybody: where tasks are tried."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app import models
from app.db import make_engine, writing
from app.main import create_app
from app.security import users
from app.security.schemas import Role, UserIn
from app.security.service import create_token
from app.settings import Settings
from tests.conftest import NOW
from tests.support.seed import LATER, Seed, company
from tests.support.serving import caller, served

CONTRACT = {
    "starts_on": "2026-01-15",
    "renews_on": "2027-01-15",
    "notice_days": 30,
    "amount_minor": 1_200_000,
    "currency": "EUR",
}
PEOPLE = {Role.MARKETING: "Mara Lind", Role.IT: "Ivo Berg"}


@dataclass(frozen=True)
class Monday:
    """A running application.

    Attributes:
        url: where it is served.
        tokens: by which a person of each side logs in.
    """

    url: str
    tokens: dict[Role, str]


@contextmanager
def monday(folder: Path) -> Iterator[Monday]:
    """Serve a company of its own as long as the block runs.

    Args:
        folder: where its data lie, with a database `penumbra.sqlite3` that has all tables and no rows.
    """
    url = f"sqlite:///{folder / 'penumbra.sqlite3'}"
    engine = make_engine(url)
    tokens = _prepare(engine, folder)
    app = create_app(Settings(data_dir=folder, database_url=url), engine, clock=lambda: NOW)
    with served(app) as at:
        _talk(at, engine, tokens)
        yield Monday(at, tokens)
    engine.dispose()


def _prepare(engine: Engine, folder: Path) -> dict[Role, str]:
    """Write down what the scans found, and who works here."""
    with writing(engine) as connection:
        found = company(connection)
        seed = Seed(connection, _count=700)
        tokens: dict[Role, str] = {}
        for role, name in PEOPLE.items():
            email = f"{name.split()[0].lower()}@acme.example"
            wanted = UserIn(email=email, name=name, roles=[role])
            who = users.create_user(connection, wanted, actor="test", now=NOW).id
            tokens[role] = create_token(connection, name, role, user_id=who, actor="test", now=NOW)[1]
        mara = seed.person("Mara Lind", "mara@acme.example", department="Marketing")
        account = seed.account(found.okta, mara)
        for name, since in (("Typeform", 60), ("Webflow", 50), ("Mailchimp", 40), ("Loom", 2)):
            first = NOW - timedelta(days=since)
            tool = seed.tool(
                name,
                key=f"kb:{name.lower()}",
                people=4,
                search=name.lower(),
                first_seen=first,
                sources=["corp"],
            )
            seed.link(tool, sources=(found.okta,), departments={"Marketing": 1})
            app = seed.app(found.okta, tool, name, first_seen=first)
            seed.sign_ins(app, account, LATER.date(), count=3)
        machine = seed.tool(
            "Mail machine", people=3, search="mail machine", first_seen=NOW - timedelta(days=3)
        )
        seed.app(found.okta, machine, "Mail machine")
        seed.app(found.okta, machine, "Loom for teams")
        _unread(seed, folder)
    return tokens


def _unread(seed: Seed, folder: Path) -> None:
    """A source whose folder was empty at the last scan, and is not any more."""
    statements = folder / "imports" / "amex"
    statements.mkdir(parents=True)
    (statements / "may.csv").write_text("Date,Description,Amount\n2026-05-13,HUBSPOT,49.00\n")
    seed.source(
        "Cards of the subsidiary",
        "files",
        config={"path": str(statements), "account": "amex", "currency": "USD"},
        health="attention",
        health_text="There is no file in the folder amex: put the statements of the account there.",
    )


def _talk(url: str, engine: Engine, tokens: dict[Role, str]) -> None:
    """What the two sides have said so far: a question is open, and a key of each side is asked for."""
    with writing(engine) as connection:
        t = models.tools
        known = {row.name: row.id for row in connection.execute(sa.select(t.c.name, t.c.id))}
        asked = ("Mailchimp", "Typeform", "Webflow")
        connection.execute(sa.update(t).where(t.c.name.in_(asked)).values(ownership="owned"))
    with _Side(url, tokens[Role.IT]) as it, _Side(url, tokens[Role.MARKETING]) as marketing:
        marketing.enter(known["HubSpot"], **CONTRACT)
        question = it.open(known["Mailchimp"])
        it.act(question, "ask", to="marketing", text="Whose contacts does it hold?")
        for name, first, second in (("Typeform", it, marketing), ("Webflow", marketing, it)):
            review = it.open(known[name])
            for side in (first, second):
                for item in side.items(review):
                    side.act(review, "assess", item=item, verdict="ok")
            terms = {"outcome": "sanctioned"}
            version = first.act(review, "propose", terms=terms, rationale="It earns its keep.")["version"]
            first.act(review, "sign", proposal=version, rationale="Fine with us.")


class _Side:
    """A person of one side, who acts over the API."""

    def __init__(self, url: str, token: str) -> None:
        self._client = caller(f"{url}/api/v1", token)
        self._side = self._ask("GET", "/me")["roles"][0]

    def __enter__(self) -> "_Side":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        answer = self._client.request(method, path, **more)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def open(self, tool: int) -> int:
        """Open the review of a tool; gives its number."""
        return self._ask("POST", f"/tools/{tool}/reviews", json={"cause": "flag", "need": "Campaigns."})["id"]

    def enter(self, tool: int, **terms: Any) -> None:
        """Enter a contract of a tool."""
        self._ask("POST", f"/tools/{tool}/contracts", json=terms)

    def items(self, review: int) -> list[str]:
        """What this side has to look at."""
        sides = self._ask("GET", f"/reviews/{review}")["sides"]
        return [item["item"] for side in sides if side["side"] == self._side for item in side["items"]]

    def act(self, review: int, verb: str, **body: Any) -> Any:
        """Do something at the version that holds; gives the review."""
        version = self._ask("GET", f"/reviews/{review}")["version"]
        headers = {"If-Match": f'"v{version}"'}
        return self._ask("POST", f"/reviews/{review}/{verb}", json=body, headers=headers)
