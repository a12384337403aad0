"""What is nobody's product: shops, partnerships, people, places, tools of a company's own, disguises."""

from itertools import product as pairs

import pytest

from app.identify import default_knowledge_base, identify, imitations
from app.identify.words import word_set
from connectors.identifiers import APP_NAME, DOMAIN, MERCHANT, PUBLISHER, Identifier

KB = default_knowledge_base()

SURNAMES = word_set(
    "miller forbes hyland nielsen byrd erwin norton braintree acton como neto derwent longview brierley "
    "schmidt rossi dupont garcia jansen andersson"
)
TRADES = word_set(
    "PLUMBING AND_SONS &_SONS &_CO AND_CO &_ASSOCIATES DENTAL_CARE MUSIC_STORE DESIGN_STUDIO PRINT_SHOP "
    "GARDEN_CENTER SCHOOL TRAINING_CENTER PHOTO_STUDIO HARDWARE AUTO_PARTS EVENTS BAECKEREI "
    "GMBH_&_CO_KG ET_FILS E_HIJOS E_FIGLI EN_ZONEN BYGG VVS TAXI HOTEL APOTHEKE"
)


def line(text: str) -> str | None:
    match = identify(KB, [Identifier(MERCHANT, text)])
    return match.product.id if match else None


def label(text: str) -> str | None:
    match = identify(KB, [Identifier(APP_NAME, text)])
    return match.product.id if match else None


def test_a_family_s_trade_is_no_product() -> None:
    lines = [f"{surname.upper()} {trade.replace('_', ' ')}" for surname, trade in pairs(SURNAMES, TRADES)]
    assert sorted(text for text in lines if line(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "AUTOHAUS MEIER GMBH & CO KG",
        "RIVERS & CO",
        "EVER & CO",
        "HOOTSUITE & SONS",
        "TRUCK STOP INC",
        "COACH BV",
        "STARK GMBH",
        "CASTLE BV",
        "FRANZ LLC",
        "O'REILLY AUTO PARTS",
        "ZIP'S",
        "DR NORTON",
        "NORTON MA",
        "HOOTSUITERESTAURANT",
        "HOOTSUITEPROFI",
        "FRONTBUSINESS",
        "PAYPAL *HOOTSUITE DOG TOYS",
        "PAYPAL *FRONT MKPL",
        "HOOTSUITE CAFE 14 MAIN ST",
        "BOX 12 MAIN STREET",
        "FRONT 8005551234 PIZZA",
        "Nákup: ATLAS, Praha, CZ, dne 1.2.2023",
        "EB GROWTH CONFERENCE",
        "EB LATER INVOICE",
        "Subscription - Atlas",
        "ADAGIO PARIS FRA",
        "CADENT",
        "APPLE VALLEY CA",
        "APPLE PAY 84",
        "APPLE PAY BAECKEREI MEIER",
        "ONE LAKE CHARLES LA",
        "ICON ADVERTISING",
        "FIRESIDE STUDIO",
        "STADIUM PRINTING",
        "SLACK TIDE BAR.COM",
        "PAYPAL *PARABOLA",
    ],
)
def test_a_merchant_that_only_sounds_like_one(text: str) -> None:
    assert line(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "INDEPENDENT TAXI SERVIC",
        "CHECKCARD 0821 GOVERNMENT",
        "PAYPAL *MARKET PLACE LTD",
        "SQ *FREE LANCE",
        "IN *NORTHWOOD",
        "CHOCOLATE COMPANY.COM",
        "FRESH MARKET PARIS FRA",
        "ENVIRONMENT CANADA 123",
    ],
)
def test_a_whole_word_was_not_cut_off(text: str) -> None:
    assert line(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PAYPAL *HOOTSUITEIN", "hootsuite"),
        ("THE ROCKET SCIENCE GRO", "mailchimp"),
        ("APPLE PAY HUBSPOT INC", "hubspot"),
        ("SLACK T0123 SLACK.COM", "slack"),
        ("INDEED 8005551234", "indeed"),
        ("HAUFE-LEXWARE GMBH & CO KG", "lexware"),
        ("BOX INC", "box"),
        ("NORTON *AP1234567", "norton"),
    ],
)
def test_what_is_left_of_a_product_is_still_read(text: str, expected: str) -> None:
    assert line(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Page Link",
        "Company Site",
        "Desk Booking",
        "Media Portal",
        "Web CRM",
        "Archive Company",
        "Risk",
        "Commento",
        "Einblick",
        "Photo Room Booking",
        "Apollo Room Booking",
        "Gather Events",
        "Loom Design",
        "Phoenix Test",
        "GMB",
    ],
)
def test_a_tool_of_one_s_own_is_no_product(text: str) -> None:
    assert label(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Mail\u200bchimp",
        "Mail\u00adchimp",
        "M a i l c h i m p",
        "HubSpot Cl\u03bfud",
        "Hootsuite F0nts",
        "Mailchimp Account",
    ],
)
def test_a_disguise_is_no_product(text: str) -> None:
    assert label(text) is None


@pytest.mark.parametrize(
    ("host", "owner"),
    [
        ("mailchimplogin.com", "Mailchimp"),
        ("verifymailchimp.com", "Mailchimp"),
        ("adobe.com.secure-id.top", "Adobe"),
        ("google-verify.top", "Google"),
    ],
)
def test_a_host_that_asks_for_trust_in_another_s_name(host: str, owner: str) -> None:
    sentences = imitations(KB, [Identifier(DOMAIN, host)])
    assert len(sentences) == 1
    assert owner in sentences[0]


def test_a_disguise_and_borrowed_trust_are_said() -> None:
    for name in ("Mail\u200bchimp", "M a i l c h i m p"):
        assert "Mailchimp" in imitations(KB, [Identifier(APP_NAME, name)])[0]
    handles = [Identifier(APP_NAME, "Mailchimp Login"), Identifier(PUBLISHER, "Evil Widgets Ltd")]
    assert "asks for trust in the name of Mailchimp" in imitations(KB, handles)[0]


@pytest.mark.parametrize("name", ["Target", "Identity", "Horizon", "Global", "Planet", "Allegro", "Prince"])
def test_a_word_is_not_suspected_of_a_rare_product(name: str) -> None:
    assert imitations(KB, [Identifier(APP_NAME, name)]) == ()


@pytest.mark.parametrize("host", ["google.pl", "amazon.fr", "planner.example.net"])
def test_a_vendor_s_own_countries_are_not_suspected(host: str) -> None:
    assert imitations(KB, [Identifier(DOMAIN, host)]) == ()
