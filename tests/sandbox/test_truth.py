"""The truth, and the comparison of a catalog with it."""

from typing import Any

import pytest

from app.sandbox.tools import Via
from app.sandbox.truth import Comparison, ToolTruth, Truth, compare, registrable


def entry(tool: ToolTruth, **changes: Any) -> dict[str, Any]:
    """The tool as a catalog that got everything right would show it."""
    return {
        "name": tool.name,
        "domain": tool.domains[0] if tool.known else None,
        "flagged": tool.expected_flagged,
        "shadow": tool.expected_shadow,
        "managed": tool.expected_managed,
        "audience": "marketing" if tool.is_marketing else "other",
        "evidence": [{"text": name} for name in tool.names],
        **changes,
    }


def named(truth: Truth, key: str) -> ToolTruth:
    return next(t for t in truth.tools if t.key == key)


@pytest.fixture
def perfect(truth: Truth) -> list[dict[str, Any]]:
    return [entry(t) for t in truth.tools]


def test_the_rules(truth: Truth) -> None:
    for tool in truth.tools:
        assert not (tool.expected_managed and tool.expected_shadow)
        if tool.expected_flagged:
            assert tool.is_marketing
            assert tool.expected_managed != tool.expected_shadow
    facts = {t.key: (t.expected_flagged, t.expected_managed, t.expected_shadow) for t in truth.tools}
    assert facts["hubspot"] == (True, True, False)
    assert Via.RAMP in named(truth, "hubspot").channels
    assert facts["mailchimp"] == (True, False, True)
    assert facts["clickfunnels"] == (False, False, False)
    assert facts["vercel"] == (False, False, True)
    assert 85 <= sum(t.expected_shadow for t in truth.flagged()) <= 100
    assert sum(t.expected_managed for t in truth.flagged()) == 10


def test_names_tell_tools_apart(truth: Truth) -> None:
    owners: dict[str, str] = {}
    for tool in truth.tools:
        for name in tool.names:
            plain = "".join(c for c in name.casefold() if c.isalnum())
            assert owners.setdefault(plain, tool.key) == tool.key
            assert plain not in {"paypal", "paddle"}


def test_traps_of_products_in_use_are_only_look_alikes(truth: Truth) -> None:
    used = {d for t in truth.tools for d in t.domains}
    for trap in truth.traps:
        if trap.domain in used:
            assert trap.kind in {"homoglyph", "look-alike merchant"}
    assert {t.kind for t in truth.traps} >= {
        "homoglyph",
        "look-alike merchant",
        "look-alike consent",
        "internal app",
        "failed sign-in",
        "inactive app",
        "declined charge",
        "refunded charge",
        "bare reseller",
        "event ticket",
    }


def test_a_perfect_catalog_is_perfect(truth: Truth, perfect: list[dict[str, Any]]) -> None:
    assert compare(perfect, truth) == Comparison(recall=1.0, precision=1.0, missed=(), wrong=())


def test_an_empty_catalog_finds_nothing(truth: Truth) -> None:
    found = compare([], truth)
    assert found.recall == 0.0
    assert len(found.missed) == len(truth.flagged())


def test_a_tool_that_is_not_flagged_is_missed(truth: Truth) -> None:
    found = compare([entry(t, flagged=t.expected_flagged and t.key != "canva") for t in truth.tools], truth)
    assert found.missed == ("Canva",)
    assert found.recall == 1 - 1 / len(truth.flagged())
    assert found.precision == 1.0


@pytest.mark.parametrize(
    ("name", "domain", "reason"),
    [
        ("Later", "later.com", "look-alike merchant"),
        ("Eventbrite", "www.eventbrite.com", "event ticket"),
        ("BuzzStream", "app.buzzstream.com", "declined charge"),
        ("Paddle", "paddle.com", "bare reseller"),
        ("Drift", "drift.com", "look-alike consent"),
        ("Wagamama", None, "the company has no such tool"),
        ("ClickFunnels", "clickfunnels.com", "no evidence in the last 90 days"),
        ("Datadog", "datadoghq.com", "not a marketing tool"),
    ],
)
def test_what_should_not_be_flagged_is_wrong_for_a_reason(
    truth: Truth, perfect: list[dict[str, Any]], name: str, domain: str | None, reason: str
) -> None:
    found = compare([*perfect, {"name": name, "domain": domain, "flagged": True}], truth)
    assert found.wrong == (f"{name}: {reason}",)
    assert found.precision == pytest.approx(1 - 1 / (len(truth.flagged()) + 1))


