"""One example and one counter-example for every rule."""

import pytest

from app.identify import default_knowledge_base, identify, rank
from connectors.identifiers import Identifier

KB = default_knowledge_base()


def answer(*pairs: tuple[str, str]) -> tuple[str, str] | None:
    match = identify(KB, [Identifier(*pair) for pair in pairs])
    return (match.product.id, match.rule) if match else None


def product(*pairs: tuple[str, str]) -> str | None:
    found = answer(*pairs)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("entra.app_id", "F2D4EEC7-3D3F-46B1-A094-9F7C733D260B", ("pandadoc", "client_id")),
        ("google.client_id", "77185425430.apps.googleusercontent.com", ("google-chrome", "client_id")),
        ("okta.app_key", "zoomus", ("zoom", "okta_key")),
        ("domain", "hubspot.com", ("hubspot", "domain")),
        ("domain", "https://app.hubspot.com/login?x=1", ("hubspot", "domain_suffix")),
        ("domain", "acme.activehosted.com", ("activecampaign", "domain_suffix")),
        ("domain", "em123.acme.rsgsv.net", ("mailchimp", "domain_suffix")),
        ("domain", "ads.google.com", ("google-ads", "domain")),
        ("domain", "lookerstudio.google.com", ("looker-studio", "domain")),
        ("domain", "acme.my.salesforce.com", ("salesforce", "domain_suffix")),
        ("app_name", "HubSpot", ("hubspot", "name")),
        ("app_name", "HubSpot - Prod (EU) SAML", ("hubspot", "name")),
        ("app_name", "[UAT] Mailchimp SSO", ("mailchimp", "name")),
        ("app_name", "Mailchimp for Google Workspace", ("mailchimp", "name")),
        ("app_name", "Hootsuite Enterprise", ("hootsuite", "alias")),
        ("app_name", "Zoom Single Sign-On", ("zoom", "name")),
        ("app_name", "Google Analytics 4", ("google-analytics", "alias")),
        ("app_name", "ExactTarget", ("salesforce-marketing-cloud", "former_name")),
        ("app_name", "Salesforce Pardot", ("pardot", "former_name")),
        ("app_name", "The Rocket Science Group LLC", ("mailchimp", "legal_name")),
        ("app_name", "Degree, Inc.", ("lattice", "legal_name")),
        ("app_name", "Hootsuite (Acme Germany)", ("hootsuite", "name")),
        ("app_name", "Apollo IO", ("apollo", "alias")),
        ("app_name", "Hotjar Analytics", ("hotjar", "name+word")),
        ("merchant", "INTUIT *MAILCHIMP 8005551234", ("mailchimp", "descriptor")),
        ("merchant", "FACEBK *R3FA8FDGP2 650-5434000", ("meta-ads", "descriptor")),
        ("merchant", "facebk cyylrbehs2", ("meta-ads", "descriptor")),
        ("merchant", "GOOGLE *ADS9561378913 cc@google.com", ("google-ads", "descriptor")),
        ("merchant", "ADS3407900941", ("google-ads", "descriptor")),
        ("merchant", "GOOGLE *GSUITE_acme", ("google-workspace", "descriptor")),
        ("merchant", "CANVA* 04412-77812 SYDNEY", ("canva", "descriptor")),
        ("merchant", "PADDLE.NET* N8N CLOUD1", ("n8n", "descriptor")),
        ("merchant", "PAYPAL *RESCUETIME 4029357733 CA", ("rescuetime", "merchant_name")),
        ("merchant", "PAYPAL *HOOTSUITEIN", ("hootsuite", "merchant_prefix")),
        ("merchant", "CHECKCARD 0821 WISTIA INC CAMBRIDGE MA", ("wistia", "merchant_name")),
        ("merchant", "THE ROCKET SCIENCE GRO", ("mailchimp", "merchant_prefix")),
        ("merchant", "HTTPSACUITYSC", ("acuity-scheduling", "merchant_prefix")),
        ("merchant", "BUFFER.COM 4155551234 CA", ("buffer", "merchant_domain")),
        ("merchant", "CONVERTKIT 2085551234 ID", ("convertkit", "merchant_name")),
    ],
)
def test_one_identifier(kind: str, value: str, expected: tuple[str, str]) -> None:
    assert answer((kind, value)) == expected


