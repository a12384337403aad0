"""From a decision to ended access: over the API, against a Google that is simulated over real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx
import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.errors import Conflict
from app.main import create_app
from app.models import audit_events, remediation_plans, remediation_steps, reviews, sources, tools
from app.remediation import plans, service
from app.remediation.carrying_out import carry_out
from app.remediation.schemas import PlanOut, PlanQuery, PlanState
from app.security import users
from app.security.privacy import OPEN
from app.security.schemas import Role, UserIn
from app.security.secrets import SecretBox
from app.security.service import create_token
from app.settings import Settings
from connectors.base import Context, GrantRef, Revoked
from connectors.google_workspace.connector import GoogleWorkspaceConnector
from connectors.simulation import Fault, serve
from tests.connectors.google_workspace_support import Google
from tests.support.filled import filled
from tests.support.scanning import NOW, Scanner

DUE = "2026-12-24"


@dataclass
class World:
    """A tool with grants in Google, decided to be retired; and people who may act."""

    google: Google
    engine: Engine
    client: httpx.AsyncClient
    tool: int
    review: int
    people: dict[str, str] = field(default_factory=dict)

    async def post(self, who: str, address: str, body: Any = None, **headers: str) -> httpx.Response:
        token = self.people[who]
        return await self.client.post(
            f"/api/v1{address}", json=body, headers={"Authorization": f"Bearer {token}", **headers}
        )

    async def plan(self) -> dict[str, Any]:
        answer = await self.post("ida", f"/reviews/{self.review}/remediation", {"due": DUE})
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def confirmed(self) -> dict[str, Any]:
        plan = await self.plan()
        for who in ("ida", "mara"):
            answer = await self.confirm(who, plan)
            assert answer.status_code == 200, answer.text
            plan = answer.json()
        return plan

    async def confirm(self, who: str, plan: dict[str, Any]) -> httpx.Response:
        etag = f'"v{plan["version"]}"'
        return await self.post(who, f"/remediations/{plan['id']}/confirm", **{"If-Match": etag})


@pytest.fixture
async def world(engine: Engine, settings: Settings) -> AsyncIterator[World]:
    google = Google()
    with serve(google.simulator.app) as url:
        config = google.config(base_url=url, token_url=f"{url}/token", may_revoke=True)

        def scan() -> None:
            Scanner(engine, GoogleWorkspaceConnector, lambda: config, name="google").scan()

        await asyncio.to_thread(filled, engine, "a scan of Google", scan)
        box = SecretBox.from_settings(settings)
        with writing(engine) as connection:
            secret = {"service_account": config.pop("service_account")}
            connection.execute(sa.update(sources).values(config=config, secrets=box.seal(secret)))
        patience = google.patience
        context = Context(now=lambda: NOW, sleep=patience.sleep, monotonic=patience.monotonic)
        allowed = settings.model_copy(update={"may_revoke": True})
        app = create_app(allowed, engine, context=context, clock=lambda: NOW)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://penumbra.test") as client:
            yield _decided(google, engine, client)


def _decided(google: Google, engine: Engine, client: httpx.AsyncClient) -> World:
    people: dict[str, str] = {}
    ids: dict[str, int] = {}
    with writing(engine) as connection:
        for name, roles in (
            ("ida", [Role.IT]),
            ("mara", [Role.MARKETING]),
            ("both", [Role.IT, Role.MARKETING]),
            ("root", [Role.ADMIN]),
        ):
            wanted = UserIn(email=f"{name}@acme.example", name=name.title(), roles=roles)
            ids[name] = users.create_user(connection, wanted, actor="test", now=NOW).id
            people[name] = create_token(connection, name, roles[0], user_id=ids[name], actor="test", now=NOW)[
                1
            ]
        people["robot"] = create_token(connection, "robot", Role.IT, actor="test", now=NOW)[1]
        tool = connection.scalar(
            sa.text(
                "SELECT apps.tool_id FROM apps JOIN grants ON grants.app_id = apps.id "
                "GROUP BY apps.tool_id ORDER BY count(*) DESC, apps.tool_id LIMIT 1"
            )
        )
        connection.execute(sa.update(tools).where(tools.c.id == tool).values(governance="retiring"))
        review = connection.execute(
            sa.insert(reviews).values(
                tool_id=tool,
                opened_at=NOW - timedelta(days=9),
                cause="flag",
                state="decided",
                lane="standard",
                version=1,
                waiting_on_it=False,
                waiting_on_marketing=False,
                waiting_on_arbiters=False,
                outcome="retire",
                it_signed_by=ids["ida"],
                marketing_signed_by=ids["mara"],
                closed_at=NOW,
            )
        ).inserted_primary_key
    assert review is not None
    return World(google, engine, client, tool, review[0], people)


def code(answer: httpx.Response) -> str:
    return answer.json()["type"].removeprefix("urn:penumbra:problem:")


def done(plan: dict[str, Any], state: str = "done") -> list[dict[str, Any]]:
    return [s for s in plan["steps"] if s["kind"] == "revoke" and s["state"] == state]


def live(world: World) -> set[tuple[str, str]]:
    return {(who, t["clientId"]) for who, held in world.google.world.tokens.items() for t in held}


async def test_a_plan_is_a_dry_run(world: World) -> None:
    before = live(world)
    plan = await world.plan()
    assert live(world) == before
    assert plan["state"] == "proposed"
    revocations = [s for s in plan["steps"] if s["kind"] == "revoke"]
    assert len(revocations) >= 2
    assert all(s["person"]["email"] and s["source"] == "google" for s in revocations)
    assert [s["number"] for s in plan["steps"]] == list(range(1, len(plan["steps"]) + 1))
    for again in (await world.post("ida", f"/reviews/{world.review}/remediation", {"due": DUE}),):
        assert (again.status_code, code(again)) == (409, "planned")


async def test_of_two_who_make_a_plan_at_once_one_does(world: World) -> None:
    address = f"/reviews/{world.review}/remediation"
    answers = await asyncio.gather(*(world.post(who, address, {"due": DUE}) for who in ("ida", "mara") * 3))
    assert sorted(a.status_code for a in answers) == [201, *[409] * 5]
    assert {code(a) for a in answers if a.status_code == 409} == {"planned"}


async def test_both_sides_by_two_people_or_nothing(world: World) -> None:
    plan = await world.plan()
    run = f"/remediations/{plan['id']}/run"
    assert code(await world.post("ida", run)) == "not_confirmed"
    for who, status in (("root", 403), ("robot", 403)):
        assert (await world.confirm(who, plan)).status_code == status, who
    first = await world.confirm("ida", plan)
    assert (first.status_code, first.json()["state"]) == (200, "proposed")
    assert (await world.confirm("mara", plan)).status_code == 412
    plan = first.json()
    assert code(await world.confirm("ida", plan)) == "confirmed_already"
    assert code(await world.post("ida", run)) == "not_confirmed"
    second = await world.confirm("mara", plan)
    assert (second.status_code, second.json()["state"]) == (200, "confirmed")
    with reading(world.engine) as connection:
        row = connection.execute(sa.select(remediation_plans)).one()
    assert row.it_confirmed_by != row.marketing_confirmed_by


async def test_access_ends_step_by_step_and_the_tool_is_retired(world: World) -> None:
    plan = await world.confirmed()
    before = live(world)
    victims = {s["person"]["email"] for s in plan["steps"] if s["kind"] == "revoke"}
    revoked = (await world.post("ida", f"/remediations/{plan['id']}/run")).json()
    gone = before - live(world)
    assert {who for who, _ in gone} == victims
    assert len(gone) == len(done(plan, "planned")) == len(done(revoked))
    assert all("no longer use" in s["result"] for s in done(revoked))
    assert revoked["state"] == "confirmed"  # people have tasks left
    address = f"/remediations/{plan['id']}/steps"
    for step in revoked["steps"]:
        if step["kind"] == "task":
            answer = await world.post(
                "mara", f"{address}/{step['number']}/done", {"note": "Asked the vendor."}
            )
            assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["left"]) == ("done", 0)
    with reading(world.engine) as connection:
        tool = connection.execute(sa.select(tools).where(tools.c.id == world.tool)).one()
        lines = connection.execute(sa.select(audit_events).order_by(audit_events.c.seq)).all()
    actions = [line.action for line in lines]
    assert tool.governance == "retired"
    assert actions.count("remediation.revoke") == len(gone)
    assert actions[-2:] == ["remediation.finish", "tool.governance"]


async def test_what_fails_is_told_and_tried_again(world: World) -> None:
    plan = await world.confirmed()
    world.google.simulator.app.faults.append(Fault(r"/tokens/", times=1, status=400, body=b"{}"))
    run = f"/remediations/{plan['id']}/run"
    first = (await world.post("ida", run)).json()
    failed = done(first, "failed")
    assert len(failed) == 1
    assert "400" in failed[0]["result"]
    assert (
        sum(s["state"] == "done" for s in first["steps"])
        == sum(s["kind"] == "revoke" for s in plan["steps"]) - 1
    )
    second = (await world.post("ida", run)).json()
    assert done(second, "failed") == []
    assert second["steps"][failed[0]["number"] - 1]["attempts"] == 2


async def test_a_plan_whose_process_died_waits_for_its_lease_and_goes_on(world: World) -> None:
    plan = await world.confirmed()
    run = f"/remediations/{plan['id']}/run"
    for until, status in ((NOW + timedelta(minutes=1), 409), (NOW - timedelta(seconds=1), 200)):
        with writing(world.engine) as connection:
            connection.execute(sa.update(remediation_plans).values(lease_until=until))
        assert (await world.post("ida", run)).status_code == status


async def test_marketing_cannot_run_it_and_neither_side_alone_makes_up_a_decision(world: World) -> None:
    plan = await world.confirmed()
    assert (await world.post("mara", f"/remediations/{plan['id']}/run")).status_code == 403
    with writing(world.engine) as connection:
        connection.execute(sa.update(remediation_plans).values(state="cancelled"))
        connection.execute(sa.update(reviews).values(outcome="sanctioned"))
    answer = await world.post("ida", f"/reviews/{world.review}/remediation", {"due": DUE})
    assert (answer.status_code, code(answer)) == (409, "not_decided")
    past = (date(2026, 11, 20) - timedelta(days=1)).isoformat()
    with writing(world.engine) as connection:
        connection.execute(sa.update(reviews).values(outcome="retire"))
    answer = await world.post("ida", f"/reviews/{world.review}/remediation", {"due": past})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "due")


def decide_anew(world: World, governance: str) -> None:
    with writing(world.engine) as connection:
        row = dict(connection.execute(sa.select(reviews)).mappings().one())
        connection.execute(sa.insert(reviews).values({**row, "id": row["id"] + 1, "outcome": "sanctioned"}))
        connection.execute(sa.update(tools).where(tools.c.id == world.tool).values(governance=governance))


async def test_nothing_is_ended_by_a_decision_that_no_longer_holds(world: World) -> None:
    plan = await world.confirmed()
    before = live(world)
    decide_anew(world, "sanctioned")
    answer = await world.post("ida", f"/remediations/{plan['id']}/run")
    assert (answer.status_code, code(answer)) == (409, "decided_anew")
    assert live(world) == before
    with writing(world.engine) as connection:
        connection.execute(sa.update(remediation_steps).values(state="done"))
        service.finish_if_done(connection, plan["id"], actor="test", now=NOW, reassess=lambda *_: None)
        assert connection.scalar(sa.select(remediation_plans.c.state)) == "done"
        kept = connection.scalar(sa.select(tools.c.governance).where(tools.c.id == world.tool))
    assert kept == "sanctioned"


async def test_no_plan_is_made_or_confirmed_of_a_decision_that_no_longer_holds(world: World) -> None:
    plan = await world.plan()
    decide_anew(world, "sanctioned")
    assert code(await world.confirm("ida", plan)) == "decided_anew"
    with writing(world.engine) as connection:
        connection.execute(sa.update(remediation_plans).values(state="cancelled"))
    answer = await world.post("ida", f"/reviews/{world.review}/remediation", {"due": DUE})
    assert (answer.status_code, code(answer)) == (409, "decided_anew")


class Vendor:
    """A connector that does something of its own when it is asked to end a grant."""

    def __init__(self, does: Callable[[int], None]) -> None:
        self.does = does
        self.asked = 0

    async def __aenter__(self) -> "Vendor":
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def revoke(self, _grant: GrantRef) -> Revoked:
        self.asked += 1
        await asyncio.to_thread(self.does, self.asked)
        return Revoked(already=False, words="Ended.")


async def run(world: World, plan: dict[str, Any], vendor: Vendor, **more: Any) -> PlanOut:
    values: dict[str, Any] = {"revoking": True, "veiled": lambda _: OPEN, **more}
    return await carry_out(
        world.engine,
        plan["id"],
        lambda *_: vendor,  # type: ignore[arg-type, return-value]
        actor="test",
        clock=lambda: NOW,
        reassess=lambda *_: None,
        **values,
    )


async def test_a_plan_that_is_cancelled_while_it_is_carried_out_ends_nothing_more(world: World) -> None:
    plan = await world.confirmed()

    def cancel(_asked: int) -> None:
        with writing(world.engine) as connection:
            connection.execute(sa.update(remediation_plans).values(state="cancelled"))

    vendor = Vendor(cancel)
    shown = await run(world, plan, vendor)
    assert vendor.asked == 1
    assert sum(step.state == "done" for step in shown.steps) == 1


async def test_whoever_was_overtaken_leaves_the_plan_to_the_other(world: World) -> None:
    plan = await world.confirmed()
    theirs = NOW + timedelta(hours=1)

    def overtake(_asked: int) -> None:
        with writing(world.engine) as connection:
            connection.execute(sa.update(remediation_plans).values(lease_until=theirs))

    vendor = Vendor(overtake)
    await run(world, plan, vendor)
    assert vendor.asked == 1
    with reading(world.engine) as connection:
        assert connection.scalar(sa.select(remediation_plans.c.lease_until)) == theirs


async def test_what_breaks_at_one_step_is_noted_and_the_next_is_taken(world: World) -> None:
    plan = await world.confirmed()

    def broken(asked: int) -> None:
        if asked == 1:
            raise RuntimeError("a token: s3cret")

    vendor = Vendor(broken)
    shown = await run(world, plan, vendor)
    failed = [step for step in shown.steps if step.state == "failed"]
    assert (len(failed), vendor.asked) == (1, sum(s["kind"] == "revoke" for s in plan["steps"]))
    assert "RuntimeError" in (failed[0].result or "")
    assert "s3cret" not in (failed[0].result or "")


async def test_what_a_person_did_meanwhile_stays_done(world: World) -> None:
    plan = await world.confirmed()

    def by_hand(asked: int) -> None:
        if asked == 1:
            with writing(world.engine) as connection:
                connection.execute(
                    sa.update(remediation_steps)
                    .where(remediation_steps.c.number == 1)
                    .values(state="done", result="By hand.")
                )
            raise RuntimeError

    shown = await run(world, plan, Vendor(by_hand))
    assert (shown.steps[0].state, shown.steps[0].result) == ("done", "By hand.")


async def test_an_installation_that_may_not_any_more_ends_nothing(world: World) -> None:
    plan = await world.confirmed()
    vendor = Vendor(lambda _asked: None)
    with pytest.raises(Conflict, match="may not end access"):
        await run(world, plan, vendor, revoking=False)
    assert vendor.asked == 0


async def test_the_list_says_how_much_of_each_plan_is_left(world: World) -> None:
    plan = await world.confirmed()
    shown = await run(world, plan, Vendor(lambda _asked: None))
    with reading(world.engine) as connection:
        (item,) = plans.list_plans(connection, PlanQuery()).items
        assert plans.list_plans(connection, PlanQuery(state=PlanState.DONE)).items == []
    assert (item.id, item.review, item.tool, item.state) == (
        plan["id"],
        world.review,
        plan["tool"],
        "confirmed",
    )
    assert 0 < item.left == shown.left < len(plan["steps"])


async def test_a_source_that_may_not_makes_tasks(world: World) -> None:
    with writing(world.engine) as connection:
        row = connection.execute(sa.select(sources)).one()
        connection.execute(sa.update(sources).values(config={**row.config, "may_revoke": False}))
    plan = await world.plan()
    assert {s["kind"] for s in plan["steps"]} == {"task"}
    assert any("was not allowed" in s["how"] for s in plan["steps"])


async def test_what_is_stored_names_nobody(world: World) -> None:
    plan = await world.plan()
    with reading(world.engine) as connection:
        lines = [dict(r) for r in connection.execute(sa.select(audit_events)).mappings()]
    text = orjson.dumps([line["detail"] for line in lines if "remediation" in line["action"]], default=str)
    for step in plan["steps"]:
        if step["person"]:
            assert step["person"]["email"].encode() not in text
