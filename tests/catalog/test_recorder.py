"""What the catalog makes of observations: repeats, late edits, several sources, people, money."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from app.models import (
    accounts,
    apps,
    assignments,
    expenses,
    grants,
    people,
    sign_in_days,
    tool_identifiers,
    tools,
)
from connectors.base import Mode
from connectors.identifiers import APP_NAME, DOMAIN, GOOGLE_CLIENT_ID, Identifier
from connectors.observations import (
    AppSeen,
    AssignmentSeen,
    Consent,
    ConsentEvent,
    ExpenseSeen,
    ExpenseState,
    GrantSeen,
    PersonSeen,
    SignInSeen,
    SignOn,
)
from tests.support.scanning import NOW, Clock, Scanner
from tests.support.scripted import Script, scripted

ADA = PersonSeen(ref="u1", email="Ada@Acme.example", name="Ada", department="Marketing")
BEN = PersonSeen(ref="u2", email="ben@acme.example", name="Ben", department="Sales")


def _app(ref: str, name: str, *domains: str, **more: Any) -> AppSeen:
    identifiers = (Identifier(APP_NAME, name), *(Identifier(DOMAIN, d) for d in domains))
    return AppSeen(
        ref=ref, name=name, identifiers=identifiers, sign_on=more.pop("sign_on", SignOn.CONSENT), **more
    )


def _charge(ref: str, minor: int, **more: Any) -> ExpenseSeen:
    given = {"occurred_on": NOW.date(), "currency": "USD", "merchant": "Mailchimp"}
    return ExpenseSeen(ref=ref, amount_minor=minor, **{**given, **more})


def _tool(scanner: Scanner, name: str) -> dict[str, Any]:
    found = [t for t in scanner.rows(tools) if t["name"] == name]
    assert len(found) == 1, [t["name"] for t in scanner.rows(tools)]
    return found[0]


def _sign_ins(scanner: Scanner) -> int:
    return sum(r["count"] for r in scanner.rows(sign_in_days))


# --- sign-ins ----------------------------------------------------------------------------------


def _log(engine: Engine) -> tuple[Scanner, Script]:
    scanner, script = scripted(engine, people=Mode.SNAPSHOT, apps=Mode.SNAPSHOT, log=Mode.INCREMENTAL)
    script.pages |= {"people": [[ADA, BEN]], "apps": [[_app("a1", "HubSpot", "hubspot.com")]]}
    return scanner, script


def test_sign_ins_are_daily_counts_and_repeats_count_once(engine: Engine):
    scanner, script = _log(engine)
    at = NOW - timedelta(hours=3)
    events = [SignInSeen(f"e{n}", "a1", "u1", at + timedelta(minutes=n)) for n in range(10)]
    script.pages["log"] = [events[:6] + events[2:4], events[4:]]
    first = scanner.scan()
    assert _sign_ins(scanner) == 10
    assert len(scanner.rows(sign_in_days)) == 1
    assert first["known"] == 4
    script.pages["log"] = [[*events[5:], SignInSeen("late", "a1", "u1", at + timedelta(minutes=1))]]
    second = scanner.scan()
    assert _sign_ins(scanner) == 11, "the late event counts, the repeated ones do not"
    assert second["new"] == 1


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_cut_and_any_repeat_within_the_window_gives_the_same_counts(
    sqlite_template: Any, tmp_path_factory: Any, data: Any
):
    import shutil

    from app.db import make_engine

    path = tmp_path_factory.mktemp("cut") / "d.sqlite3"
    shutil.copy(sqlite_template, path)
    engine = make_engine(f"sqlite:///{path}")
    scanner, script = _log(engine)
    events = [
        SignInSeen(f"e{n}", "a1", "u1" if n % 2 else "u2", NOW - timedelta(minutes=50 - n)) for n in range(40)
    ]
    script.pages["log"] = []
    position = 0
    while position < len(events):
        size = data.draw(st.integers(1, 12))
        back = data.draw(st.integers(0, 8))
        script.pages["log"].append(events[max(0, position - back) : position + size])
        position += size
    assert scanner.scan()["state"] == "complete"
    assert _sign_ins(scanner) == len(events)
    engine.dispose()


# --- mentions ----------------------------------------------------------------------------------


def test_a_mention_introduces_but_never_overwrites(engine: Engine):
    scanner, script = _log(engine)
    named = PersonSeen(ref="u1", email="ada@acme.example", name="A.", mention=True)
    app = AppSeen(ref="a1", name="hs", identifiers=(Identifier(APP_NAME, "hs"),), mention=True)
    stranger = PersonSeen(ref="u9", email="cem@acme.example", mention=True)
    script.pages["log"] = [[named, app, stranger, SignInSeen("e1", "a1", "u9", NOW)]]
    assert scanner.scan()["skipped"] == 0
    assert {p["email"]: p["name"] for p in scanner.rows(people)} == {
        "ada@acme.example": "Ada",
        "ben@acme.example": "Ben",
        "cem@acme.example": None,
    }
    assert [a["name"] for a in scanner.rows(apps)] == ["HubSpot"]
    listed = {a["ref"]: a["listed"] for a in scanner.rows(accounts)}
    assert listed == {"u1": True, "u2": True, "u9": False}


def test_an_event_of_something_never_listed_is_counted_and_shown(engine: Engine):
    scanner, script = _log(engine)
    script.pages["log"] = [[SignInSeen("e1", "a9", "u1", NOW), SignInSeen("e2", "a1", "u9", NOW)]]
    scan = scanner.scan()
    assert scan["skipped"] == 2
    assert _sign_ins(scanner) == 0


def test_what_a_log_says_of_an_assignment_outlives_the_next_snapshot(engine: Engine):
    """Okta's log tells who added an app for themselves; its list of assignments does not."""
    scanner, script = scripted(
        engine, people=Mode.SNAPSHOT, apps=Mode.SNAPSHOT, assignments=Mode.SNAPSHOT, log=Mode.INCREMENTAL
    )
    listed = AssignmentSeen(app_ref="a1", person_ref="u1")
    script.pages |= {
        "people": [[ADA]],
        "apps": [[_app("a1", "HubSpot")]],
        "assignments": [[listed]],
        "log": [[AssignmentSeen(app_ref="a1", person_ref="u1", self_assigned=True)]],
    }
    scanner.scan()
    script.pages["log"] = []
    scanner.scan()
    assert [a["self_assigned"] for a in scanner.rows(assignments)] == [True]
    script.pages["assignments"] = []
    scanner.scan()
    assert scanner.rows(assignments)[0]["gone_at"] is not None, "the snapshot still says when it is gone"


