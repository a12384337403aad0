"""Statement lines: what may stand behind a merchant's name, what not, and what a charge's filing adds."""

import pytest

from app.identify import Hints, default_knowledge_base, identify
from connectors.identifiers import APP_NAME, MERCHANT, Identifier

KB = default_knowledge_base()


def product(line: str, hints: Hints | None = None) -> str | None:
    match = identify(KB, [Identifier(MERCHANT, line)], hints or Hints())
    return match.product.id if match else None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("WISTIA INC CAMBRIDGE MA", "wistia"),
        ("HOOTSUITE INC. VANCOUVE", "hootsuite"),
        ("MAILCHIMP PONCEY GA", "mailchimp"),
        ("HOOTSUITE HOOTSUITE.COM WA", "hootsuite"),
        ("POS DEBIT 0412 HOOTSUITE INC 8005551234 BC", "hootsuite"),
        ("DROPBOX8H3BF9F4L6NH", "dropbox"),
        ("HOOTSUITEINC", "hootsuite"),
        ("HOOTSUITE SUBSCRIPTIO", "hootsuite"),
        ("https www hootsuite.com", "hootsuite"),
        ("SEMRUSH*1234567 BOSTON", "semrush"),
    ],
)
def test_all_behind_the_name_is_explained(line: str, expected: str) -> None:
    assert product(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "SLACK TIDE BAR",
        "BASECAMP OUTFITTERS BOULDER CO",
        "FRESH BOOKS CAFE",
        "CANVAS AND COFFEE HOUSE SEATTLE WA",
        "HOOTSUITE PLUMBING SUPPLIES",
        "LATER BAR AND GRILL",
        "BUFFER ZONE CAR WASH",
    ],
)
def test_what_is_left_over_makes_it_another_merchant(line: str) -> None:
    assert product(line) is None


@pytest.mark.parametrize("word", ["BUFFER", "LATER", "SEGMENT", "DRIFT"])
def test_how_a_charge_is_filed_supports_an_ordinary_word(word: str) -> None:
    assert product(word) is None
    assert product(word, Hints(mcc="5734")) == word.lower()
    assert product(f"{word} 8005551234 CA", Hints(category="Software & Subscriptions")) == word.lower()
    assert product(word, Hints(recurring=True)) == word.lower()
    assert product(word, Hints(mcc="5812")) is None
    assert product(word, Hints(mcc="5812", category="Software")) is None
    assert product(word, Hints(category="Team lunch")) is None
    match = identify(KB, [Identifier(MERCHANT, word)], Hints(mcc="7372"))
    assert match is not None
    assert match.rule == "supported_name"
    assert "ordinary word" in match.why


def test_the_filing_never_makes_a_match_of_what_is_left_over() -> None:
    assert product("BUFFER ZONE CAR WASH", Hints(mcc="5734", category="Software", recurring=True)) is None


def test_the_filing_never_takes_a_sure_match_away() -> None:
    assert product("MAILCHIMP", Hints(mcc="5812")) == "mailchimp"
    assert product("INTUIT *MAILCHIMP", Hints(mcc="5999")) == "mailchimp"