@pytest.mark.parametrize(
    "word", ["Drift", "Buffer", "Later", "Segment", "Clay", "Apollo", "Branch", "Insider"]
)
def test_an_ordinary_word_needs_a_second_signal(word: str) -> None:
    record = next(p for p in KB.products.values() if p.name == word)
    for alone in (word, f"{word} (SAML)", f"{word} - Prod", word.upper(), f"{word} App 12345"):
        assert product(("app_name", alone)) in {None, "buffer" if alone.startswith("Buffer App") else None}
    assert product(("merchant", word.upper())) is None
    assert product(("app_name", record.domain)) == record.id
    assert product(("app_name", f"{word}, Inc.")) == record.id
    assert product(("app_name", word), ("domain", f"app.{record.domain}")) == record.id
    assert product(("app_name", word), ("publisher", record.vendor + " Inc")) == record.id
    assert product(("merchant", f"{word} {record.domain}")) == record.id
    assert product(("merchant", f"{word} INC")) == record.id


@pytest.mark.parametrize(
    "pairs",
    [
        [("app_name", "Micros0ft Teams")],
        [("app_name", "М\u0430ilchimp")],
        [("app_name", "H\u0443bSpot")],
        [("app_name", "MaiIchimp")],
        [("app_name", "Mail\u0301chimp")],
        [("app_name", "Mailchimp"), ("domain", "mailchimp-login.xyz")],
        [("app_name", "HubSpot"), ("domain", "hubspot.com.evil.example")],
        [("app_name", "Mailchimp"), ("publisher", "Evil Widgets Ltd")],
        [("app_name", "Mailchimp"), ("publisher", "Zapier Inc")],
        [("app_name", "Google Analytics"), ("domain", "login.microsoft.com")],
        [("domain", "mailchimp.com.evil.xyz")],
        [("domain", "notmailchimp.com")],
        [("domain", "hubspot.github.io")],
        [("domain", "mailchimp.herokuapp.com")],
        [("domain", "rnailchimp.com")],
        [("app_name", "mailchimp-export-tool")],
        [("app_name", "Mailchimp Importer by Acme")],
        [("app_name", "Mailchimp (exporter by Acme)")],
        [("app_name", "Mailchimp"), ("publisher", "Mailchimp Login Helpers Ltd")],
        [("app_name", "Degree")],
        [("app_name", "Mailchimp-login")],
    ],
)
def test_a_look_alike_is_not_matched(pairs: list[tuple[str, str]]) -> None:
    assert answer(*pairs) is None


@pytest.mark.parametrize(
    "line",
    [
        "PAYPAL",
        "PAYPAL *",
        "PAYPAL INST XFER",
        "APPLE.COM/BILL 866-712-7753 CA",
        "GOOGLE *Play",
        "FSPRG.COM",
        "CLEVERBRIDGE",
        "2CO.COM*",
        "DIGITAL RIVER",
        "STRIPE",
        "EB *MAILCHIMP CONFERENCE",
        "EB HubSpot Inbound",
        "EB *HUBSPOT",
        "TST* HUBSPOT",
        "SQ *BLUE BOTTLE",
        "SLACK TIDE BAR",
        "BOX LTD-ONLINE",
        "LOOM & WEAVE",
        "MAJESTIC WINE",
        "PROPEL PR",
        "PAYPAL *COMMUNIT",
        "SEGMENT",
    ],
)
def test_a_line_that_names_no_product_stays_open(line: str) -> None:
    assert answer(("merchant", line)) is None


@pytest.mark.parametrize(
    "domain", ["google.com", "www.microsoft.com", "amazon.com", "login.salesforce.example"]
)
def test_a_shared_domain_alone_is_no_answer(domain: str) -> None:
    assert answer(("domain", domain)) is None