# --- tools -------------------------------------------------------------------------------------


def test_an_unknown_app_under_several_names_in_several_sources_is_one_tool(engine: Engine):
    orders = [("okta", "google"), ("google", "okta")]
    for number, order in enumerate(orders):
        word = f"Frobnix{number}"
        listings = {
            "okta": _app("0oa1", f"{word} - Prod", f"app.frobnix{number}.io"),
            "google": _app("77.apps.googleusercontent.com", word),
        }
        for source in order:
            scanner, script = scripted(engine, f"{source}{number}", apps=Mode.SNAPSHOT)
            script.pages["apps"] = [[listings[source]]]
            scanner.scan()
        found = [t for t in scanner.rows(tools) if word.lower() in t["name"].lower()]
        assert len(found) == 1, found
        assert (found[0]["name"], found[0]["identity"]) == (word, "unidentified")
        assert len(found[0]["sources"]) == 2


def test_a_tool_is_sorted_by_the_name_that_it_has_in_the_end(engine: Engine):
    scanner, script = scripted(engine, apps=Mode.SNAPSHOT)
    listed = [_app("a1", "Frobnix - Prod"), _app("a2", "HubSpot", "hubspot.com")]
    for more, name in (([], "Frobnix - Prod"), ([_app("a3", "Frobnix")], "Frobnix")):
        script.pages["apps"] = [[*listed, *more]]
        scanner.scan()
        assert _tool(scanner, name)["sort_name"] == name.lower()
        assert _tool(scanner, "HubSpot")["sort_name"] == "hubspot"


