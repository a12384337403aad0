"""What the policy lets pass reads as the policy's word and not as a decision, and either side refuses it."""

import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app import models
from app.db import reading, writing
from app.policy import service
from app.policy.granting import sweep_all
from app.security import users
from app.security.schemas import Role, UserIn
from app.security.service import create_token
from tests.conftest import NOW
from tests.policy.support import policy
from tests.support.seed import Seed
from tests.support.serving import caller, served

UNTIL = (NOW.date() + timedelta(days=90)).isoformat()
SAID = "Allowed by the policy until 18 Feb 2027"


class Scene:
    """A tool that the policy passes, one that both sides approved for now, and people to look at them."""

    def __init__(self, engine: Engine, url: str) -> None:
        self.engine, self.url = engine, url
        self.linktree, self.decided = passed(engine)
        self.clients: list[httpx.Client] = []

    def of(self, role: Role, *, person: bool = True) -> httpx.Client:
        """A browser in which somebody with this role is logged in."""
        with writing(self.engine) as connection:
            user = None
            if person:
                wanted = UserIn(email=f"{role.value}@acme.example", name=role.value.title(), roles=[role])
                user = users.create_user(connection, wanted, actor="test", now=NOW).id
            name = f"{role.value} {person}"
            text = create_token(connection, name, role, user_id=user, actor="test", now=NOW)[1]
        client = caller(self.url, text)
        assert client.post("/login", data={"token": text}).status_code == 303
        self.clients.append(client)
        return client


def passed(engine: Engine) -> tuple[int, int]:
    """The policy passes Linktree; Later was approved for now by both sides. Their ids."""
    with writing(engine) as connection:
        made = Seed(connection)
        linktree = made.tool("Linktree", people=3, category="CE-SOCIAL")
        decided = made.tool("Later", governance="provisional", flagged=False, category="CE-SOCIAL")
        version = service.create(
            connection,
            policy({"passes.0.automatic": True}),
            "Harmless tools may pass.",
            actor="test",
            user_id=None,
            now=NOW,
        ).version
        service.activate(connection, version, actor="test", now=NOW)
        done = sweep_all(connection, NOW, reassess=lambda *_: None)
        assert linktree in done.given
        flagged = models.tools.c.id.in_(done.given)
        connection.execute(sa.update(models.tools).where(flagged).values(flagged=False))
    return linktree, decided


@pytest.fixture
def scene(app: FastAPI, engine: Engine) -> Iterator[Scene]:
    with served(app) as url:
        made = Scene(engine, url)
        yield made
        for client in made.clients:
            client.close()


def text_of(page: str) -> str:
    """What stands on a page, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_every_page_says_that_the_policy_allows_it(scene: Scene) -> None:
    mara = scene.of(Role.MARKETING)
    rows = mara.get("/tools?view=all").text.split("<tr data-id=")[1:]
    row = {int(re.findall(r'^"(\d+)"', r)[0]): text_of(r) for r in rows}
    terms = "until 18 Feb 2027, at most 10 people and €250 in 90 days (rule 1, version 1)"
    assert f"Allowed by the policy Used without IT {terms}" in row[scene.linktree]
    assert "Refuse" in row[scene.linktree]
    assert "Approved for now" in row[scene.decided]
    assert "by the policy" not in row[scene.decided]
    page = text_of(mara.get(f"/tools/{scene.linktree}").text)
    assert "The policy allows it until 18 Feb 2027. Nobody has decided on it." in page
    assert "“It is harmless as it stands" in page
    assert page.count("Approved for now") == 1, "of the other tool for the same job"
    other = text_of(mara.get(f"/tools/{scene.decided}").text)
    assert "Approved for now" in other
    assert "Also in use, without approval: Linktree" in other
    for address in ("/reviews", "/report"):
        shown = mara.get(address).text
        assert f'href="/tools/{scene.linktree}#h-decision"' in shown, address
        assert f'action="/tools/{scene.linktree}/pass/refuse"' in shown, address
        assert f'action="/tools/{scene.decided}/pass/refuse"' not in shown, address
        assert "at most 10 people and €250 in 90 days · now 3 people" in text_of(shown), address


def test_the_api_says_the_same(scene: Scene) -> None:
    client = scene.of(Role.READER)
    listed = {t["id"]: t["passed_until"] for t in client.get("/api/v1/tools").json()["items"]}
    assert listed == {scene.linktree: UNTIL, scene.decided: None}
    for tool, until in listed.items():
        assert client.get(f"/api/v1/tools/{tool}").json()["passed_until"] == until
    assert UNTIL in client.get("/api/v1/tools.csv").text
    (given,) = client.get("/api/v1/passes?standing=true").json()["items"]
    assert (given["policy"], given["rule"], given["expires_on"]) == (1, 0, UNTIL)
    assert given["because"].startswith("It is harmless as it stands")
    assert client.get(f"/api/v1/tools/{scene.linktree}/lane").json()["given"] == given
    fields = client.get("/api/v1/overlap").json()["items"]
    assert [t["id"] for f in fields for t in f["sanctioned"]] == [scene.decided], "nobody decided for it"


def test_who_sits_on_a_side_refuses_it_with_a_reason(scene: Scene) -> None:
    for role in (Role.READER, Role.AUDITOR):
        reader = scene.of(role)
        shown = "".join(reader.get(a).text for a in ("/reviews", "/report", f"/tools/{scene.linktree}"))
        assert "/pass/refuse" not in shown, role
    robot = scene.of(Role.IT, person=False)
    assert "/pass/refuse" not in robot.get(f"/tools/{scene.linktree}").text
    mara = scene.of(Role.MARKETING)
    page = mara.get(f"/tools/{scene.linktree}").text
    secret = re.findall(r'name="form_secret" value="([^"]+)"', page)[0]
    path = f"/tools/{scene.linktree}/pass/refuse"
    assert mara.post(path, data={"reason": "It posts in our name."}).status_code == 403, "not our form"
    wrong = mara.post(path, data={"form_secret": secret, "reason": "  "})
    assert wrong.status_code == 422
    assert "Say in a few words why it needs a review" in wrong.text
    long = mara.post(path, data={"form_secret": secret, "reason": "so " * 200})
    assert (long.status_code, "so so so" in long.text) == (422, True), "what was typed is kept"
    done = mara.post(path, data={"form_secret": secret, "reason": "It posts in our name."})
    assert done.status_code == 303, done.text
    assert "It posts in our name." in mara.get(done.headers["location"]).text
    again = mara.post(path, data={"form_secret": secret, "reason": "Once more."})
    assert again.status_code == 409
    assert "has no pass that could be refused" in again.text
    page = text_of(mara.get(f"/tools/{scene.linktree}").text)
    assert "It is under review" in page
    assert SAID not in page
    with reading(scene.engine) as connection:
        (row,) = connection.execute(sa.select(models.passes)).all()
    assert (row.end_cause, row.ended_side) == ("refused", "marketing")
