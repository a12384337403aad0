"""Passes that the policy gives by itself: to which tools, how far, and how they end."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from app import models
from app.api.state import reassess
from app.catalog.leftovers import forget_tools
from app.db import reading, writing
from app.joining import house_rules
from app.policy import service
from app.policy.granting import sweep_all
from app.policy.parts import Money
from app.policy.passing import EndCause, Given, as_without, ends, gives
from app.policy.schemas import PassSweep
from app.policy.simulation import simulate
from app.reviews.board import scoreboard
from app.reviews.board_answers import ScoreboardQuery
from app.security.privacy import OPEN
from app.security.schemas import Role
from app.settings import Settings
from tests.conftest import NOW
from tests.policy.support import FILES, facts, policy
from tests.reviews.support import Review, Table, table_of
from tests.support import seed

AUTOMATIC = {"passes.0.automatic": True}
TODAY = NOW.date()


# --- pure --------------------------------------------------------------------------------------

OURS = policy(AUTOMATIC)
GIVEN = Given(3, 0, TODAY + timedelta(days=90), 10, Money(minor=25000, currency="EUR"))
PASSED = facts(governance="provisional", flagged=False, shadow=False)


def ending(
    given: Given = GIVEN, held: Any = OURS, version: int = 3, **changed: Any
) -> tuple[str, str] | None:
    tool = replace(PASSED, **changed)
    found = ends(given, by=OURS, held=held, held_version=version, facts=tool, today=TODAY)
    return found and (found.cause.value, found.reason)


def test_only_a_flagged_tool_gets_what_the_policy_gives_by_itself() -> None:
    assert gives(policy(), facts()) is None, "the shipped policy gives nothing by itself"
    found = gives(OURS, facts())
    assert found is not None
    assert (found.days, found.people_cap, found.automatic) == (90, 10, True)
    for changed in ({"flagged": False}, {"people": 11}, {"governance": "in_review"}, {"grant_grade": "high"}):
        assert gives(OURS, facts(**changed)) is None


@pytest.mark.parametrize(
    ("given", "changed", "cause", "words"),
    [
        (
            replace(GIVEN, expires_on=TODAY - timedelta(days=1)),
            {},
            "expired",
            "it held through 19 November 2026.",
        ),
        (GIVEN, {"people": 11}, "people", "11 people use it; the pass was for 10 people at most."),
        (
            GIVEN,
            {"spend": {"EUR": 25001}},
            "spend",
            "It cost 250.01 EUR in 90 days; the pass was for 250.00 EUR at most.",
        ),
        (GIVEN, {"spend": {"XAU": 1}}, "spend", "no exchange rate"),
        (
            GIVEN,
            {"grant_grade": "high", "scopes": frozenset({FILES})},
            "unfit",
            "It is no longer what it was passed for. The gravest of its permissions is graded high.",
        ),
        (GIVEN, {"evidence": "dormant"}, "unfit", "Its evidence is dormant."),
    ],
)
def test_a_pass_ends_when_what_it_was_given_for_is_over(
    given: Given, changed: dict[str, Any], cause: str, words: str
) -> None:
    found = ending(given, **changed)
    assert found is not None
    assert found[0] == cause
    assert words in found[1]


def test_a_pass_holds_to_its_last_day_its_last_person_and_its_last_cent() -> None:
    assert ending(replace(GIVEN, expires_on=TODAY), people=10, spend={"EUR": 25000}) is None
    assert ending(replace(GIVEN, spend_cap=None), spend={"XAU": 10**6}) is not None, (
        "its rule compares spend too"
    )


def test_another_version_that_does_not_pass_it_takes_it_back() -> None:
    for held in (policy(), policy({"passes": []})):
        assert ending(held=held, version=4) == (
            "policy",
            "Version 4 of the policy holds now, and it does not pass this tool.",
        )
    assert ending(held=policy({**AUTOMATIC, "lanes.fast.it.hours": 4}), version=4) is None
    unfit = ending(held=policy(), version=4, grant_grade="high")
    assert unfit is not None
    assert unfit[0] == "unfit", "the tool is to blame, not the policy"


def test_rules_that_ask_for_flags_are_asked_of_the_tool_as_it_would_be() -> None:
    asks = policy({**AUTOMATIC, "passes.0.when": {"fact": "flagged", "is": "yes"}})
    assert ends(GIVEN, by=asks, held=asks, held_version=3, facts=PASSED, today=TODAY) is None
    assert as_without(PASSED) == replace(PASSED, governance="unreviewed", flagged=True, shadow=True)
    assert not as_without(replace(PASSED, managed=True)).shadow


# --- on a database -----------------------------------------------------------------------------


def leave(_connection: Connection, _ids: Sequence[int], _now: datetime) -> None:
    """Nothing follows: where tools are set by hand."""


class House:
    """Tools and a policy."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.now = engine, NOW
        with writing(engine) as connection:
            made = seed.Seed(connection)
            self.linktree = made.tool("Linktree", people=3)
            self.canva = made.tool("Canva", people=5)
            self.grave = made.tool("Graver", people=3, grant_grade="high")

    def switch(self, changes: dict[str, Any] | None = None) -> int:
        with writing(self.engine) as connection:
            made = service.create(
                connection,
                policy(AUTOMATIC if changes is None else changes),
                "why",
                actor="t",
                user_id=None,
                now=self.now,
            )
            service.activate(connection, made.version, actor="t", now=self.now)
        return made.version

    def back_to(self, version: int) -> None:
        with writing(self.engine) as connection:
            service.activate(connection, version, actor="t", now=self.now)

    def sweep(self) -> PassSweep:
        with writing(self.engine) as connection:
            done = sweep_all(connection, self.now, reassess=leave)
            t = models.tools
            waits = sa.and_(t.c.governance == "unreviewed", t.c.evidence == "active")
            connection.execute(sa.update(t).values(flagged=sa.case((waits, True), else_=False)))
        return done

    def set(self, tool: int, **values: Any) -> None:
        with writing(self.engine) as connection:
            connection.execute(sa.update(models.tools).where(models.tools.c.id == tool).values(**values))

    def rows(self, table: sa.Table, *order: str) -> list[dict[str, Any]]:
        with reading(self.engine) as connection:
            query = sa.select(table).order_by(*(table.c[n] for n in order or ("id",)))
            return [dict(row) for row in connection.execute(query).mappings()]

    def governance(self) -> dict[str, str]:
        return {row["name"]: row["governance"] for row in self.rows(models.tools)}

    def told(self) -> list[tuple[str, str]]:
        return [(row["topic"], row["title"]) for row in self.rows(models.messages)]


