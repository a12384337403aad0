"""An unknown application seen twice is one tool; a bare reseller is none."""

import pytest

from app.identify import describe_unknown, normalise_merchant, normalise_name, registrable_domain
from connectors.identifiers import Identifier


def key(*pairs: tuple[str, str]) -> str:
    return describe_unknown([Identifier(*pair) for pair in pairs]).key


@pytest.mark.parametrize(
    "label",
    [
        "Acme Board",
        "ACME BOARD",
        "Acme Board - Prod (EU)",
        "[UAT] acme_board SAML 2.0",
        "Acme Board SSO",
        "Acme Board for Google Workspace",
        "Acme Board, Inc.",
        "Ａｃｍｅ  Ｂｏａｒｄ",
        "Acme Board 4711081",
        "Acme-Board (Sandbox)",
        "Acme Board - Chrome Extension",
    ],
)
def test_one_application_under_many_labels(label: str) -> None:
    assert key(("app_name", label)) == "name:acmeboard"


@pytest.mark.parametrize(
    "line",
    [
        "ACME BOARD INC 8005551234 CA",
        "PAYPAL *ACME BOARD 4029357733",
        "PURCHASE 0102 ACME BOARD BOSTON MA",
        "PADDLE.NET* ACME BOARD",
        "ACME BOARD 998877 SAN FRANCISCO CA",
    ],
)
def test_a_statement_line_meets_the_label(line: str) -> None:
    assert key(("merchant", line)) == "name:acmeboard"


def test_the_domain_makes_the_key() -> None:
    known = describe_unknown([Identifier("app_name", "Acme Board"), Identifier("domain", "app.acmeboard.io")])
    assert known == ("Acme Board", "domain:acmeboard.io", "acmeboard.io", False, "")
    assert key(("domain", "https://acmeboard.io/x")) == known.key
    assert key(("domain", "acme.github.io")) != key(("domain", "other.github.io"))


def test_a_shared_or_sign_in_domain_makes_no_key() -> None:
    assert key(("app_name", "Acme Board"), ("domain", "google.com")) == "name:acmeboard"
    assert key(("app_name", "Acme Board"), ("domain", "acme.okta.com")) == "name:acmeboard"


@pytest.mark.parametrize(
    ("line", "reseller"),
    [
        ("PAYPAL", "paypal"),
        ("PAYPAL * 4029357733", "paypal"),
        ("APPLE.COM/BILL 866-712-7753 CA", "apple"),
        ("PADDLE.NET*", "paddle"),
        ("FSPRG.COM", "fastspring"),
        ("2CO.COM* 88214411", "2checkout"),
        ("DIGITAL RIVER", "digital-river"),
        ("CLEVERBRIDGE", "cleverbridge"),
        ("STRIPE", "stripe"),
        ("PAYPAL *CLEVERBRIDG", "cleverbridge"),
        ("WWW.CLEVERBRIDGE.NET", "cleverbridge"),
        ("EB *GROWTH CONFERENCE 2026", "eventbrite-ticket"),
    ],
)
def test_a_bare_reseller_is_no_product(line: str, reseller: str) -> None:
    unknown = describe_unknown([Identifier("merchant", line)])
    assert unknown.reseller
    assert unknown.key == f"reseller:{reseller}"
    assert unknown.name.endswith("(product not named)")


def test_a_seller_behind_a_reseller_is_a_tool() -> None:
    unknown = describe_unknown([Identifier("merchant", "PAYPAL *MYFONTS 4029357733")])
    assert unknown == ("Myfonts", "name:myfonts", None, False, "")


def test_something_always_comes_out() -> None:
    assert describe_unknown([]).key == "unnamed"
    assert key(("okta.app_id", "0oa1")) == "okta.app_id:0oa1"
    assert key(("publisher", "Acme Ltd")) == "publisher:acmeltd"
    assert key(("domain", "google.com")) == "domain:google.com"


def test_normalisers() -> None:
    assert normalise_name("HubSpot - Prod (EU) SAML") == "hubspot"
    assert normalise_name("Sandbox") == "sandbox"
    assert normalise_name("Acme S.A.") == "acme"
    assert normalise_merchant("CHECKCARD 0821 ACME TOOLS INC 8005551234 CA") == "acme tools"
    assert registrable_domain("https://app.acme.co.uk:8443/x") == "acme.co.uk"
    assert registrable_domain("jane@mail.acme.com") == "acme.com"
    assert registrable_domain("10.0.0.1") is None
    assert registrable_domain("not a host") is None