def test_the_same_name_under_another_domain_is_another_tool(engine: Engine):
    scanner, script = scripted(engine, apps=Mode.SNAPSHOT)
    script.pages["apps"] = [[_app("1", "Portalix", "portalix.io"), _app("2", "Portalix", "portalixhr.com")]]
    scanner.scan()
    assert len(scanner.rows(tools)) == 2


def test_strong_identifiers_belong_to_their_tool(engine: Engine):
    scanner, script = scripted(engine, apps=Mode.SNAPSHOT)
    client = Identifier(GOOGLE_CLIENT_ID, "5-x.apps.googleusercontent.com")
    app = AppSeen(ref="1", name="HubSpot", identifiers=(client, Identifier(APP_NAME, "HubSpot")))
    script.pages["apps"] = [[app]]
    scanner.scan()
    owned = {(r["kind"], r["value"]): r["tool_id"] for r in scanner.rows(tool_identifiers)}
    assert owned[client.kind, client.value] == _tool(scanner, "HubSpot")["id"]
    assert not any(kind == APP_NAME for kind, _ in owned), "a bare name owns nothing"


def test_the_companys_own_app_is_kept_and_is_no_tool(engine: Engine):
    scanner, script = scripted(engine, apps=Mode.SNAPSHOT)
    script.pages["apps"] = [[_app("1", "Expense Bot", internal=True)]]
    scanner.scan()
    assert [a["tool_id"] for a in scanner.rows(apps)] == [None]
    assert scanner.rows(tools) == []


def test_grants_keep_first_seen_and_come_back_from_gone(engine: Engine):
    scanner, script = scripted(engine, people=Mode.SNAPSHOT, grants=Mode.SNAPSHOT)
    grant = GrantSeen(ref="g1", app_ref="a1", person_ref="u1", scopes=("openid", "https://mail.google.com/"))
    both = [[_app("a1", "HubSpot"), grant]]
    script.pages |= {"people": [[ADA]], "grants": both}
    scanner.scan()
    first = scanner.rows(grants)[0]
    assert first["grade"] == "high"
    scanner.clock.forward(hours=1)
    script.pages["grants"] = []
    scanner.scan()
    assert scanner.rows(grants)[0]["gone_at"] == scanner.clock()
    assert _tool(scanner, "HubSpot")["evidence"] == "gone"
    scanner.clock.forward(hours=1)
    script.pages["grants"] = both
    scanner.scan()
    again = scanner.rows(grants)[0]
    assert again["gone_at"] is None
    assert again["first_seen"] == first["first_seen"]
    assert again["last_seen"] == scanner.clock()
    assert _tool(scanner, "HubSpot")["evidence"] == "active"


def test_who_uses_a_tool(engine: Engine):
    """Signing in, consenting, paying, being given it in person; but not having it through a group."""
    scanner, script = scripted(
        engine, people=Mode.SNAPSHOT, apps=Mode.SNAPSHOT, links=Mode.SNAPSHOT, log=Mode.INCREMENTAL
    )
    persons = [PersonSeen(ref=f"u{n}", email=f"p{n}@acme.example", department=f"D{n % 2}") for n in range(6)]
    script.pages |= {
        "people": [list(persons)],
        "apps": [[_app("a1", "HubSpot")]],
        "links": [
            [
                AssignmentSeen(app_ref="a1", person_ref="u0"),
                AssignmentSeen(app_ref="a1", person_ref="u1", via_group=True),
                AssignmentSeen(app_ref="a1", group_ref="g1", group_name="All"),
                GrantSeen(ref="g", app_ref="a1", person_ref="u2", scopes=("email",)),
            ]
        ],
        "log": [
            [
                SignInSeen("e1", "a1", "u3", NOW - timedelta(days=2)),
                SignInSeen("e2", "a1", "u4", NOW - timedelta(days=200)),
                ConsentEvent(event_id="c1", app_ref="a1", person_ref="u5", at=NOW, granted=True),
            ]
        ],
    }
    scanner.scan()
    tool = _tool(scanner, "HubSpot")
    assert tool["people"] == 3
    assert tool["departments"] == [{"department": "D0", "people": 2}, {"department": "D1", "people": 1}]


