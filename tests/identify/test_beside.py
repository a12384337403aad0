"""What may stand beside a name in a label: words of the trade behind it, its owner before it."""

import pytest

from app.identify import default_knowledge_base, identify
from connectors.identifiers import APP_NAME, DOMAIN, PUBLISHER, Identifier

KB = default_knowledge_base()


def answer(label: str, *others: tuple[str, str]) -> tuple[str, str] | None:
    match = identify(KB, [Identifier(APP_NAME, label), *(Identifier(*other) for other in others)])
    return (match.product.id, match.rule) if match else None


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Hootsuite Endpoint Compliance", "hootsuite"),
        ("Contentful Developer Portal", "contentful"),
        ("Hootsuite EU-2", "hootsuite"),
        ("Hootsuite Corporate Account", "hootsuite"),
        ("Hootsuite Account Console", "hootsuite"),
        ("Typeform Cuestionarios", "typeform"),
        ("Hootsuite for PowerPoint", "hootsuite"),
        ("Hootsuite for Salesforce", "hootsuite"),
        ("ON24 Webcast Connection", "on24"),
        ("Tableau Developer Server", "tableau"),
    ],
)
def test_words_of_the_trade_leave_a_name_what_it_is(label: str, expected: str) -> None:
    found = answer(label)
    assert found is not None
    assert found[0] == expected


@pytest.mark.parametrize(
    "label",
    [
        "Hootsuite Account",
        "Hootsuite Account Verification",
        "Hootsuite Login Console",
        "Hootsuite Enterprise Backup",
        "Hootsuite for",
        "Hootsuite Bulk Sender",
        "Tableau Vivant Studio",
        "Tableau Print Shop",
        "Slack Tide Portal",
    ],
)
def test_words_that_make_it_somebody_else_s(label: str) -> None:
    assert answer(label) is None


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Carbonite Endpoint Backup", "carbonite"),  # its own trade, where others' backups are strangers
        ("Crayon Competitive Intel", "crayon"),  # two words out of its other names
        ("Mention Media Monitoring", "mention"),  # two words of its category
        ("Ashby ATS", "ashby"),  # one that is nobody's language
        ("Drift Chatbot", "drift"),
        ("Tailwind for Pinterest", "tailwind"),
    ],
)
def test_words_of_its_own_tell_an_ordinary_name(label: str, expected: str) -> None:
    found = answer(label)
    assert found is not None
    assert found[0] == expected


@pytest.mark.parametrize(
    "label",
    [
        "Buffer Planner",
        "Ashby Portal",
        "Ashby VPN",
        "Mention Monitoring",
        "Maze Garden Monitoring",
        "Front Office",
        "Tailwind for Gmail",
        "Tailwind for Surfers",
        "Branch Office VPN",
    ],
)
def test_one_common_word_tells_no_ordinary_name(label: str) -> None:
    assert answer(label) is None


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("NWT ThoughtSpot", "thoughtspot"),
        ("NWT HubSpot SSO EU", "hubspot"),
        ("[NWT] HubSpot", "hubspot"),
        ("NWT-HUBSPOT", "hubspot"),
        ("NWT-HUBSPOT-PROD", "hubspot"),
        ("Nordwind GmbH HubSpot", "hubspot"),
        ("Nordwind's HubSpot", "hubspot"),
        ("Nordwind - HubSpot (Prod)", "hubspot"),
        ("Nordwind - HubSpot - Production", "hubspot"),
        ("Nordwind_HubSpot_Prod", "hubspot"),
        ("Nordwind | Asana", "asana"),
        ("Marketing HubSpot", "hubspot"),
        ("EMEA HubSpot", "hubspot"),
        ("My Workday", "workday"),
        ("Formularios de Typeform", "typeform"),
    ],
)
def test_an_owner_before_a_name(label: str, expected: str) -> None:
    assert answer(label) == (expected, "owned_name")


