"""Coined names are read among words that no rule foresaw, and strangers' words keep them from it."""

import pytest

from app.identify import Hints, default_knowledge_base, identify
from app.identify.bank_words import BANK_TOKENS
from app.identify.standing_out import bank_words_end
from app.identify.trade_words import SHOP_WORDS
from connectors.identifiers import APP_NAME, DOMAIN, MERCHANT, PUBLISHER, Identifier

KB = default_knowledge_base()


def answer(*handles: tuple[str, str]) -> str | None:
    match = identify(KB, [Identifier(kind, value) for kind, value in handles])
    return match.product.id if match else None


@pytest.mark.parametrize(
    "text",
    [
        "EFT HOOTSUITE MEDIA INC",
        "KORTKJØP 12.04 HOOTSUITE SEK 1.995,00",
        "Overføring til HOOTSUITE VANCOUVER",
        "POPLATEK KARTA 4405XXXX NAKUP HOOTSUITE PRAHA",
        "IDEAL/SEPA INCASSO HOOTSUITE INC. FACTUUR 2025-1190",
        "DOP. MC 557519******1802 PŁATNOŚĆ KARTĄ 107.93 PLN HOOTSUITE 480-505-8855",
        "PRELEVEMENT EUROPEEN DE HOOTSUITE",
        "DIRECT DEBIT 44120 HOOTSUITE AUSTRALIA PTY L",
    ],
)
def test_a_bank_s_words_that_no_wrapper_foresaw(text: str) -> None:
    assert answer((MERCHANT, text)) == "hootsuite"


def test_behind_bank_s_words_the_longer_name_is_read() -> None:
    assert answer((MERCHANT, "MACHTIGING NO 44120 ADOBE ACROBAT SIGN")) == "adobe-acrobat-sign"


def test_bank_s_words_alone_name_nobody() -> None:
    for line in ("SEPA INCASSO 0821", "COMPRA TARJETA NACIONAL", "EFT PAYMENT REF 1188230"):
        assert answer((MERCHANT, line)) is None


@pytest.mark.parametrize(
    "text",
    ["ACCT TD SYNNEX", "EUR SOFTWAREONE", "ABBUCHUNG COMPUTACENTER", "ACCT CLICKBANK", "TO DO LIST",
     "TRANSFER TO LUNA", "TRANSFER TO A WEBER", "BACS J NIELSEN"],
)  # fmt: skip
def test_behind_bank_s_words_nobody_is_made_a_product(text: str) -> None:
    assert answer((MERCHANT, text)) is None


@pytest.mark.parametrize(
    "line", ["DRIHOOTSUITE", " DRIHOOTSUITE ", "ＤＲＩＨＯＯＴＳＵＩＴＥ", "POS DEBIT DRIHOOTSUITE"]
)
def test_a_processor_s_code_without_its_star(line: str) -> None:
    assert answer((MERCHANT, line)) == "hootsuite"


def test_how_far_a_bank_s_words_go() -> None:
    assert bank_words_end(["compra", "tarj.", "5402xxxx", "acmely", "madrid"]) == 3
    assert bank_words_end(["acmely", "compra"]) == 0
    assert bank_words_end(["compra", "pago"]) == 1  # the last word is always the merchant's


@pytest.mark.parametrize(
    "text",
    ["QUARZEL HOOTSUITE LONDON", "HOOTSUITE AEC COLLECTION LISENS", "wp-hootsuite", "HOOTSUITE INSTALACIA"],
)
def test_a_coined_name_among_words_nobody_listed(text: str) -> None:
    assert answer((MERCHANT, text)) == "hootsuite"


@pytest.mark.parametrize(
    "text",
    [
        "HOOTSUITE SUPERMERCADO LISBOA",
        "HOOTSUITE & QUARZEL LONDON",
        "QUARZEL HOOTSUITE LTD",
        "HOOTSUITE TUNA ORDERS",
        "HOOTSUITE RESELLER QUARZEL",
        "QUARZEL QUAX HOOTSUITE",
        "HOOTSUITE MAILCHIMP QUARZEL",
        "HOOTSUITE QUARZEL CONFERENCE",
        "BUFFER QUARZEL",
        "MATRIXIFY.TV QUARZEL",
        "SP HOOTSUITE QUARZEL DENVER CO",
        "INFO@HOOTSUITE-QUARZEL.DE",
        "QUARZEL.DE/HOOTSUITE",
        "HOOTSUITE TANDARTS QUARZEL",
        "LTD QUARZEL HOOTSUITE",
        "QUARZEL HOOTSUITE UG",
        "GECKOBOARD HOOTSUITE LONDON",
    ],
)
def test_words_that_make_a_line_somebody_else_s(text: str) -> None:
    assert answer((MERCHANT, text)) is None