def test_borderline_tools_count_neither_way(truth: Truth) -> None:
    for opinion in (True, False):
        catalog = [entry(t, flagged=opinion if t.borderline else t.expected_flagged) for t in truth.tools]
        found = compare(catalog, truth)
        assert (found.recall, found.precision) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("name", "domain", "key"),
    [
        ("anything", "app-eu1.hubspot.com", "hubspot"),
        ("Sendinblue", None, "brevo"),
        ("Twitter Ads", None, "xads"),
        ("CANVA FOR WORK", "unknown.example", "canva"),
        ("pollenbeam studio", None, "pollenbeam"),
        ("INTUIT *MAILCHIMP 800-555-0142 GA", None, "mailchimp"),
    ],
)
def test_tools_are_found_by_domain_then_by_any_spelling(
    truth: Truth, name: str, domain: str | None, key: str
) -> None:
    found = compare([{"name": name, "domain": domain, "flagged": True, "managed": key == "hubspot"}], truth)
    assert not found.wrong
    assert named(truth, key).name not in found.missed


def test_a_neighbour_on_a_shared_domain_is_not_the_tool(truth: Truth) -> None:
    found = compare([{"name": "Google Workspace", "domain": "workspace.google.com", "flagged": True}], truth)
    assert found.wrong == ("Google Workspace: the company has no such tool",)


def test_the_same_tool_twice_is_a_duplicate_and_counts_once(
    truth: Truth, perfect: list[dict[str, Any]]
) -> None:
    found = compare([*perfect, entry(named(truth, "semrush"), name="SEMrush", domain=None)], truth)
    assert found.duplicates == ("SEMrush",)
    assert (found.recall, found.precision) == (1.0, 1.0)


def test_wrong_facts_are_named(truth: Truth) -> None:
    catalog = [entry(t, managed=True, shadow=False) if t.key == "canva" else entry(t) for t in truth.tools]
    found = compare(catalog, truth)
    assert (found.managed_wrong, found.shadow_wrong) == (("Canva",), ("Canva",))


@pytest.mark.parametrize(
    ("key", "text"),
    [("canva", "Сanva"), ("brevo", "BREVOORT HOTEL NEW YORK NY"), ("n8n", "PADDLE.NET LONDON GB")],
)
def test_evidence_of_a_trap_under_a_product_is_misattributed(truth: Truth, key: str, text: str) -> None:
    tool = named(truth, key)
    catalog = [entry(tool, evidence=[{"merchant": {"text": text}}, *tool.names])]
    assert compare(catalog, truth).misattributed == (f"{tool.name}: {text}",)


def test_a_trap_that_stays_an_unidentified_tool_is_no_mistake(truth: Truth) -> None:
    catalog = [
        {"name": "Сanva", "domain": None, "flagged": False, "evidence": ["Сanva"]},
        {"name": "Later Cafe", "domain": None, "flagged": False, "evidence": ["LATER CAFE BRISTOL GB"]},
        {"name": "Paddle", "domain": "paddle.com", "flagged": False, "evidence": ["PADDLE.NET LONDON GB"]},
    ]
    found = compare(catalog, truth)
    assert not found.misattributed
    assert not found.wrong


def test_a_look_alike_taken_for_a_product_that_nobody_uses_is_misattributed(
    truth: Truth,
) -> None:
    catalog = [
        {"name": "Later", "domain": "later.com", "flagged": False, "evidence": ["LATER CAFE BRISTOL GB"]}
    ]
    assert compare(catalog, truth).misattributed == ("Later: LATER CAFE BRISTOL GB",)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("app.hubspot.com", "hubspot.com"),
        ("screamingfrog.co.uk", "screamingfrog.co.uk"),
        ("localhost", "localhost"),
    ],
)
def test_registrable_domains(host: str, expected: str) -> None:
    assert registrable(host) == expected
