"""What follows from evidence: active, dormant, gone; managed by IT; shadow; flagged."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.judge import AppFacts, ToolFacts, judge

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def _app(**facts: Any) -> AppFacts:
    given = {
        "source": "okta",
        "name": "HubSpot",
        "live": True,
        "listed": True,
        "sign_on": "consent",
        "provisioning": False,
        "last_seen": NOW,
    }
    return AppFacts(**{**given, **facts})


def _tool(
    *apps: AppFacts, audience: str = "marketing", governance: str = "unreviewed", **facts: Any
) -> ToolFacts:
    return ToolFacts(
        audience=audience,
        governance=governance,
        on_it_list=facts.get("on_it_list", False),
        apps=list(apps),
        last_expense=facts.get("last_expense"),
    )


def test_an_employee_consented_app_is_listed_but_not_managed():
    verdict = judge(_tool(_app(sign_on="consent", live_grants=3)), NOW)
    assert not verdict.managed
    assert verdict.shadow
    assert verdict.flagged


@pytest.mark.parametrize("sign_on", ["saml", "oidc", "ws_federation"])
def test_single_sign_on_with_a_group_or_provisioning_is_managed(sign_on: str):
    assert not judge(_tool(_app(sign_on=sign_on)), NOW).managed
    for fact in ({"groups": 1}, {"provisioning": True}):
        verdict = judge(_tool(_app(sign_on=sign_on, **fact)), NOW)
        assert verdict.managed
        assert not verdict.shadow
        assert "HubSpot" in verdict.managed_reasons[0]
        assert verdict.flagged, "a managed marketing tool still waits for the joint decision"


def test_a_bookmark_assigned_to_a_group_is_not_managed():
    assert not judge(_tool(_app(sign_on="bookmark", groups=2)), NOW).managed


def test_admin_consent_and_its_own_list_are_managed():
    assert judge(_tool(_app(admin_grants=1)), NOW).managed
    assert judge(_tool(_app(), on_it_list=True), NOW).managed


def test_a_group_of_an_app_that_is_gone_manages_nothing():
    assert not judge(_tool(_app(sign_on="saml", groups=1, live=False), last_expense=NOW.date()), NOW).managed


def test_90_days_without_evidence_is_dormant_and_the_90th_day_is_not():
    paid = NOW.date() - timedelta(days=89)
    assert judge(_tool(last_expense=paid), NOW).evidence == "active"
    verdict = judge(_tool(last_expense=NOW.date() - timedelta(days=91)), NOW)
    assert verdict.evidence == "dormant"
    assert not verdict.flagged
    assert not verdict.shadow


def test_gone_needs_every_listing_gone_and_nothing_else_alive():
    gone = _app(live=False, last_seen=NOW - timedelta(days=3))
    assert judge(_tool(gone), NOW).evidence == "gone"
    assert judge(_tool(gone, _app()), NOW).evidence == "active"
    assert judge(_tool(gone, last_expense=NOW.date()), NOW).evidence == "active"
    mentioned = _app(live=False, listed=False, last_event=NOW - timedelta(days=1))
    assert judge(_tool(gone, mentioned), NOW).evidence == "active"


def test_sign_ins_of_an_app_that_is_gone_are_no_use_of_today():
    gone = _app(live=False, last_event=NOW - timedelta(days=1))
    assert judge(_tool(gone), NOW).evidence == "gone"


def test_a_decision_ends_flag_and_shadow():
    for governance in ("sanctioned", "provisional", "dismissed", "retired"):
        verdict = judge(_tool(_app(), governance=governance), NOW)
        assert not verdict.flagged
        assert not verdict.shadow
    in_review = judge(_tool(_app(), governance="in_review"), NOW)
    assert in_review.shadow
    assert not in_review.flagged


def test_other_tools_and_unsure_ones_are_not_flagged():
    for audience in ("other", "unsure"):
        assert not judge(_tool(_app(), audience=audience), NOW).flagged


_apps = st.builds(
    AppFacts,
    source=st.just("okta"),
    name=st.just("Tool"),
    live=st.booleans(),
    listed=st.booleans(),
    sign_on=st.sampled_from(["saml", "oidc", "bookmark", "consent", "password", "unknown"]),
    provisioning=st.booleans(),
    groups=st.integers(0, 2),
    admin_grants=st.integers(0, 2),
    live_grants=st.integers(0, 2),
    last_event=st.none() | st.integers(0, 400).map(lambda d: NOW - timedelta(days=d)),
    last_seen=st.integers(0, 400).map(lambda d: NOW - timedelta(days=d)),
)


@given(
    st.builds(
        ToolFacts,
        audience=st.sampled_from(["marketing", "other", "unsure"]),
        governance=st.sampled_from(["unreviewed", "in_review", "sanctioned", "dismissed"]),
        on_it_list=st.booleans(),
        apps=st.lists(_apps, max_size=4),
        last_expense=st.none() | st.dates(date(2025, 1, 1), NOW.date()),
    )
)
def test_the_definitions_hold_for_any_evidence(tool: ToolFacts):
    verdict = judge(tool, NOW)
    active, open_ = verdict.evidence == "active", tool.governance in {"unreviewed", "in_review"}
    assert verdict.shadow == (active and open_ and not verdict.managed)
    assert verdict.flagged == (tool.audience == "marketing" and active and tool.governance == "unreviewed")
    assert bool(verdict.managed_reasons) == verdict.managed
    assert bool(verdict.flagged_reasons) == verdict.flagged
    assert verdict.shadow_reasons
    more = judge(ToolFacts(tool.audience, tool.governance, tool.on_it_list, tool.apps, NOW.date()), NOW)
    assert more.evidence == "active", "a charge of today always makes a tool active"
