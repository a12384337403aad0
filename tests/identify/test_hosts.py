"""Hosts that no record lists: whose they are by their own name, and which anybody may have registered."""

import pytest

from app.identify import default_knowledge_base, identify
from connectors.identifiers import DOMAIN, Identifier

KB = default_knowledge_base()


def answer(host: str) -> tuple[str, str] | None:
    match = identify(KB, [Identifier(DOMAIN, host)])
    return (match.product.id, match.rule) if match else None


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("hootsuite.pt", "hootsuite"),
        ("www.hootsuite.com.pe", "hootsuite"),
        ("login.hootsuite.gr", "hootsuite"),
        ("cdn.uk.exponea.com", "bloomreach"),
        ("exponea.cz", "bloomreach"),
        ("hootsuitecdn.net", "hootsuite"),
        ("eu.hootsuitestatic.com", "hootsuite"),
    ],
)
def test_a_product_s_own_name_as_a_host(host: str, expected: str) -> None:
    assert answer(host) == (expected, "domain_name")


@pytest.mark.parametrize(
    "host",
    [
        "hootsuite.xyz",
        "hootsuite.co",
        "hootsuite.ru",
        "hootsuite.support",
        "hootsuite-login.pt",
        "hootsuite-cdn.com",
        "hootsuitemail.com",
        "hootsuitelogin.com",
        "hootsuitecdn.top",
        "hootsuit.pt",
        "hootsuite.evil.pt",
        "exponea.net",
        "front.pt",
        "tableau.pt",
        "co.pt",
        "com.pt",
    ],
)
def test_what_anybody_can_register(host: str) -> None:
    assert answer(host) is None


def test_such_a_host_makes_less_sure_than_a_listed_one() -> None:
    listed = identify(KB, [Identifier(DOMAIN, "hootsuite.com")])
    called = identify(KB, [Identifier(DOMAIN, "hootsuite.pt")])
    assert listed is not None
    assert called is not None
    assert called.confidence < 0.9 < listed.confidence
