"""Banks' sentences, bills for software, labels in parts, addresses in brackets, logins, IT resellers."""

import pytest

from app.identify import default_knowledge_base, describe_unknown, identify
from connectors.identifiers import APP_NAME, DOMAIN, MERCHANT, PUBLISHER, Identifier

KB = default_knowledge_base()


def answer(*handles: tuple[str, str]) -> str | None:
    match = identify(KB, [Identifier(kind, value) for kind, value in handles])
    return match.product.id if match else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vous avez effectue un paiement VISA a HOOTSUITE INC de 93 400 GNF", "hootsuite"),
        ("Usted realizo una compra en SEMRUSH", "semrush"),
        ("COMPRA NO DEBITO HOOTSUITE INC", "hootsuite"),
        ("IOF de HOOTSUITE INC", "hootsuite"),
        ("BEA, BETAALPAS HOOTSUITE B.V. HAARLEM", "hootsuite"),
        ("NETS PBS HOOTSUITE APS", "hootsuite"),
        ("AUTOGIRO FORTNOX AB VAXJO", "fortnox"),
        ("KORTTIOSTO HOOTSUITE INC", "hootsuite"),
        ("PLATNOSC KARTA SEMRUSH", "semrush"),
        ("POS 4XXXXX HOOTSUITE INC", "hootsuite"),
        ("VISA XXXX1234 HOOTSUITE INC", "hootsuite"),
        ("ZAPLACONO PRZEZ NAS FACEBK *AB12CD34EF", "meta-ads"),
    ],
)
def test_a_bank_s_sentence_is_taken_off(text: str, expected: str) -> None:
    assert answer((MERCHANT, text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HOOTSUITE SOCIAL MEDIA MGMT", "hootsuite"),
        ("HOOTSUITE LICENSES FY25", "hootsuite"),
        ("HOOTSUITE QUARZEL API USAGE OCT", "hootsuite"),
        ("SNOWFLAKE COMPUTE CREDITS", "snowflake"),
        ("XERO AUSTRALIA PTY CREMORNE", "xero"),
        ("PLEO TECHNOLOGIES A/S KOEBENHAVN", "pleo"),
        ("WPCHARGE*AB12CD", "wordpress-com"),
        ("Hootsuite - rentals of billboards", "hootsuite"),
        ("Hootsuite Mobile - annual plan", "hootsuite"),
    ],
)
def test_a_bill_for_software_is_its_product_s(text: str, expected: str) -> None:
    assert answer((MERCHANT, text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "SNOWFLAKE DATA RECOVERY SHOP",
        "HOOTSUITE PLATFORM SHOES",
        "HOOTSUITE WHOLESALE",
        "POS 4XXXXX SLACK TIDE BAR",
        "vous avez effectue un paiement VISA a SLACK TIDE BAR de 20 EUR",
        "IOF de volta de UBER TRIP",
        "AUTOGIRO ATLAS",
        "GIFT SHOP SQ *ATLAS",
        "HOOTSUITE PHONES - LONDON",
        "HOOTSUITE BOOKS (BOSTON)",
        "HOOTSUITE ESTATES: LONDON",
    ],
)
def test_a_shop_s_line_stays_a_shop_s(text: str) -> None:
    assert answer((MERCHANT, text)) is None


@pytest.mark.parametrize(
    ("text", "reseller"),
    [
        ("SOFTWAREONE DEUTSCHLAND GMBH LEIPZIG RG 1", "softwareone"),
        ("BECHTLE AG", "bechtle"),
        ("CDW GOVT #AB12345", "cdw"),
        ("PAYPAL *CDW DIRECT", "cdw"),
        ("CRAYON GROUP AS", "crayon-group"),
        ("INGRAM MICRO INC", "ingram-micro"),
    ],
)
def test_what_an_it_reseller_sold_stays_open(text: str, reseller: str) -> None:
    assert answer((MERCHANT, text)) is None
    assert describe_unknown([Identifier(MERCHANT, text)]).key == f"reseller:{reseller}"


def test_an_it_reseller_s_own_host_and_label_are_known() -> None:
    assert answer((DOMAIN, "portal.softwareone.com")) == "softwareone"
    assert answer((APP_NAME, "SoftwareOne")) == "softwareone"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Claude-NWT", "claude"),
        ("Claude (NW)", "claude"),
        ("Gong - EMEA SDR", "gong"),
        ("Hootsuite PROD (Contact Ctr)", "hootsuite"),
        ("Hootsuite NW Shop", "hootsuite"),
        ("Tableau-ACME-Prod", "tableau"),
        ("Contentful-nordwind", "contentful"),
        ("Storyblok Space - ACME DE", "storyblok"),
        ("Pardot / Account Engagement – Okta", "pardot"),
        ("Duo Administration (https://duo.com)", "duo-security"),
        ("Nordwind Zendesk (https://nordwind.zendesk.com)", "zendesk"),
        ("AWS Contoso", "aws"),
        ("CJ Affiliate Account Manager", "cj-affiliate"),
        ("Narvar Return and Exchange", "narvar"),
        ("Richpanel: Helpdesk & Live Chat", "richpanel"),
        ("Palo Alto Networks Panorama", "palo-alto-networks"),
        ("Brandwatch / Reports NW", "brandwatch"),
        ("Asana (Asana Inc) SSO", "asana"),
        ("Buffer (Buffer Inc) - SAML", "buffer"),
    ],
)
def test_a_label_in_parts_is_its_product_s(text: str, expected: str) -> None:
    assert answer((APP_NAME, text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Apollo - BU2",
        "Cordial-NWT",
        "Gong: Bath Class",
        "Box - Lunch",
        "AWS Summit",
        "Snowflake-Party",
        "Hootsuite Login (hootsuite.com)",
        "Hootsuite (Verify) SSO",
        "Buffer (Quarzel Inc) SSO",
        "Hootsuite (clone) SSO",
        "Hootsuite Helpdesk",
        "Atlas NW Shop",
        "Nordwind (https://evil.example)",
    ],
)
def test_a_label_in_parts_may_be_anybody_s(text: str) -> None:
    assert answer((APP_NAME, text)) is None


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("help.okta.com", "okta"),
        ("acme.okta.com", "okta"),
        ("login.microsoftonline.com", "microsoft-entra-id"),
        ("auth.atlassian.com", "atlassian"),
        ("login.paddle.com", "paddle"),
        ("northwind.atlassian.com", "atlassian"),
        ("atlassian.com.evil.top", None),
        ("auth.atlassian.com.evil.top", None),
    ],
)
def test_a_login_alone_is_its_maker_s(host: str, expected: str | None) -> None:
    assert answer((DOMAIN, host)) == expected


@pytest.mark.parametrize("host", ["acme.okta.com", "login.microsoftonline.com", "login.paddle.com"])
def test_a_login_beside_a_name_says_nothing(host: str) -> None:
    assert answer((DOMAIN, host), (APP_NAME, "Hootsuite")) == "hootsuite"
    assert answer((DOMAIN, host), (APP_NAME, "Northwind Planner")) is None


def test_a_company_called_like_its_product_s_domain_is_its_maker() -> None:
    assert answer((APP_NAME, "Reply.io Outlook integration"), (PUBLISHER, "Replyapp, Inc")) == "reply-io"
    assert answer((APP_NAME, "Reply.io Outlook integration"), (PUBLISHER, "Replyevil, Inc")) is None
