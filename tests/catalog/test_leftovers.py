"""What goes when its evidence does: tools and people that nothing speaks for any more."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.db import reading, writing
from app.identify import default_knowledge_base
from app.models import apps, people, tool_identifiers, tool_sources, tools
from app.sources import service
from connectors.base import Mode
from connectors.identifiers import APP_NAME, DOMAIN, Identifier
from connectors.observations import AppSeen, ExpenseSeen, GrantSeen, PersonSeen, SignOn
from tests.support.scanning import NOW, Clock, Scanner
from tests.support.scripted import scripted

ADA = PersonSeen(ref="u1", email="ada@acme.example", name="Ada", department="Marketing")
BEN = PersonSeen(ref="u2", email="ben@acme.example", name="Ben", department="Sales")


def _app(ref: str, name: str, *domains: str) -> AppSeen:
    identifiers = (Identifier(APP_NAME, name), *(Identifier(DOMAIN, d) for d in domains))
    return AppSeen(ref=ref, name=name, identifiers=identifiers, sign_on=SignOn.CONSENT)


def _charge(ref: str, **more: Any) -> ExpenseSeen:
    given = {"occurred_on": NOW.date(), "currency": "USD", "amount_minor": 5000, "merchant": "Mailchimp"}
    return ExpenseSeen(ref=ref, **{**given, **more})


def _delete(scanner: Scanner) -> None:
    source = scanner.source()
    with writing(scanner.engine) as connection:
        service.delete(
            connection,
            source["id"],
            source["version"],
            kb=default_knowledge_base(),
            actor="test",
            now=scanner.clock(),
        )


def _tools(scanner: Scanner) -> dict[str, dict[str, Any]]:
    return {t["name"]: t for t in scanner.rows(tools)}


def test_a_deleted_source_takes_along_the_tools_and_people_that_only_it_had_seen(engine: Engine):
    clock = Clock()
    okta, seen = scripted(engine, "corp", clock=clock, people=Mode.SNAPSHOT, grants=Mode.SNAPSHOT)
    seen.pages |= {
        "people": [[ADA, BEN]],
        "grants": [
            [
                _app("a1", "HubSpot"),
                _app("a2", "Canva"),
                _app("a3", "Frobnix", "frobnix.io"),
                GrantSeen(ref="g1", app_ref="a1", person_ref="u1", scopes=("email",)),
                GrantSeen(ref="g2", app_ref="a1", person_ref="u2", scopes=("email",)),
            ]
        ],
    }
    cards, paid = scripted(
        engine, "cards", connector="ramp", clock=clock, people=Mode.SNAPSHOT, charges=Mode.WINDOW
    )
    paid.pages |= {
        "people": [[PersonSeen(ref="r1", email="ada@acme.example", name="Ada A.")]],
        "charges": [[_charge("t1", merchant="HubSpot", person_ref="r1")]],
    }
    okta.scan()
    cards.scan()
    assert _tools(okta)["HubSpot"]["people"] == 2
    _delete(okta)
    left = _tools(okta)
    assert set(left) == {"HubSpot"}
    assert left["HubSpot"]["sources"] == ["cards"]
    assert left["HubSpot"]["people"] == 1
    assert left["HubSpot"]["grant_grade"] is None
    assert [(p["email"], p["name"], p["department"]) for p in okta.rows(people)] == [
        ("ada@acme.example", "Ada A.", None)
    ]
    assert {r["tool_id"] for r in okta.rows(tool_identifiers)} <= {left["HubSpot"]["id"]}


def test_a_tool_that_somebody_decided_on_outlives_its_evidence(engine: Engine):
    scanner, script = scripted(engine, apps=Mode.SNAPSHOT)
    script.pages["apps"] = [
        [_app(f"a{n}", name) for n, name in enumerate(("HubSpot", "Canva", "Asana", "Miro"))]
    ]
    scanner.scan()
    changes = {
        "HubSpot": {"governance": "sanctioned"},
        "Canva": {"ownership": "claimed"},
        "Asana": {"on_it_list": True},
    }
    with writing(engine) as connection:
        for name, values in changes.items():
            connection.execute(sa.update(tools).where(tools.c.name == name).values(**values))
    _delete(scanner)
    left = _tools(scanner)
    assert set(left) == set(changes)
    assert {t["evidence"] for t in left.values()} == {"dormant"}
    assert not any(t["shadow"] or t["flagged"] or t["sources"] for t in left.values())
    assert scanner.rows(tool_sources) == []


def test_a_tool_whose_last_app_turns_out_to_be_another_one_goes(engine: Engine):
    scanner, script = scripted(engine, apps=Mode.SNAPSHOT)
    script.pages["apps"] = [[_app("a1", "Frobnix", "frobnix.io")]]
    scanner.scan()
    assert set(_tools(scanner)) == {"Frobnix"}
    script.pages["apps"] = [[_app("a1", "HubSpot", "hubspot.com")]]
    scanner.scan()
    assert set(_tools(scanner)) == {"HubSpot"}


def test_a_charge_that_moves_to_another_tool_takes_its_money_along(engine: Engine):
    scanner, script = scripted(engine, connector="ramp", charges=Mode.WINDOW)
    script.pages["charges"] = [[_charge("t1"), _charge("t2", merchant="Hootsuite")]]
    scanner.scan()
    with writing(engine) as connection:
        connection.execute(sa.update(tools).where(tools.c.name == "Mailchimp").values(ownership="owned"))
    script.pages["charges"] = [[_charge("t1", merchant="Hootsuite")]]
    scanner.scan()
    found = _tools(scanner)
    assert found["Mailchimp"]["spend_minor"] == 0
    assert found["Mailchimp"]["evidence"] == "dormant"
    assert found["Hootsuite"]["spend_minor"] == 10_000


def test_an_account_with_a_new_address_leaves_nobody_behind(engine: Engine):
    scanner, script = scripted(engine, people=Mode.SNAPSHOT)
    script.pages["people"] = [[ADA]]
    scanner.scan()
    script.pages["people"] = [[PersonSeen(ref="u1", email="ada.b@acme.example", name="Ada B.")]]
    scanner.scan()
    assert [p["email"] for p in scanner.rows(people)] == ["ada.b@acme.example"]


def test_a_tool_that_went_while_another_scan_remembered_it_comes_back(engine: Engine):
    """The second page's app belongs to a tool that was taken away after the first page."""
    gone, seen = scripted(engine, "gone", apps=Mode.SNAPSHOT)
    seen.pages["apps"] = [[_app("a1", "HubSpot")]]
    gone.scan()
    other, script = scripted(engine, "other", apps=Mode.SNAPSHOT)
    script.pages["apps"] = [
        [_app("b1", "Canva"), _app("b2", "HubSpot")],
        [_app("b3", "HubSpot CRM", "hubspot.com")],
    ]
    pages = 0

    def between(_progress: object) -> None:
        nonlocal pages
        pages += 1
        if pages == 1:
            with writing(engine) as connection:
                connection.execute(sa.update(apps).where(apps.c.ref == "b2").values(tool_id=None))
                connection.execute(sa.delete(apps).where(apps.c.ref == "a1"))
                connection.execute(sa.delete(tools).where(tools.c.name == "HubSpot"))

    other.runner._on_progress = between
    scan = other.scan()
    assert scan["state"] == "complete", scan["error"]
    with reading(engine) as connection:
        owner = sa.select(tools.c.name).join(apps, apps.c.tool_id == tools.c.id).where(apps.c.ref == "b3")
        assert connection.scalar(owner) == "HubSpot"