# --- people ------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [("okta", "ramp"), ("ramp", "okta")])
def test_one_person_in_two_sources_is_one_person_and_the_directory_wins(
    engine: Engine, order: tuple[str, ...]
):
    clock = Clock()
    seen = {
        "okta": PersonSeen(
            ref="00u1", email="ada@acme.example", name="Ada Abt", department="Marketing", active=False
        ),
        "ramp": PersonSeen(
            ref="r1", email="ADA@acme.example", name="Ada A.", department="Cards", title="Lead"
        ),
    }
    for source in order:
        scanner, script = scripted(engine, source, connector=source, clock=clock, people=Mode.SNAPSHOT)
        script.pages["people"] = [[seen[source]]]
        scanner.scan()
    person = scanner.rows(people)
    assert len(person) == 1
    facts = ("name", "department", "title", "active")
    assert tuple(person[0][f] for f in facts) == ("Ada Abt", "Marketing", "Lead", False)


def test_who_is_gone_from_the_directory_is_no_longer_active(engine: Engine):
    scanner, script = scripted(engine, people=Mode.SNAPSHOT, grants=Mode.SNAPSHOT)
    grant = [_app("a1", "HubSpot"), GrantSeen(ref="g1", app_ref="a1", person_ref="u1", scopes=("email",))]
    script.pages |= {"people": [[ADA, BEN]], "grants": [list(grant)]}
    scanner.scan()
    script.pages["people"] = [[BEN]]
    scanner.clock.forward(hours=1)
    scanner.scan()
    active = {p["email"]: p["active"] for p in scanner.rows(people)}
    assert active == {"ada@acme.example": False, "ben@acme.example": True}
    assert _tool(scanner, "HubSpot")["people_gone"] == 1, "a leaver with a live grant"


# --- expenses ----------------------------------------------------------------------------------


def _cards(engine: Engine) -> tuple[Scanner, Script]:
    scanner, script = scripted(engine, connector="ramp", people=Mode.SNAPSHOT, charges=Mode.WINDOW)
    script.pages["people"] = [[ADA]]
    return scanner, script


def test_a_late_edit_updates_and_never_adds(engine: Engine):
    scanner, script = _cards(engine)
    script.pages["charges"] = [[_charge("t1", 5000, state=ExpenseState.PENDING)]]
    scanner.scan()
    assert _tool(scanner, "Mailchimp")["spend_minor"] == 0, "a pending amount is never spend"
    assert _tool(scanner, "Mailchimp")["evidence"] == "active", "but it is evidence"
    script.pages["charges"] = [[_charge("t1", 5250, person_ref="u1", memo="newsletter")]]
    second = scanner.scan()
    assert (second["new"], len(scanner.rows(expenses))) == (0, 1)
    assert _tool(scanner, "Mailchimp")["spend_minor"] == 5250
    assert _tool(scanner, "Mailchimp")["people"] == 1


def test_refunds_lower_spend_and_declined_and_void_charges_do_not_count(engine: Engine):
    scanner, script = _cards(engine)
    script.pages["charges"] = [
        [
            _charge("t1", 5000),
            _charge("t2", -2000, state=ExpenseState.REFUND, refund_of="t1"),
            _charge("t3", 900_000, state=ExpenseState.DECLINED),
            _charge("t4", 700_000, state=ExpenseState.VOID),
            _charge("t5", 1000, currency="EUR"),
            _charge("t6", 4000, occurred_on=NOW.date() - timedelta(days=400)),
        ]
    ]
    scanner.scan()
    tool = _tool(scanner, "Mailchimp")
    assert tool["spend"] == {"EUR": 1000, "USD": 3000}
    assert (tool["spend_minor"], tool["spend_currency"]) == (3000, "USD")


