"""Which steps it takes: what Penumbra may do itself, and what is left to people, with the reason."""

from dataclasses import replace
from datetime import date

from app.remediation.planning import LiveApp, LiveGrant, Payment, Source, StepKind, plan

DUE = date(2026, 12, 24)
GOOGLE = Source(1, "google", "Google Workspace", frozenset({"grants"}), allowed=True)
OKTA = Source(2, "okta", "Okta", frozenset(), allowed=False)
GRANT = LiveGrant(7, GOOGLE, "grants", "u1:c1", "HubSpot", "c1", 3, "u1")


def test_what_may_be_revoked_comes_first_and_names_nobody() -> None:
    steps = plan(
        "HubSpot",
        [GRANT, replace(GRANT, id=8, person_ref=None)],
        [LiveApp(OKTA, "HubSpot SSO", 1)],
        [Payment("HUBSPOT INC", date(2026, 11, 3), 2)],
        due=DUE,
        revoking=True,
    )
    assert [s.kind for s in steps] == [StepKind.REVOKE] * 2 + [StepKind.TASK] * 3
    assert "one person's name" in steps[0].what
    assert "everybody's name" in steps[1].what
    assert steps[2].what == "Take “HubSpot SSO” out of single sign-on; 1 person may enter it."
    assert "the last charge was on 2026-11-03" in steps[3].what
    assert {s.due for s in steps[2:]} == {DUE}


def test_whatever_keeps_penumbra_from_it_is_said() -> None:
    for grant, revoking, why in (
        (replace(GRANT, source=OKTA), True, "offers no way"),
        (replace(GRANT, stream="app_permissions"), True, "offers no way"),
        (replace(GRANT, source=replace(GOOGLE, allowed=False)), True, "the source “google” was not allowed"),
        (GRANT, False, "this installation was not allowed"),
    ):
        step = plan("X", [grant], [], [], due=DUE, revoking=revoking)[0]
        assert (step.kind, step.due, step.grant) == (StepKind.TASK, DUE, grant)
        assert why in step.how


def test_the_company_s_data_is_never_forgotten() -> None:
    (step,) = plan("X", [], [], [], due=DUE, revoking=True)
    assert "company's data" in step.what
