"""Labels and statement lines that say more than a name: taglines, brackets, keys, local companies."""

import pytest

from app.identify import default_knowledge_base, identify
from connectors.identifiers import Identifier

KB = default_knowledge_base()


def answer(*pairs: tuple[str, str]) -> tuple[str, str] | None:
    match = identify(KB, [Identifier(*pair) for pair in pairs])
    return (match.product.id, match.rule) if match else None


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Hootsuite - Social Media Planner", ("hootsuite", "titled_name")),
        ("Mailmodo: interactive emails", ("mailmodo", "titled_name")),
        ("Storyblok | Headless CMS", ("storyblok", "titled_name")),
        ("Typeform — forms people love", ("typeform", "titled_name")),
        ("Wincher – Rank Tracker", ("wincher", "titled_name")),
        ("Sendinblue by Brevo", ("brevo", "titled_name")),
        ("Buffer: Social Media Scheduler", ("buffer", "titled_name")),
        ("Buffer.com - Publishing", ("buffer", "titled_name")),
        ("Website Newsletter - Mailchimp", ("mailchimp", "bracketed_name")),
        ("Asset Library (Brandfolder)", ("brandfolder", "bracketed_name")),
        ("Piktochart Infographics", ("piktochart", "leading_name")),
        ("Supermetrics Data Connector", ("supermetrics", "leading_name")),
        ("Business Wire Press Distribution", ("business-wire", "leading_name")),
        ("Similarweb for Business", ("similarweb", "leading_name")),
        ("Copy.ai Blog Writer", ("copy-ai", "leading_name")),
        ("Transistor.fm podcast hosting", ("transistor-fm", "leading_name")),
    ],
)
def test_a_label_with_a_tagline(label: str, expected: tuple[str, str]) -> None:
    assert answer(("app_name", label)) == expected


@pytest.mark.parametrize(
    "label",
    [
        "Mailchimp - Login",
        "Mailchimp: verify your account",
        "HubSpot Support Portal",
        "Hootsuite Security Update",
        "Mailchimp - Exporter by Acme",
        "HubSpot Scraper",
        "Hootsuite Downloader",
        "Mailchimp Killer",
        "Buffer Planner",
        "Buffer - Notes",
        "Later Notes",
        "Outlook Calendar Widgets Plus Ninja",
        "Sync Connector (Mailchimp)",
        "Zorblax (Mailchimp)",
        "Landing Page Builder",
        "Email Marketing Platform",
        "Hootsuite by Evil Widgets",
    ],
)
def test_a_label_that_is_somebody_else_s(label: str) -> None:
    assert answer(("app_name", label)) is None


@pytest.mark.parametrize(
    "stranger",
    [("domain", "planner.evil.example"), ("publisher", "Evil Widgets Ltd"), ("domain", "acme.github.io")],
)
def test_a_stranger_behind_a_tagline_is_a_look_alike(stranger: tuple[str, str]) -> None:
    assert answer(("app_name", "Hootsuite - Social Media Planner"), stranger) is None
    assert answer(("app_name", "Piktochart Infographics"), stranger) is None


def test_a_tagline_makes_less_sure_than_a_name() -> None:
    found = [
        identify(KB, [Identifier("app_name", label)])
        for label in ("Piktochart", "Piktochart - Infographics", "Piktochart Infographics")
    ]
    confidences = [match.confidence for match in found if match]
    assert len(confidences) == 3
    assert confidences == sorted(confidences, reverse=True)
    assert len(set(confidences)) == 3


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("contentful", "contentful"),
        ("sproutsocial", "sprout-social"),
        ("sprout_social", "sprout-social"),
        ("brandfolder_saml", "brandfolder"),
        ("storyblok", "storyblok"),
        ("buffer", None),
        ("acme_board", None),
    ],
)
def test_okta_s_key_is_a_name(key: str, expected: str | None) -> None:
    found = answer(("okta.app_key", key))
    assert found == ((expected, "okta_key") if expected else None)