def test_a_charge_that_came_again_under_a_new_id_counts_once(engine: Engine):
    for replaced_first in (True, False):
        scanner, script = scripted(engine, f"cards{replaced_first}", connector="ramp", charges=Mode.WINDOW)
        old = _charge("p1", 5000, merchant="Hootsuite" if replaced_first else "Canva")
        new = _charge("c1", 5000, merchant=old.merchant, replaces="p1")
        script.pages["charges"] = [[old], [new]] if replaced_first else [[new], [old]]
        scanner.scan()
        assert _tool(scanner, old.merchant)["spend_minor"] == 5000
        script.pages["charges"] = [[old, new]]
        scanner.scan()
        assert _tool(scanner, old.merchant)["spend_minor"] == 5000


def test_what_is_not_for_software_is_counted_and_forgotten(engine: Engine):
    scanner, script = _cards(engine)
    script.pages["charges"] = [
        [
            _charge("t1", 9000, merchant="Hotel Adlon", mcc="7011"),
            _charge("t2", 9000, merchant="Zzyx Analytics", mcc="5734"),
            _charge("t3", 9000, merchant="Qwerk", category="Software subscriptions"),
            _charge("t4", 9000, merchant="FLORBLE.IO"),
            _charge("t5", 9000, merchant="Corner Bakery"),
        ]
    ]
    scan = scanner.scan()
    assert scan["ignored"] == 2
    assert {e["ref"] for e in scanner.rows(expenses)} == {"t2", "t3", "t4"}
    assert all(t["identity"] == "unidentified" for t in scanner.rows(tools))


def test_admin_consent_is_what_makes_a_consented_app_managed(engine: Engine):
    scanner, script = scripted(engine, people=Mode.SNAPSHOT, grants=Mode.SNAPSHOT)
    script.pages |= {
        "people": [[ADA]],
        "grants": [
            [
                _app("a1", "HubSpot"),
                GrantSeen(ref="g1", app_ref="a1", person_ref="u1", scopes=("email",)),
                _app("a2", "Mailchimp"),
                GrantSeen(ref="g2", app_ref="a2", scopes=("email",), consent=Consent.ADMIN),
            ]
        ],
    }
    scanner.scan()
    assert (_tool(scanner, "HubSpot")["managed"], _tool(scanner, "HubSpot")["shadow"]) == (False, True)
    assert (_tool(scanner, "Mailchimp")["managed"], _tool(scanner, "Mailchimp")["shadow"]) == (True, False)


def test_a_tool_turns_dormant_as_time_goes_by(engine: Engine):
    scanner, script = _cards(engine)
    script.pages["charges"] = [[_charge("t1", 5000)]]
    scanner.scan()
    assert _tool(scanner, "Mailchimp")["flagged"]
    scanner.clock.forward(days=120)
    script.pages["charges"] = []
    scanner.scan()
    tool = _tool(scanner, "Mailchimp")
    assert (tool["evidence"], tool["flagged"], tool["shadow"]) == ("dormant", False, False)
    assert tool["last_seen"] == datetime.combine(date(2026, 11, 20), datetime.min.time(), NOW.tzinfo)


def test_an_account_left_open_elsewhere_does_not_make_a_leaver_active(engine: Engine):
    clock = Clock()
    for source, active in (("google_workspace", True), ("okta", False)):
        scanner, script = scripted(
            engine, source, connector=source, clock=clock, people=Mode.SNAPSHOT, grants=Mode.SNAPSHOT
        )
        script.pages["people"] = [[PersonSeen(ref="1", email="ada@acme.example", active=active)]]
        if source == "google_workspace":
            grant = GrantSeen(ref="g", app_ref="a1", person_ref="1", scopes=("email",))
            script.pages["grants"] = [[_app("a1", "HubSpot"), grant]]
        scanner.scan()
    assert [p["active"] for p in scanner.rows(people)] == [False]