def test_a_vendor_s_general_record_answers_for_what_is_no_more_precise() -> None:
    assert answer(("domain", "www.adobe.com")) == ("adobe", "vendor_domain")
    # A host under the maker's own domain that nobody listed: nobody else can have it.
    assert answer(("domain", "somewhere.adobe.com")) == ("adobe", "vendor_domain")
    assert answer(("merchant", "ADOBE 4085366000 CA")) == ("adobe", "merchant_name")
    assert product(("domain", "adobe.com"), ("app_name", "Adobe Analytics")) == "adobe-analytics"


@pytest.mark.parametrize("host", ["acme.herokuapp.com", "acme.vercel.app", "acme.github.io"])
def test_what_strangers_host_is_nobody_s_product(host: str) -> None:
    assert answer(("domain", host)) is None


def test_a_second_signal_separates_products_of_one_vendor() -> None:
    assert product(("domain", "google.com"), ("app_name", "Google Ads")) == "google-ads"
    assert product(("domain", "salesforce.com"), ("app_name", "Pardot")) == "pardot"
    assert product(("domain", "login.salesforce.com"), ("app_name", "Marketing Cloud")) == (
        "salesforce-marketing-cloud"
    )
    assert answer(("publisher", "Google LLC"), ("app_name", "Analytics")) == (
        "google-analytics",
        "publisher+name",
    )
    assert product(("publisher", "Adobe Inc."), ("app_name", "Creative Cloud")) == "adobe-creative-cloud"


def test_the_stronger_signal_wins_and_equal_ones_give_no_answer() -> None:
    assert product(("domain", "zapier.com"), ("app_name", "Mailchimp")) == "zapier"
    assert product(("okta.app_key", "hubspot"), ("domain", "slack.com")) == "hubspot"
    assert answer(("domain", "slack.com"), ("domain", "hubspot.com")) is None
    ranked = rank(KB, [Identifier("domain", "slack.com"), Identifier("domain", "hubspot.com")])
    assert [m.product.id for m in ranked] == ["hubspot", "slack"]


def test_an_owner_publishes_what_it_bought() -> None:
    assert product(("app_name", "Mailchimp"), ("publisher", "Intuit Inc.")) == "mailchimp"
    assert product(("app_name", "Chorus"), ("publisher", "ZoomInfo Technologies LLC")) == "chorus"
    assert product(("app_name", "Chorus"), ("publisher", "HubSpot Inc")) is None


def test_an_identity_provider_as_publisher_says_nothing() -> None:
    pairs = [("app_name", "Mailchimp"), ("publisher", "Active Directory Application Registry")]
    assert product(*pairs) == "mailchimp"
    assert product(("app_name", "Mailchimp"), ("domain", "acme.okta.com")) == "mailchimp"


def test_the_why_is_a_sentence() -> None:
    match = identify(KB, [Identifier("app_name", "Sendinblue"), Identifier("domain", "app.brevo.com")])
    assert match is not None
    assert match.product.id == "brevo"
    assert match.why == "Recognised as Brevo: app.brevo.com lies under a domain of Brevo."
    assert match.identifier == Identifier("domain", "app.brevo.com")
    assert 0.9 < match.confidence < 1


def test_agreement_adds_confidence() -> None:
    alone = identify(KB, [Identifier("app_name", "Brevo")])
    both = identify(KB, [Identifier("app_name", "Brevo"), Identifier("merchant", "BREVO")])
    assert alone is not None
    assert both is not None
    assert both.confidence > alone.confidence


def test_nothing_in_nothing_out() -> None:
    assert identify(KB, []) is None
    assert (
        identify(KB, [Identifier("app_name", ""), Identifier("domain", " "), Identifier("x.y", "z")]) is None
    )


def test_a_vendors_general_record_gives_way_to_the_product_that_is_named_beside_it() -> None:
    general, specific = ("merchant", "LINKEDIN 8881234"), ("merchant", "LinkedIn Sales Navigator")
    assert product(general) == "linkedin"
    assert product(specific) == "linkedin-sales-navigator"
    assert product(general, specific) == product(specific, general) == "linkedin-sales-navigator"