def test_a_code_of_another_trade_keeps_the_name_a_stranger_s() -> None:
    line = Identifier(MERCHANT, "QUARZEL HOOTSUITE LONDON")
    assert identify(KB, [line]) is not None
    assert identify(KB, [line], Hints(mcc="8043")) is None


@pytest.mark.parametrize("word", sorted(SHOP_WORDS)[::9])
def test_a_shop_s_word_keeps_the_name_the_shop_s(word: str) -> None:
    assert answer((MERCHANT, f"HOOTSUITE {word.upper()} QUARZEL")) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Northwind Hootsuite Enterprise", "hootsuite"),
        ("Northwind Hootsuite", None),
        ("Northwind Quarzel Hootsuite Enterprise", None),
        ("Family Hootsuite Enterprise", None),
        ("Newsletter Software Hootsuite", "hootsuite"),
        ("Connector - Hootsuite Enterprise", None),
        ("Hootsuite Workstation SSO", "hootsuite"),
        ("Hootsuite Attendee Badges", "hootsuite"),
        ("Iterable Collections Training", None),
        ("Hootsuite Family Reunion", None),
        ("Hootsuite (Quarzel things) Prod", "hootsuite"),
        ("Hootsuite (exporter by Quarzel)", None),
        ("Jira & Confluence (Atlassian Cloud) - SAML", "jira"),
        ("Jira & Mailchimp", None),
        ("Northwind Hootsuite Enterprise for Google Workspace", "hootsuite"),
        ("Hootsuite (Verify your account) Prod", None),
        ("Hootsuite (password reset) Prod", None),
        ("Mailchimp (Hootsuite) Prod", None),
        ("Hootsuite (hootsuite-login.top) Prod", None),
        ("Hootsuite Credential Access", None),
        ("Hootsuite Approval Request", None),
        ("Slack Hootsuite Prod", None),
        ("NWT Hootsuite SSO", "hootsuite"),
        ("SPAM Hootsuite SSO", None),
        ("hootsuite-credentials.com", None),
        ("hootsuite-tenant.com", None),
        ("www.hootsuite-console.com Enterprise", None),
        ("iHootsuite", None),
        ("MailchimpX", None),
    ],
)
def test_a_label(text: str, expected: str | None) -> None:
    assert answer((APP_NAME, text)) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("_spf.createsend.com", "campaign-monitor"),
        ("k1._domainkey.createsend.com", "campaign-monitor"),
        ("_spf.quarzel.example", None),
        ("dts.hootsuite.com.akadns.net", "hootsuite"),
        ("www.quarzel.example.edgekey.net", None),
        ("acme.okta-emea.com", "okta"),
        ("acme.eu.auth0.com", "auth0"),
        ("hootsuite-login.surge.sh", None),
        ("evil.force.com", None),
        ("old.reddit.com", None),
        ("northwind.atlassian.com", "atlassian"),
    ],
)
def test_a_host_in_other_clothes(host: str, expected: str | None) -> None:
    assert answer((DOMAIN, host)) == expected


@pytest.mark.parametrize(
    ("name", "publisher", "expected"),
    [
        ("ClickUp - E-Mail-Add-in", "Mango Technologies, Inc. DBA ClickUp", "clickup"),
        ("CleverTap SSO (IN1)", "CleverTap Private Limited", "clevertap"),
        ("LawToolBox", "LawToolBox.com,Inc.", "lawtoolbox"),
        ("Mindomo", "Quarzel Software Srl", None),
        ("Mindomo", "Mailchimp", None),
        ("Hootsuite", "Quarzel Software Srl", None),
        ("Clay", "Clay China", None),
    ],
)
def test_a_publisher_called_otherwise(name: str, publisher: str, expected: str | None) -> None:
    assert answer((APP_NAME, name), (PUBLISHER, publisher)) == expected


def test_a_hardly_known_product_on_a_stranger_s_domain_stays_unrecognised() -> None:
    handles = [(APP_NAME, "Mindomo"), (PUBLISHER, "Quarzel Software Srl"), (DOMAIN, "quarzel.example")]
    assert answer(*handles) is None


def test_a_maker_s_domain_says_the_same_with_the_maker_beside_it() -> None:
    host = (DOMAIN, "northwind.atlassian.com")
    assert (
        answer(host, (PUBLISHER, "Atlassian")) == answer(host, (DOMAIN, "auth.atlassian.com")) == "atlassian"
    )
    assert answer(host, (PUBLISHER, "Quarzel Srl")) is None
    assert answer(host, (APP_NAME, "Northwind Planner")) is None


def test_bank_tokens_are_single_folded_words() -> None:
    assert all(token == token.lower() and token.isalpha() for token in BANK_TOKENS)