@pytest.mark.parametrize(
    "label",
    [
        "Nordwind HubSpot",
        "NORDWIND HUBSPOT",
        "Fake HubSpot",
        "FAKE HubSpot",
        "RESET HubSpot",
        "RESET-HUBSPOT",
        "PIZZA-HUBSPOT",
        "NWT-QUARZEL-HUBSPOT",
        "NWT-KNAK",
        "SYNC HubSpot",
        "Marketing Workday",
        "NWT Front",
        "Amigos de Typeform",
        "Nordwind - Connector - HubSpot",
        "Connector - HubSpot",
        "Front - HubSpot",
        "One Two Three Four - HubSpot",
    ],
)
def test_what_stands_before_a_name_and_owns_it_not(label: str) -> None:
    assert answer(label) is None


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Hootsuite Quarzel", ("hootsuite", "product_line")),
        ("Hootsuite Quarzel Portal", None),
        ("Hootsuite Quarzel Quax", None),
        ("Hootsuite Bakery", None),
        ("Hootsuite Volunteers", None),
        ("Hootsuite Kayaks", None),
        ("Hootsuite Quarzel Integration", None),
        ("Asana Yoga at Work", None),
        ("Feedback Loop Box", None),
        ("Adobe Quarzel", None),
    ],
)
def test_one_coined_word_is_a_part_of_the_product(label: str, expected: tuple[str, str] | None) -> None:
    assert answer(label) == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Phrase TMS (Memsource)", "phrase"),
        ("Basis (Centro / SiteScout)", "basis"),
        ("Welcome (NewsCred) CMP", "optimizely-cmp"),
        ("Welcome (Newsletter) CMP", None),
        ("Old Welcome (NewsCred)", None),
        ("Profound (AEO)", "profound"),
        ("Profound (Thoughts)", None),
    ],
)
def test_another_of_its_names_beside_an_ordinary_one(label: str, expected: str | None) -> None:
    found = answer(label)
    assert (found and found[0]) == expected


@pytest.mark.parametrize("label", ["Greenhouse", "GREENHOUSE - Prod", "Sentry SSO", "Gong - DE", "Aha!"])
def test_some_words_mean_one_product_to_everybody_at_work(label: str) -> None:
    found = answer(label)
    assert found is not None
    assert found[1] == "portal_name"
    match = identify(KB, [Identifier(APP_NAME, label)])
    assert match is not None
    assert match.confidence < 0.9


@pytest.mark.parametrize(
    "label", ["Apollo", "Iris", "Summit", "Segment", "Gong Bath Class", "Sketch Comedy Night"]
)
def test_a_project_s_name_and_a_longer_label_stay_unanswered(label: str) -> None:
    assert answer(label) is None


def test_a_word_by_a_stranger_is_no_product() -> None:
    assert answer("Greenhouse", (PUBLISHER, "Tulip Growers BV")) is None
    assert answer("Greenhouse", (DOMAIN, "tulips.example")) is None


@pytest.mark.parametrize(
    ("label", "publisher", "expected"),
    [
        ("Zenefits", "Zenefits", "trinet"),
        ("TripActions (Navan)", "TripActions, Inc.", "navan"),
        ("FactSet", "FactSet Research Systems Inc.", "factset"),
        ("Cisco Webex Meetings", "Cisco Webex Meetings", "cisco-webex"),
        ("Later Media", "Mavrck / Later", "later"),
        ("FactSet", "FactSet Fishing Supplies", None),
        ("HubSpot", "Nordwind / Evil Widgets", None),
    ],
)
def test_a_publisher_called_like_its_product(label: str, publisher: str, expected: str | None) -> None:
    found = answer(label, (PUBLISHER, publisher))
    assert (found and found[0]) == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Brand Portal by Bynder", "bynder"),
        ("Brand Portal powered by Bynder", "bynder"),
        ("Quarzel by Bynder", None),
        ("Exporter by Bynder", None),
        ("Login by Bynder", None),
    ],
)
def test_what_a_maker_s_product_does_by_the_maker(label: str, expected: str | None) -> None:
    found = answer(label)
    assert (found and found[0]) == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Knak Login (SSO)", "knak"),
        ("Yext Production Login", "yext"),
        ("Hootsuite DE Login", "hootsuite"),
        ("SAILPOINT-IDN-PRD", "sailpoint"),
        ("Hootsuite (XYZ) - Prod", "hootsuite"),
        ("Box - CorpIT Prod", "box"),
        ("Hootsuite Quarzel - Prod (SAML)", "hootsuite"),
        ("Support Team Calendly Account", "calendly"),
        ("AWS SaaS Organization - Distribution and Marketplace Account", "aws"),
        ("Google Cloud Platform for Security Department Resources", "google-cloud"),
        ("Hootsuite EMEA (app-eu1)", "hootsuite"),
        ("Measured - MMM", "measured"),
        ("APP-Hootsuite", "hootsuite"),
        ("Hootsuite for Marketers", "hootsuite"),
        ("Hootsuite Shared Login", "hootsuite"),
        ("Hootsuite (shared account)", "hootsuite"),
        ("Hootsuite - Team Logins Shared", "hootsuite"),
        ("Hootsuite Mktg Team", "hootsuite"),
    ],
)
def test_who_has_it_and_how_people_sign_on(label: str, expected: str) -> None:
    found = answer(label)
    assert found is not None
    assert found[0] == expected


