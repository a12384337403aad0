"""A company whose people log in, act over the API, and whose Google answers over real HTTP."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy.engine import Connection, Engine

from app.api.state import AppState
from app.identify import default_knowledge_base
from app.scans.runner import Runner
from app.scans.schedule import Schedule
from app.sources import service as sources
from connectors.base import Connector
from connectors.google_workspace.sample import DRIVE, PROFILE, activity, consent, token, user
from connectors.google_workspace.simulator import GoogleWorld
from tests.support import openid
from tests.support.openid import Provider
from tests.support.scanning import Clock

MAILCHIMP = "512340987612-mailchimp7q2.apps.googleusercontent.com"
CALENDAR = "771234500123-calendar9x.apps.googleusercontent.com"
CONTACTS = "https://www.googleapis.com/auth/contacts.readonly"
ROLES = {"Marketing operations": ["marketing"], "IT security": ["it"], "Auditors": ["auditor"]}
GROUPS = {"mara": "Marketing operations", "ida": "IT security", "ada": "Auditors"}
Json = dict[str, Any]


def google_world(now: datetime) -> GoogleWorld:
    """Three of marketing let Mailchimp read their contacts, and one of them another app too."""

    def person(number: int, name: str, department: str, **more: Any) -> Json:
        return user(number, name, organizations=[{"department": department, "primary": True}], **more)

    marketing = [
        person(n, name, "Marketing") for n, name in enumerate(("Mara Lind", "Tom Berg", "Lea Roy"), 2)
    ]
    admin = person(1, "Ida Holm", "IT", isDelegatedAdmin=True)
    held = {each["primaryEmail"]: [token(MAILCHIMP, "Mailchimp", CONTACTS, PROFILE)] for each in marketing}
    held[marketing[0]["primaryEmail"]].append(token(CALENDAR, "Team Calendar", DRIVE))
    log = [
        activity(
            "token", now - timedelta(days=20 - n), who, consent("authorize", MAILCHIMP, "Mailchimp", CONTACTS)
        )
        for n, who in enumerate(marketing)
    ]
    return GoogleWorld("C1", [admin, *marketing], held, {"token": log, "saml": [], "admin": []})


@dataclass
class Story:
    """The company, its clock, and what its people do over the API."""

    app: FastAPI
    engine: Engine
    clock: Clock
    google: GoogleWorld
    google_url: str
    provider: Provider
    people: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)

    @property
    def state(self) -> AppState:
        return self.app.state.penumbra

    def client(self, **more: Any) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=True)
        return httpx.AsyncClient(transport=transport, base_url=openid.HOME, **more)

    async def log_in(self, name: str, full_name: str) -> None:
        """Log in at the provider, and make a token on the account page, as a person would."""
        claims = {
            "sub": f"{name}-1",
            "email": f"{full_name.replace(' ', '.').lower()}@acme.example",
            "email_verified": True,
            "name": full_name,
            "groups": [GROUPS[name], "Everybody"],
        }
        async with self.client() as browser:
            begun = await browser.get("/login/openid", params={"next": "/account"})
            back = await browser.get(self.provider.log_in(begun.headers["location"], claims))
            assert (back.status_code, back.headers["location"]) == (303, "/account"), back.text
            page = (await browser.get("/account")).text
            form = {
                "form_secret": page.split('name="form_secret" value="')[1].split('"')[0],
                "name": f"walk-through of {name}",
                "role": ROLES[GROUPS[name]][0],
            }
            made = await browser.post("/account/tokens", data=form)
            assert made.status_code == 201, made.text
        text = re.search(r"<code>(pen_[^<]+)</code>", made.text)
        assert text is not None
        self.people[name] = self.client(headers={"Authorization": f"Bearer {text[1]}"})
        me = await self.get(name, "/me")
        assert (me["name"], me["roles"]) == (full_name, ROLES[GROUPS[name]])
        self.ids[name] = me["user_id"]

    async def get(self, name: str, address: str) -> Json:
        answer = await self.people[name].get(f"/api/v1{address}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(
        self, name: str, address: str, body: Json | None = None, *, at: int | None = None, status: int = 200
    ) -> Json:
        headers = {} if at is None else {"If-Match": f'"v{at}"'}
        answer = await self.people[name].post(f"/api/v1{address}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    @property
    def runner(self) -> Runner:
        def load(connection: Connection, source_id: int) -> Connector[Any]:
            row = sources.get_source(connection, source_id)
            return sources.load_connector(row, self.state.context, self.state.secrets)

        return Runner(self.engine, default_knowledge_base(), load, clock=self.clock)

    async def scan(self, source: int) -> Json:
        """Ida asks for a scan, and it is run."""
        scan = await self.post("ida", f"/sources/{source}/scans", status=202)
        runner = self.runner
        taken = runner.claim(scan["id"])
        assert taken is not None
        await runner.run(taken)
        return await self.get("ida", f"/scans/{scan['id']}")

    async def night(self) -> None:
        """What `penumbra serve` does every night."""
        schedule = Schedule(
            self.runner, at_once=1, personal_data_days=400, clock=self.clock, house=self.state.house
        )
        await schedule.tidy()

    def may_still(self, client: str) -> set[str]:
        """Whose account an app may reach, asked of Google itself."""
        return {
            who.partition("@")[0]
            for who, held in self.google.tokens.items()
            if any(each["clientId"] == client for each in held)
        }


@dataclass
class Table:
    """One review, at which people act one after the other."""

    story: Story
    review: Json

    @property
    def address(self) -> str:
        return f"/reviews/{self.review['id']}"

    async def act(self, name: str, verb: str, *, status: int = 200, **body: Any) -> Json:
        answer = await self.story.post(
            name, f"{self.address}/{verb}", body, at=self.review["version"], status=status
        )
        if status == 200:
            self.review = answer
        return answer

    async def assess(self, name: str, side: str, **more: Any) -> None:
        for item in self.side(side)["items"]:
            await self.act(name, "assess", item=item["item"], verdict="ok", **more)

    async def wait(self, **amount: float) -> None:
        self.story.clock.forward(**amount)
        self.review = await self.story.get("mara", self.address)

    def side(self, side: str) -> Json:
        return next(s for s in self.review["sides"] if s["side"] == side)

    def waited(self) -> dict[str, int]:
        return {side: self.side(side)["clock"]["waited_s"] for side in ("it", "marketing")}