@pytest.fixture
def house(engine: Engine) -> House:
    return House(engine)


def test_the_shipped_policy_gives_none_by_itself(house: House) -> None:
    assert house.sweep().model_dump() == {"policy": 0, "given": [], "ended": []}
    assert set(house.governance().values()) == {"unreviewed"}


def test_passes_are_given_once_and_both_sides_hear_of_it(house: House) -> None:
    version = house.switch()
    assert house.sweep().given == [house.linktree, house.canva]
    assert house.governance() == {"Linktree": "provisional", "Canva": "provisional", "Graver": "unreviewed"}
    (first, _) = house.rows(models.passes)
    assert first["expires_on"] == TODAY + timedelta(days=90)
    assert (first["policy_version"], first["people_cap"], first["spend_cap_minor"]) == (version, 10, 25000)
    assert first["reasons"][0].startswith("It is harmless")
    assert house.told() == [("pass.given", "2 tools may be used for now without a review, by the policy")]
    assert "Linktree, Canva. Either side can refuse" in house.rows(models.messages)[0]["text"]
    lines = [r for r in house.rows(models.audit_events, "seq") if r["action"] == "pass.give"]
    assert [(r["actor"], r["object"]) for r in lines] == [
        (f"policy:{version}", f"tool:{house.linktree}"),
        (f"policy:{version}", f"tool:{house.canva}"),
    ]
    assert lines[0]["after"]["governance"] == "provisional"
    assert house.sweep().model_dump() == {"policy": version, "given": [], "ended": []}
    assert len(house.told()) == 1


def test_what_outgrows_its_pass_waits_for_a_review_again_and_gets_no_second_one(house: House) -> None:
    house.switch()
    house.sweep()
    house.set(house.canva, people=11)
    assert house.sweep().ended == [house.canva]
    assert house.governance()["Canva"] == "unreviewed"
    assert house.told()[-1] == ("pass.ended", "Canva waits for a joint review again")
    house.set(house.canva, people=2)
    assert house.sweep().model_dump(exclude={"policy"}) == {"given": [], "ended": []}
    house.now += timedelta(days=90)
    assert house.sweep().ended == [], "the last day is still good"
    house.now += timedelta(days=1)
    assert house.sweep().ended == [house.linktree]
    assert {r["end_cause"] for r in house.rows(models.passes)} == {"people", "expired"}
    assert house.sweep().given == []
    # Another version of the policy may pass a tool anew: that is for those who wrote it to know.
    house.switch({**AUTOMATIC, "passes.0.days": 30})
    assert house.sweep().given == [house.linktree, house.canva]