@pytest.mark.parametrize(
    "label",
    [
        "Hootsuite Login",
        "Hootsuite Login Page",
        "Hootsuite SSO Login Verification",
        "Front DE Login",
        "HR-IDN-PRD",
        "Hootsuite-PIZZA-PRD",
        "Hootsuite-FARM-PRD",
        "Measured - Facilities",
        "Apollo - CorpIT Prod",
        "Box - Tickets",
        "Support Team Account",
        "Hootsuite Team Verify Account",
        "Hootsuite Department for Horses",
        "Front for Marketing Department",
        "Hootsuite Shared Document Login",
        "Hootsuite Shared File Account",
        "Hootsuite Shared Folder - Login",
        "Hootsuite Login Shared Invoice",
        "Hootsuite Shared Login Verification",
        "Hootsuite Shared Team Password",
        "Front Shared Login",
    ],
)
def test_who_has_it_says_nothing_of_a_stranger(label: str) -> None:
    assert answer(label) is None


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Hootsuite Payment Request", None),
        ("Hootsuite Signature Requests", None),
        ("Hootsuite Access Request Prod", None),
        ("Hootsuite Request Forms", "hootsuite"),
        ("Hootsuite Captcha Check", None),
        ("Hootsuite Identity Check", None),
        ("Hootsuite Health Check", None),
        ("Hootsuite Content Checks", "hootsuite"),
        ("Hootsuite License Key", None),
        ("Hootsuite Recovery Key SSO", None),
        ("Hootsuite Funds Release", None),
        ("Hootsuite Fund Accounting", "hootsuite"),
        ("Hootsuite Release Messages", None),
        ("Hootsuite Release Notes", "hootsuite"),
        ("Northwind Hootsuite Payment Request Enterprise", None),
    ],
)
def test_words_that_lure_together(label: str, expected: str | None) -> None:
    found = answer(label)
    assert (found[0] if found else None) == expected


@pytest.mark.parametrize(
    "word", ["Architects", "Campuses", "Companies", "Agency", "Dashboards", "Properties"]
)
def test_one_or_several_of_a_trade_s_things(word: str) -> None:
    assert answer(f"Hootsuite {word}") == ("hootsuite", "leading_name")


@pytest.mark.parametrize("word", ["Restaurant", "Cleaners", "Hospital", "Pharmacy", "Shops", "Family"])
def test_one_of_what_shops_call_themselves_is_a_shop_s(word: str) -> None:
    assert answer(f"Hootsuite {word}") is None


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Airtable 分析ツール", "airtable"),
        ("Airtable דוחות", "airtable"),
        ("Airtable ログイン", None),  # login
        ("Airtable パスワード確認", None),  # confirm the password
        ("Airtable 验证", None),  # verify
        ("Airtable 로그인", None),  # login
        ("Airtable ᏞᎾᏀᏆᏁ", None),  # Cherokee, read as LOGIN
        ("Airtable ꓡꓳꓖꓲꓠ", None),  # Lisu, read as LOGIN
        ("Airtable ⲗⲟⲅⲓⲛ", None),  # Coptic
    ],
)
def test_a_script_that_looks_latin_does_not_describe(label: str, expected: str | None) -> None:
    found = answer(label)
    assert (found[0] if found else None) == expected


def test_two_letters_are_no_part_of_a_product() -> None:
    assert answer("Hootsuite-qz") is None
    assert answer("Hootsuite-qzx") == ("hootsuite", "product_line")
    assert answer("Hootsuite dk") == ("hootsuite", "product_line")
