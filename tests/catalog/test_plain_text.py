"""A NUL in a vendor's text loses nothing, on both databases."""

from datetime import timedelta

from sqlalchemy.engine import Engine

from app.models import apps, expenses, people, sign_in_days
from connectors.base import Mode
from connectors.identifiers import APP_NAME, Identifier
from connectors.observations import AppSeen, ExpenseSeen, PersonSeen, SignInSeen
from tests.support.scanning import NOW
from tests.support.scripted import scripted


def test_a_nul_in_a_text_keeps_nothing_from_being_stored(engine: Engine):
    scanner, script = scripted(engine, people=Mode.SNAPSHOT, apps=Mode.SNAPSHOT, log=Mode.INCREMENTAL)
    app = AppSeen(
        ref="a1",
        name="Frob\0nix",
        identifiers=(Identifier(APP_NAME, "Frob\0nix"),),
        facts={"note": ["x\0y"]},
    )
    charge = ExpenseSeen(
        ref="t1",
        occurred_on=NOW.date(),
        amount_minor=1,
        currency="USD",
        merchant="Mail\0chimp",
        memo="a\0b",
    )
    script.pages |= {
        "people": [[PersonSeen(ref="u1", email="ada@acme.example", name="A\0da")]],
        "apps": [[app]],
        "log": [[SignInSeen("e\0" + "1", "a1", "u1", NOW - timedelta(hours=1)), charge]],
    }
    first = scanner.scan()
    assert (first["state"], first["skipped"]) == ("complete", 0), first["error"]
    assert [p["name"] for p in scanner.rows(people)] == ["Ada"]
    assert [(a["name"], a["facts"]) for a in scanner.rows(apps)] == [("Frobnix", {"note": ["xy"]})]
    assert [(e["merchant"], e["memo"]) for e in scanner.rows(expenses)] == [("Mailchimp", "ab")]
    second = scanner.scan()
    assert (second["state"], second["new"]) == ("complete", 0)
    assert [d["count"] for d in scanner.rows(sign_in_days)] == [1]