def test_a_policy_that_is_switched_off_takes_its_passes_back_and_may_give_them_again(house: House) -> None:
    version = house.switch()
    house.sweep()
    house.back_to(0)
    done = house.sweep()
    assert (done.given, done.ended) == ([], [house.linktree, house.canva])
    assert {r["end_cause"] for r in house.rows(models.passes)} == {"policy"}
    house.back_to(version)
    assert house.sweep().given == [house.linktree, house.canva]


def test_two_that_sweep_at_once_give_one_pass(house: House) -> None:
    house.switch()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: house.sweep().given, range(4)))
    assert sorted(t for given in found for t in given) == [house.linktree, house.canva]
    assert len(house.told()) == 1


def test_the_database_itself_lets_one_pass_stand(house: House) -> None:
    house.switch()
    house.sweep()
    row = {k: v for k, v in house.rows(models.passes)[0].items() if k != "id"}
    for changed in ({}, {"policy_version": 9}, {"ended_at": NOW, "end_cause": "people", "end_reason": "x"}):
        with pytest.raises(sa.exc.IntegrityError), writing(house.engine) as connection:
            connection.execute(sa.insert(models.passes).values(**{**row, **changed}))
    with writing(house.engine) as connection:
        taken_back = {"ended_at": NOW, "end_cause": "policy", "end_reason": "x"}
        connection.execute(sa.insert(models.passes).values(**{**row, **taken_back}))


def test_a_tool_that_had_a_pass_is_not_forgotten_and_one_that_was_merged_is_left_alone(house: House) -> None:
    house.switch()
    house.sweep()
    house.set(house.linktree, merged_into=house.canva)
    house.now += timedelta(days=91)
    assert house.sweep().ended == [house.canva]
    house.set(house.linktree, merged_into=None)
    assert house.sweep().ended == [house.linktree]
    with writing(house.engine) as connection:
        assert forget_tools(connection, [house.linktree, house.grave]) == 1


def test_the_simulation_says_how_many_would_have_been_given(house: House) -> None:
    with reading(house.engine) as connection:
        tried = simulate(connection, OURS, NOW)
    assert (tried.active.passes, tried.active.given) == (2, 0)
    assert (tried.changed.passes, tried.changed.given, tried.by_kind.pass_) == (2, 2, 2)
    house.switch()
    house.sweep()
    with reading(house.engine) as connection:
        again = simulate(connection, policy({"passes": []}), NOW)
    assert (again.active.given, again.changed.given) == (2, 0), "what was given is seen as if it had not been"
    with writing(house.engine) as connection:
        changed = sa.update(models.passes).where(models.passes.c.tool_id == house.canva)
        connection.execute(changed.values(ended_at=NOW, end_cause="refused", end_reason="no"))
    house.set(house.canva, governance="unreviewed", flagged=True)
    with reading(house.engine) as connection:
        assert simulate(connection, OURS, NOW).changed.given == 1, "who was refused one gets none"


def test_what_follows_from_a_pass_is_said_of_the_tool(engine: Engine) -> None:
    with writing(engine) as connection:
        made = seed.company(connection)
        held = service.create(connection, OURS, "why", actor="t", user_id=None, now=NOW)
        service.activate(connection, held.version, actor="t", now=NOW)
        assert sweep_all(connection, NOW, reassess=reassess).given == [made.canva]
    with reading(engine) as connection:
        tool = connection.execute(sa.select(models.tools).where(models.tools.c.id == made.canva)).one()
        assert (tool.flagged, tool.shadow) == (False, False)
        assert tool.shadow_reasons == [
            "Not shadow: the policy lets it be used for now, without a joint decision."
        ]
        board = scoreboard(connection, ScoreboardQuery(), NOW, veil=OPEN)
        lane = service.lane_for(connection, made.canva, NOW)
    assert (board.tools_decided, board.tools_decided_jointly, board.tools_passed_by_policy) == (0, 0, 1)
    assert lane.provisional is None
    assert lane.given is not None
    assert (lane.given.tool.id, lane.given.people) == (made.canva, tool.people)


# --- at the table ------------------------------------------------------------------------------


@pytest.fixture
def table(engine: Engine, settings: Settings) -> Any:
    with table_of(engine, settings, house_rules()) as made:
        with writing(engine) as connection:
            held = service.create(connection, OURS, "why", actor="t", user_id=None, now=made.now)
            service.activate(connection, held.version, actor="t", now=made.now)
        yield made


