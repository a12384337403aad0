"""Hosts that no record lists are nobody's: what anybody may have registered in a known name."""

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
        ("hootsuite.com", ("hootsuite", "domain")),
        ("x.hootsuite.com", ("hootsuite", "domain_suffix")),
        ("cdn.uk.exponea.com", ("bloomreach", "domain_suffix")),
    ],
)
def test_a_listed_host_and_what_lies_under_it(host: str, expected: tuple[str, str]) -> None:
    assert answer(host) == expected


@pytest.mark.parametrize(
    "host",
    [
        "hootsuite.pt",
        "www.hootsuite.com.pe",
        "mailchimp.pl",
        "exponea.cz",
        "hootsuitecdn.net",
        "eu.hootsuitestatic.com",
        "hootsuite.xyz",
        "hootsuite.co",
        "hootsuite.ru",
        "hootsuite.support",
        "hootsuite-login.pt",
        "hootsuite-cdn.com",
        "hootsuitemail.com",
        "hootsuitelogin.com",
        "hootsuit.pt",
        "hootsuite.evil.pt",
        "exponea.net",
        "front.pt",
        "co.pt",
        "com.pt",
    ],
)
def test_what_anybody_can_register(host: str) -> None:
    assert answer(host) is None
