"""A name that only resembles a product's is a risk to show, and never a match."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.identify import default_knowledge_base, identify, imitations
from connectors.identifiers import APP_NAME, DOMAIN, ENTRA_APP_ID, MERCHANT, PUBLISHER, Identifier

KB = default_knowledge_base()


def said(*pairs: tuple[str, str]) -> tuple[str, ...]:
    return imitations(KB, [Identifier(*pair) for pair in pairs])


@pytest.mark.parametrize(
    ("name", "imitated"),
    [
        ("Micros0ft Teams", "Microsoft Teams"),
        ("M\u0430ilchimp", "Mailchimp"),
        ("H\u0443bSpot", "HubSpot"),
        ("MaiIchimp", "Mailchimp"),
        ("Mail\u0301chimp", "Mailchimp"),
        ("Hootsuit", "Hootsuite"),
        ("Hotosuite", "Hootsuite"),
        ("Rnailchimp", "Mailchimp"),
        ("Ca1endly", "Calendly"),
    ],
)
def test_a_name_written_to_resemble_another(name: str, imitated: str) -> None:
    assert identify(KB, [Identifier(APP_NAME, name)]) is None
    sentences = said((APP_NAME, name))
    assert len(sentences) == 1
    assert f"“{name}”" in sentences[0]
    assert imitated in sentences[0]


@pytest.mark.parametrize(
    "host",
    [
        "rnailchimp.com",
        "mailchimp-login.xyz",
        "mailch1mp.com",
        "mailchimp.com.evil.xyz",
        "mailchimp.secure-account.top",
        "mailchlmp.net",
    ],
)
def test_a_host_that_carries_a_product_s_name(host: str) -> None:
    sentences = said((DOMAIN, host))
    assert len(sentences) == 1
    assert host in sentences[0]
    assert "Mailchimp" in sentences[0]


def test_the_right_name_by_the_wrong_maker() -> None:
    assert said((APP_NAME, "Mailchimp"), (PUBLISHER, "Evil Widgets Ltd")) == (
        "It calls itself “Mailchimp” but is published by Evil Widgets Ltd, not by the maker of Mailchimp.",
    )
    assert "is at home on planner.example" in said((APP_NAME, "HubSpot"), (DOMAIN, "planner.example"))[0]


@pytest.mark.parametrize(
    "pairs",
    [
        [(APP_NAME, "HubSpot")],
        [(APP_NAME, "HubSpot"), (DOMAIN, "app.hubspot.com"), (PUBLISHER, "HubSpot, Inc.")],
        [(APP_NAME, "Acme Team Planner")],
        [(APP_NAME, "Buffer")],
        [(DOMAIN, "planner.example.net")],
        [(MERCHANT, "MICROS0FT")],
        [(ENTRA_APP_ID, "00000000-0000-0000-0000-000000000000")],
        [],
    ],
)
def test_what_imitates_nobody_is_not_suspected(pairs: list[tuple[str, str]]) -> None:
    assert said(*pairs) == ()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(Identifier, st.sampled_from([APP_NAME, DOMAIN, PUBLISHER]), st.text(max_size=40)),
        max_size=4,
    )
)
def test_nothing_raises_and_order_does_not_matter(identifiers: list[Identifier]) -> None:
    assert imitations(KB, identifiers) == imitations(KB, identifiers[::-1])