def test_an_ordinary_word_as_okta_s_key_needs_the_label_or_the_domain() -> None:
    assert answer(("okta.app_key", "buffer"), ("app_name", "Buffer")) is not None
    assert answer(("okta.app_key", "buffer"), ("domain", "app.buffer.com")) is not None
    assert answer(("okta.app_key", "buffer"), ("app_name", "Team Photos")) is None
    assert answer(("okta.app_key", "buffer"), ("app_name", "Buffer"), ("domain", "evil.example")) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("FUNNEL HOLDING DBA HOOTSUITE", "hootsuite"),
        ("NORTHWIND MEDIA D/B/A SIMILARWEB", "similarweb"),
        ("ACME VENTURES LTD TRADING AS PIKTOCHART", "piktochart"),
        ("ACME LTD T/A TYPEFORM", "typeform"),
        ("SEMRUSH DBA ACME VENTURES", "semrush"),
        ("Northwind America Inc - Contentful", "contentful"),
        ("NAPOLEONCAT SP. Z O.O. WARSZAWA", "napoleoncat"),
        ("BRAND24 S.A. WROCLAW", "brand24"),
        ("SPOTLER B.V. DELFT", "spotler"),
        ("DOOFINDER S.L. GETAFE", "doofinder"),
        ("SUPERMETRICS OY HELSINKI", "supermetrics"),
        ("WINCHER AB LINKOPING", "wincher"),
        ("TRUSTPILOT A/S KOBENHAVN", "trustpilot"),
        ("CLIPCHAMP PTY LTD MILTON", "clipchamp"),
        ("PIKTOCHART SDN BHD PENANG", "piktochart"),
        ("ECOMAIL.CZ S.R.O. PRAHA", "ecomail"),
        ("CRITEO EUROPE LTD READING", "criteo"),
        ("HOOTSUITE INTERNATIONAL LTD", "hootsuite"),
        ("BRAZE EMEA", None),
        ("OUTBRAIN EMEA", "outbrain"),
        ("SHOPIFY INTERNATIONAL LIMITED DUBLIN", "shopify"),
        ("HUBSPOT IRELAND UNLIMITED", "hubspot"),
        ("SEMRUSH GERMANY REGENSBURG", "semrush"),
        ("PADDLE.NET* LATER", "later"),
        ("FS* TYPEFORM FSPRG.COM", "typeform"),
        ("PAYPAL *PIKTOCHARTS", "piktochart"),
        ("Typeform survey builder", "typeform"),
        ("Piktochart: infographics", "piktochart"),
    ],
)
def test_a_company_s_statement_line(line: str, expected: str | None) -> None:
    match = identify(KB, [Identifier("merchant", line)])
    assert (match.product.id if match else None) == expected


@pytest.mark.parametrize(
    "line",
    [
        "LATER EUROPE LTD LONDON",
        "BUFFER IRELAND CORK",
        "PAYPAL *LATER",
        "GOOGLE *LATER",
        "Piktochart: conference ticket",
        "Typeform gift box",
        "SEGMENT OF LONDON",
        "CANVAS IRELAND CORK",
    ],
)
def test_a_line_that_only_looks_like_a_company(line: str) -> None:
    assert identify(KB, [Identifier("merchant", line)]) is None


def test_a_ticket_s_shop_is_no_tool() -> None:
    assert answer(("merchant", "Eventbrite")) is not None
    assert answer(("merchant", "EB *SPRING GALA 8014137200"), ("merchant", "Eventbrite")) is None
    assert answer(("merchant", "TST* BISTRO 21"), ("merchant", "Typeform")) is None


@pytest.mark.parametrize(
    "label",
    [
        "Hootsuite™", "Hootsuite IDP-initiated", "Hootsuite On-Premise", "Hootsuite UK&I", "Hootsuite Azure",
        "Hootsuite OneLogin", "Hootsuite API Token", "Hootsuite for Finance", "Hootsuite Licensed Users",
        "mcp-hootsuite", "svc-hootsuite",
    ],
)  # fmt: skip
def test_how_administrators_write_what_stands_beside_a_name(label: str) -> None:
    found = answer(("app_name", label))
    assert found is not None
    assert found[0] == "hootsuite"


def test_what_a_maker_added_for_a_domain_names_its_product() -> None:
    assert answer(("app_name", "Getjobber SAML")) == ("jobber", "label")
    assert answer(("app_name", "Getzorblax")) is None