def test_advertising_permissions_support_an_ordinary_word() -> None:
    ads = Hints(scopes=("https://www.googleapis.com/auth/adwords",))
    mail = Hints(scopes=("https://www.googleapis.com/auth/gmail.readonly",))
    label = [Identifier(APP_NAME, "Segment")]
    assert identify(KB, label) is None
    assert identify(KB, label, mail) is None
    found = identify(KB, label, ads)
    assert found is not None
    assert found.product.id == "segment"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("PHRASE A.S. PRAHA", "phrase"),
        ("SKETCH BV DEN HAAG NL", "sketch"),
        ("SKETCH BV DEN KLEINE HAAG NL", None),
        ("SKETCH GMBH PRAHA", None),
        ("RESULTADOS DIGITAIS FLORIANOPOLIS", "rd-station"),
        ("RESULTADOS DIGITAIS PADARIA", None),
        ("CANTO SOFTWARE INC SAN FRANCISCO", "canto"),
        ("CANTO SOFTWARE SCHOOL", None),
        ("CANTO SOFTWARE SRL MILANO", None),
        ("HARBOR SOFTWARE INC", None),
        ("Highlevel Agency S Gohighlevel.C TX", "gohighlevel"),
        ("HIGHLEVEL TREE SERVICE GOHIGHLEVEL", None),
        ("RAILWAY HTTPSRAILWAY. CA", "railway"),
        ("RAILWAY HTTPSSTATION. CA", None),
        ("GOOGLE *MEET PREMIUM", "google-workspace"),
        ("GOOGLE *MEAT PREMIUM", None),
        ("MANUS AI* TRIAL O", "manus"),
        ("SEGMENT AI", None),
        ("XERO PAYROLL 4471", "xero"),
        ("GUSTO ACCOUNTING", None),
        ("POS DEBIT 1984 Hosting", "1984-hosting"),
        ("POS DEBIT 1984 HOOTSUITE", "hootsuite"),
        ("POS DEBIT 1984 BAKERY", None),
    ],
)
def test_what_stands_behind_a_merchant_s_name(line: str, expected: str | None) -> None:
    match = identify(KB, [Identifier("merchant", line)])
    assert (match.product.id if match else None) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("FS* REWARDFUL fsprg.com CA", "rewardful"),
        ("Compra PAYPAL *ENVATO MK", "envato-elements"),
        ("PAYPAL *ENVATO MKPL EN 4029357733            07/08", "envato-elements"),
        ("eb eventbrite invoice", "eventbrite"),
        ("evernotegmbhbusiness", "evernote"),
        ("VISA TRADINGVIEWVPRODUCT", "tradingview"),
        ("HOOTSUITEPRO", "hootsuite"),
        ("XERO UK INV-8841201 MILTON KEYNES", "xero"),
        ("HOOTSUITE 1608 S. Ashla", "hootsuite"),
        ("HOOTSUITE 25 FIRST STREET CAMBRIDGE MA", "hootsuite"),
        ("Nákup: FACEBK *CYQENK3R32, fb.me/ads, IE, dne 1.2.2023, částka 21863.37 CZK", "meta-ads"),
        ("Platba kartou HOOTSUITE PRAHA CZE", "hootsuite"),
        ("Card payment to Hootsuite On 12 Mar", "hootsuite"),
        ("COMPRA TARJETA 5540XXXX HOOTSUITE MADRID", "hootsuite"),
        ("PAGO CON TARJETA EN HOOTSUITE", "hootsuite"),
        ("Kortköp 240312 HOOTSUITE", "hootsuite"),
        ("VISA VARE HOOTSUITE OSLO", "hootsuite"),
        ("UPI/HOOTSUITE/ref 2288123", "hootsuite"),
        ("DD HOOTSUITE LTD REF 33812", "hootsuite"),
        ("PRLV SEPA HOOTSUITE FACTURE 8812", "hootsuite"),
        ("HOOTSUITE EUR 29,00 KURS 1,08", "hootsuite"),
        ("Online subscription - Hootsuite", "hootsuite"),
    ],
)
def test_what_banks_and_clerks_write_round_a_name(line: str, expected: str) -> None:
    match = identify(KB, [Identifier("merchant", line)])
    assert match is not None
    assert match.product.id == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("HOOTSUITE CD 1234", "hootsuite"),
        ("HOOTSUITE 03MAR24 CD 1234", "hootsuite"),
        ("COMPRA INTERNET EN HOOTSUITE, TARJETA 1234", "hootsuite"),
        ("BETAALPAS HOOTSUITE NLD PASVOLGNR 001 12-03-2024", "hootsuite"),
        ("HOOTSUITE TRIAL OVER", "hootsuite"),
        ("LASTSCHRIFT HOOTSUITE MANDAT 123", "hootsuite"),
        ("ORIG CO NAME:HOOTSUITE ORIG ID:1800948598 DESC DATE:", "hootsuite"),
        ("PAYPAL DES:INST XFER ID:HOOTSUITE INDN:NORTHWIND", "hootsuite"),
        ("UPI/DR/4077/HOOTSUITE/BANK", "hootsuite"),
        ("REFUND HOOTSUITE", "hootsuite"),
        ("VISA DDA PUR 469216 HOOTSUITE 4155551234 * CA", "hootsuite"),
        ("PADDLE HOOTSUITE", "hootsuite"),
        ("HOOTSUITE SAN FRANCISCOCA", "hootsuite"),
        ("HOOTSUITE HELSINGIN KAUPUN FI", "hootsuite"),
        ("HOOTSUITE BENGALURU KA", "hootsuite"),
        ("HOOTSUITE MARCH 2024", "hootsuite"),
        ("CONSTANT CONTACTINC", "constant-contact"),
        ("ADOBE CREATIVE CLO", "adobe-creative-cloud"),
    ],
)
def test_a_line_written_anew_is_read(line: str, expected: str) -> None:
    match = identify(KB, [Identifier("merchant", line)])
    assert match is not None
    assert match.product.id == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("CKE*HOOTSUITE", "hootsuite"),
        ("CKE*HOOTSUITE INC 4155551234 CA", "hootsuite"),
        ("CKE*LINKEDIN ADS", "linkedin-ads"),
        ("CKE*HOOTSUITE BISTRO", None),
        ("CKE*HARVEST", None),
        ("CKE*STRIPE", None),
        ("YOGA*ASANA LONDON", None),
        ("PIZZA*TYPEFORM INC", None),
        ("DENTAL*TYPEFORM INC", None),
        ("THE*ASANA", None),
        ("CARD 1234 MERCHANT NAME: HOOTSUITE", "hootsuite"),
        ("CARD 1234 Merchant Name : Hootsuite London", "hootsuite"),
        ("HOOTSUITE MERCHANT NAME: QUARZEL PIZZA", None),
        ("MERCHANT NAME: SLACK TIDE BAR", None),
        ("HOOTSUITE'S PIZZERIA", None),
        ("HOOTSUITE’S BAR", None),
        ("HOOTSUITE.TV", None),
        ("HOOTSUITE.COM", "hootsuite"),
        ("ADYOUNEED.TV", None),
        ("ADYOUNEED.LTD", "adcreative-ai"),
        ("HOOTSUITE FASTSPRING", "hootsuite"),
        ("HOOTSUITE 2CO BISTRO", None),
        ("HOOTSUITE TECHNOL", "hootsuite"),
        ("SLACK TECHNOL", "slack"),
        ("SLACK TECHNO", None),
        ("SLACK TECHNOL LONDON BISTRO", None),
        ("AIRTABLE 合同会社", "airtable"),
        ("SLACK 合同会社", "slack"),
        ("AIRTABLE GERMAN", "airtable"),
        ("SIMPLETEXTING LL", "simpletexting"),
        ("WEBFLOW HTTPSWEBFLOW.C CA", "webflow"),
        ("SEMRUSH PRORATION", "semrush"),
        ("AIRTABLE BAR", None),
        ("AIRTABLE 新宿カフェ", None),
        ("AIRTABLE 식당", None),
        ("AIRTABLE مطعم", None),
        ("HOOTSUITE NETWORKS", "hootsuite"),
        ("HOOTSUITE NETWORKS LLC", None),
        ("HOOTSUITE ELECTRONIC GMBH", None),
        ("HOOTSUITE TECHN", "hootsuite"),
        ("HOOTSUITE TECHNO", "hootsuite"),
        ("HOOTSUITE SCHOOL", None),
        ("HOOTSUITE DISCO", None),
        ("SLACK NETWORKS", None),
        ("ZOOM BUSINES", "zoom"),
    ],
)
def test_codes_tills_and_cut_words_round_a_name(line: str, expected: str | None) -> None:
    match = identify(KB, [Identifier("merchant", line)])
    assert (match.product.id if match else None) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("KLARNA BANK AB", None),
        ("GOCARDLESS LTD", None),
        ("GOCARDLESS FEES", "gocardless"),
        ("MOLLIE B.V. AMSTERDAM", None),
        ("MOLLIE*LEADINFO", "leadinfo"),
        ("BRAINTREE PAYMENTS", None),
        ("BRAINTREE CONTROL PANEL", "braintree"),
        ("STRIPE INC SAN FRANCISCO CA", None),
        ("STRIPE RADAR", "stripe"),
        ("STRIPE ATLAS SAN FRANCISCO CA", "stripe"),
        ("APPLE INC", None),
        ("APPLE BUSINESS ESSENTIALS", "apple"),
        ("APPLE SEARCH ADS", "apple-search-ads"),
        ("UPI/DR/4077/RAZORPAY/HDFC", None),
        ("GOCARDLESS LTD ZAPIER", "zapier"),
        ("GOCARDLESS TODOIST IN", "todoist"),
        ("KLARNA BANK AB HOOTSUITE", "hootsuite"),
        ("SEPA LASTSCHRIFT GOCARDLESS LTD HOOTSUITE INC", "hootsuite"),
        ("GOCARDLESS LTD HOOTSUITE BAKERY", None),
        ("KLARNA BANK AB HARVEST", None),
        ("MOLLIE BV STRIPE", None),
        ("SHOPIFY* 123456789", "shopify"),
        ("SQUARE PAYROLL", "square"),
        ("PAYPAL *SUBSCRIPTION", None),
        ("MELIO SUBSCRIPTION", None),
    ],
)
def test_who_takes_the_money_is_not_what_it_is_for(line: str, expected: str | None) -> None:
    match = identify(KB, [Identifier("merchant", line)])
    assert (match.product.id if match else None) == expected


@pytest.mark.parametrize(
    "line",
    [
        "HOOTSUITE BUTCHER SHOP FI",
        "HOOTSUITE DOG TOYS CD 1234",
        "PADDLE BOARDS",
        "FREE LANCE",
        "HOOTSUITE & CO",
    ],
)
def test_a_line_written_anew_is_no_other_merchant_s(line: str) -> None:
    assert identify(KB, [Identifier("merchant", line)]) is None