def passed(table: Table) -> int:
    with writing(table.engine) as connection:
        assert sweep_all(connection, table.now, reassess=reassess).given == [table.company.canva]
    return table.company.canva


def test_either_side_refuses_a_pass_with_one_call(table: Table) -> None:
    ida, rita = table.person("ida", Role.IT), table.person("rita", Role.READER)
    tool = table.company.canva
    address = f"/api/v1/tools/{tool}/pass/refuse"
    none = ida.post(address, json={"reason": "No."})
    assert (none.status_code, none.json()["type"].rpartition(":")[2]) == (409, "no_pass")
    passed(table)
    assert rita.post(address, json={"reason": "No."}).status_code == 403
    assert ida.post(address, json={"reason": "  "}).status_code == 422
    assert ida.post(address, json={"reason": "No\x00."}).status_code == 422
    refused = ida.post(address, json={"reason": "It stores customers' photos."})
    assert refused.status_code == 200, refused.text
    body = refused.json()
    ended = body["ended"]
    assert (ended["cause"], ended["side"], ended["by"]["name"]) == (
        "refused",
        "it",
        "Ida",
    )
    review = ida.get(f"/api/v1/reviews/{body['review']}").json()
    assert (review["cause"], review["state"]) == ("flag", "open")
    assert review["need"] == (
        "IT refused the pass that version 1 of the policy gave. It stores customers' photos."
    )
    assert table.tool(tool)["governance"] == "in_review"
    assert [r["action"] for r in table.rows(models.audit_events) if r["action"].startswith("pass.")] == [
        "pass.give",
        "pass.refuse",
    ]
    # Withdrawn or not, it never gets another one.
    mara = table.person("mara", Role.MARKETING)
    for client in (ida, mara):
        version = client.get(f"/api/v1/reviews/{review['id']}").json()["version"]
        answer = client.post(
            f"/api/v1/reviews/{review['id']}/withdraw",
            json={"reason": "Never mind."},
            headers={"If-Match": f'"v{version}"'},
        )
        assert answer.status_code == 200, answer.text
    assert table.tool(tool)["governance"] == "unreviewed"
    with writing(table.engine) as connection:
        assert sweep_all(connection, table.now, reassess=reassess).given == []


def test_a_service_refuses_nothing(table: Table) -> None:
    from app.security.service import create_token

    passed(table)
    with writing(table.engine) as connection:
        _, text = create_token(connection, "robot", Role.IT, actor="test", now=table.now)
    client = table.person("ida", Role.IT)
    answer = client.post(
        f"/api/v1/tools/{table.company.canva}/pass/refuse",
        json={"reason": "No."},
        headers={"Authorization": f"Bearer {text}"},
    )
    assert answer.status_code == 403


def test_a_review_takes_the_place_of_a_pass(table: Table) -> None:
    tool = passed(table)
    review = Review(table, tool)
    (row,) = table.rows(models.passes)
    assert (row["end_cause"], row["review_id"]) == ("review", review.id)
    for name in ("ida", "mara"):
        review.ok(name, "withdraw", reason="Nobody needs it.")
    assert table.tool(tool)["governance"] == "unreviewed"
    with writing(table.engine) as connection:
        assert sweep_all(connection, table.now, reassess=reassess).given == [], "it was under review"


def test_passes_are_listed_for_everybody(table: Table) -> None:
    rita = table.person("rita", Role.READER)
    table.set_tool(table.company.canva, key="kb:canva")
    tool = passed(table)
    assert [p["tool"]["id"] for p in rita.get("/api/v1/passes?standing=true").json()["items"]] == [tool]
    assert rita.get("/api/v1/passes?standing=false").json()["items"] == []
    assert rita.get(f"/api/v1/passes?tool={table.company.hubspot}").json()["items"] == []
    assert rita.get(f"/api/v1/tools/{tool}/lane").json()["given"]["expires_on"]
    answer = rita.get("/api/v1/requests/answer?what=Canva").json()["standing"]
    assert answer["may_use"] == "for_now"
    assert answer["words"].endswith("by 10 people and 250.00 EUR in 90 days at most.")
    assert "IT and marketing have not decided on it" in answer["why"]
    assert answer["expires_on"] == str(date.fromisoformat(str(table.now.date())) + timedelta(days=90))


def test_every_cause_is_told_in_the_model() -> None:
    known = str(next(c for c in models.passes.constraints if c.name == "ck_passes_end_cause").sqltext)  # type: ignore[union-attr]
    assert all(f"'{cause.value}'" in known for cause in EndCause)
