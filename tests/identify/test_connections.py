"""Names of credentials and connections: what says how something is connected is no part of a name."""

import pytest

from app.identify import default_knowledge_base, identify
from app.identify.connections import connected
from app.identify.normalise import fold, words_of
from connectors.identifiers import APP_NAME, Identifier

KB = default_knowledge_base()


def answer(label: str) -> str | None:
    match = identify(KB, [Identifier(APP_NAME, label)])
    return match.product.id if match else None


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Hootsuite API", "hootsuite"),
        ("Hootsuite OAuth2 API", "hootsuite"),
        ("Iterable API", "iterable"),
        ("Xero OAuth2 API", "xero"),
        ("Okta API", "okta"),
        ("Jira Cloud OAuth2 API", "jira"),
        ("Klaviyo Bulk Upload", "klaviyo"),
        ("Hootsuite Salesforce Connector", "hootsuite"),
        ("Hootsuite Zapier Integration", "hootsuite"),
        ("Hootsuite for Jira", "hootsuite"),
        ("Hootsuite for Sheets", "hootsuite"),
        ("Hootsuite Add-in", "hootsuite"),
        ("Relume Site Builder Import", "relume"),
        ("n8n-nodes-hootsuite", "hootsuite"),
        ("Segment API", "segment"),
        ("Copper API", "copper"),
        ("Ghost Admin API", "ghost"),
        ("Gong OAuth2 API", "gong"),
        ("Drift for Salesforce", "drift"),
        ("Copper API Key", "copper"),
        ("Copper REST API Token", "copper"),
        ("Copper Basic Auth", "copper"),
        ("Copper Connect API", "copper"),
        ("Board Connect API", "board-connect"),
        ("Graphite Connect API Key", "graphite-connect"),
        ("Abstract API Token", "abstract-api"),
        ("Hootsuite API Key", "hootsuite"),
    ],
)
def test_a_known_name_and_how_it_is_connected(label: str, expected: str) -> None:
    assert answer(label) == expected


@pytest.mark.parametrize(
    "label",
    [
        "Summit API",
        "Apollo OAuth2 API",
        "Phoenix Admin API",
        "Iris Connector",
        "Onyx for Salesforce",
        "Apollo for Jira",
        "Drift for Chrome",
        "Emma OAuth2 API",
        "Jasper API",
        "Paris API",
        "Reports API",
        "Summit API Key",
        "Apollo Basic Auth",
        "Copper Key",
        "Copper Basic Token",
        "Reports API Token",
        "Orders OAuth2 API",
        "Internal Admin API",
        "Copper Connector",
        "Copper Mine API",
        "Hootsuite Cleaner Bot",
        "Hootsuite Exporter API",
        "Mailchimp Verify Account API",
        "n8n-nodes-summit",
    ],
)
def test_what_companies_call_their_own_interfaces(label: str) -> None:
    assert answer(label) is None


def test_a_word_of_the_name_is_not_taken_off_first() -> None:
    assert answer("Abstract API") == "abstract-api"
    assert answer("Zoom Data Connector") != "zoomdata"


@pytest.mark.parametrize("label", ["API", "OAuth2 API", "Connector", "", "Hootsuite Cloud"])
def test_without_a_name_or_a_connection_nothing_is_read(label: str) -> None:
    assert connected(KB.index, words_of(fold(label))) is None


def test_an_ordinary_word_is_less_sure_than_a_name() -> None:
    word = identify(KB, [Identifier(APP_NAME, "Copper API")])
    name = identify(KB, [Identifier(APP_NAME, "Hootsuite API")])
    assert word is not None
    assert name is not None
    assert word.confidence < name.confidence
