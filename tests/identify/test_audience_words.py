"""What words, scopes and merchant codes say about whose tool it is, and what only looks as if it said it."""

import itertools

import pytest

from app.identify import AudienceSignals, audience
from app.identify import audience_words as words
from app.identify.audience import is_marketing_team, weigh
from app.identify.audience_signs import code_sign, scope_sign
from app.identify.audience_text import Lexicon, plain
from app.identify.normalise import squash

G = "https://www.googleapis.com/auth/"


def leaning(**signals) -> float:
    return sum(sign.weight for sign in weigh(AudienceSignals(**signals)))


@pytest.mark.parametrize(
    "department",
    [
        "Marketing & Kommunikation", "Communicatie", "Mercadotecnia", "Acquisition",
        "Brand & Communications",
        "Öffentlichkeitsarbeit", "OEFFENTLICHKEITSARBEIT", "Marketingabteilung",
        "Unternehmenskommunikation",
        "Direction de la communication", "Événementiel", "Comunicación", "Comunicação e Marketing",
        "Ufficio Stampa", "Pubblicità", "Reclame", "Marknadsföring", "Reklama", "マーケティング部", "PR",
        "E-Commerce",
        "Sales & Marketing", "Social Media", "Creative Services", "Marketing Operations", "Growth",
    ],
)  # fmt: skip
def test_a_marketing_team_in_many_languages(department: str) -> None:
    assert is_marketing_team(department)


@pytest.mark.parametrize(
    "department",
    [
        "Engineering", "Talent Acquisition", "Kommunikationstechnik", "Unified Communications", "IT",
        "Information & Communications Technology", "Demand Planning", "Social Services",
        "Digital Workplace",
        "Growth Engineering", "Investor Relations", "Recursos Humanos", "Ressources Humaines", "Berlin", "",
        "Personeelszaken", "Vertrieb", "Content Moderation", "Brandschutz", "Broadcast", "R&D",
    ],
)  # fmt: skip
def test_another_team(department: str) -> None:
    assert not is_marketing_team(department)


@pytest.mark.parametrize(
    "account",
    [
        "Advertising", "ADVERTISING_AND_MARKETING", "6300 Werbekosten", "4610 Werbekosten",
        "6605 Streuartikel",
        "Publicité et marketing", "6233 Foires et expositions",
        "627 Publicidad, propaganda y relaciones públicas",
        "Publicidade e propaganda", "Spese di pubblicità", "Reclame- en advertentiekosten",
        "Marketingkosten",
        "Online-Werbung", "Reklam och PR", "Trade shows", "Marketing / 6700",
    ],
)  # fmt: skip
def test_a_marketing_account(account: str) -> None:
    assert leaning(accounts=(account,)) >= 1


@pytest.mark.parametrize(
    "account",
    ["Payroll", "4930 Bürobedarf", "Reisekosten", "Lohn- und Gehaltskosten", "Frais de déplacement",
     "Honoraires comptables", "Nóminas", "Affitto", "Kantoorkosten", "Legal fees", "R&D"],
)  # fmt: skip
def test_another_account(account: str) -> None:
    assert leaning(accounts=(account,)) <= -1


@pytest.mark.parametrize(
    "account", ["Software", "4610", "6600", "Subscriptions", "Cost centre 12", "Announcements"]
)
def test_an_account_that_does_not_say(account: str) -> None:
    assert leaning(accounts=(account,)) == 0


def test_an_account_of_both_sides_tells_nothing() -> None:
    assert leaning(accounts=("Travel - Marketing",)) == leaning(accounts=("Recruitment advertising",)) == 0


@pytest.mark.parametrize(
    "name",
    ["seotoolkit", "adreach", "adreach.co", "AdReach", "mailblast", "leadgenpro.com", "SEO Toolkit",
     "newsletterkit.io",
     "campaignfox.com", "Landing Page Builder", "Social-Media Planner", "e-mail marketing",
     "Nieuwsbriefstudio",
     "Infolettre Facile", "Kampagnenheld", "Backlinks 24", "Influencer Finder", "Mail Blast",
     "adcreativepro.ai"],
)  # fmt: skip
def test_a_name_that_says_marketing(name: str) -> None:
    assert leaning(name=name) >= 1


@pytest.mark.parametrize(
    "name",
    ["Adobe", "adobe.com", "Address", "addressly.com", "Leader", "Leadership Lab", "Seoul", "seoul.kr",
     "Adapt",
     "Adventure", "Advance", "Semantics", "Seminar", "Brandenburg", "Contentment", "Contentful",
     "Radical", "Roads",
     "Loads", "Headspace", "Socialist", "Prix", "AdBlue", "Adyen", "Admin", "Threads", "Leadville",
     "Influx",
     "Pressure", "Mediation", "Hotelier", "Taxonomy", "Payrolling2000", "x" * 500],
)  # fmt: skip
def test_a_name_that_only_looks_like_it(name: str) -> None:
    assert leaning(name=name) == 0


@pytest.mark.parametrize(
    "name",
    ["Payroll Fox", "openvpn.net", "sqlkit.dev", "Azure AD Connect", "ADSync", "Social Recruiting Hub",
     "invoicecloud.com", "Antivirus", "CI/CD Runner", "Lohnabrechnung", "Social Security Helper",
     "Kubernetes"],
)  # fmt: skip
def test_a_name_that_says_something_else(name: str) -> None:
    assert leaning(name=name) <= -1


def test_a_statement_line_may_be_an_invoice() -> None:
    assert leaning(names=("QUORBLE INVOICE 123",)) == 0
    assert leaning(name="Invoice Maker") < 0


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("Schedule posts and grow your newsletter", 1),
        ("Gestion de campagnes publicitaires", 1),
        ("Plataforma de email marketing", 1),
        ("Suchmaschinenoptimierung für Agenturen", 1),
        ("Payroll and time tracking", -1),
        ("Gestión de nóminas", -1),
        ("Continuous integration for Kubernetes", -1),
        ("What you need to know about your address", 0),
    ],
)
def test_a_description(text: str, side: int) -> None:
    got = leaning(description=text)
    assert (got > 0) - (got < 0) == side


def test_glued_words_are_covered_from_end_to_end() -> None:
    lexicon = Lexicon(
        {1.0: ["seo", "lead-gen", "ads"]}, fillers=["toolkit", "pro", "ul"], short=["seo"], whole=["seopro"]
    )
    assert [f.words for f in lexicon.find("seotoolkit")] == ["seo"]
    assert [f.words for f in lexicon.find("leadgenpro")] == ["leadgen"]
    assert [f.words for f in lexicon.find("Lead-Gen PRO, S E O")] == ["lead gen", "s e o"]
    assert lexicon.find("seotool") == lexicon.find("xseotoolkit") == lexicon.find("seopro") == []
    assert [f.words for f in lexicon.find("adtoolkit")] == ["ad"]
    assert lexicon.find("adul") == lexicon.find("proad") == []


def test_accents_and_case_make_no_difference() -> None:
    assert plain("publicité") == "publicite"
    assert plain("マーケティング部") == "マーケティング部"
    for text in ("PUBLICITÉ", "publicite\u0301", "Publicité"):
        assert leaning(accounts=(text,)) == 1


@pytest.mark.parametrize(
    ("scope", "weight"),
    [
        (G + "adwords", 2.0), (G + "display-video", 2.0), (G + "analytics.readonly", 1.0),
        (G + "tagmanager.publish", 1.0), (G + "webmasters", 1.0), (G + "business.manage", 1.0),
        (G + "content", 1.0),
        (G + "youtube.upload", 0.75), (G + "cloud-platform", -1.5), (G + "admin.directory.user", -1.5),
        ("https://ads.microsoft.com/msads.manage", 2.0), ("ads_read", 2.0), ("RW_ADS", 2.0),
        ("ads:read", 2.0),
        ("snapchat-marketing-api", 2.0), ("tweet.write", 0.75), ("video.publish", 0.75),
        ("marketing-email", 1.5),
        ("pardot_api", 1.5), ("campaign_data", 1.5), ("w_organization_social", 1.0), ("repo", -1.5),
        ("okta.users.manage", -1.5), ("https://graph.microsoft.com/Directory.ReadWrite.All", -1.5),
        ("Directory.ReadWrite.All", -1.5),
    ],
)  # fmt: skip
def test_a_scope_that_speaks(scope: str, weight: float) -> None:
    sign = scope_sign(scope)
    assert sign is not None
    assert sign.weight == weight


@pytest.mark.parametrize(
    "scope",
    ["", "openid", "adwords", "analytics", "content", G + "adwords.evil", G + "contentx", G + "drive",
     "notads_read",
     "https://evil.example/auth/adwords", "https://www.googleapis.com.evil.example/auth/adwords",
     "ads_read_more",
     "https://graph.microsoft.com/ads_read",
     "https://graph.microsoft.com.evil.example/Directory.ReadWrite.All",
     "oktapus.read", "youtube"],
)  # fmt: skip
def test_a_scope_that_does_not(scope: str) -> None:
    assert scope_sign(scope) is None


def test_publishing_on_two_networks_is_enough_and_on_one_is_not() -> None:
    def value(*scopes: str) -> str:
        return audience(None, AudienceSignals(scopes=scopes)).value

    assert value("pages_manage_posts", "instagram_content_publish") == "marketing"
    assert value("tweet.write", "video.publish") == "marketing"
    assert value("pages_manage_posts") == value("video.publish", "video.upload") == "unsure"


@pytest.mark.parametrize(
    ("code", "weight"),
    [("7311", 1.0), ("7333", 0.5), ("7338", 0.25), ("5968", 0.25), ("3058", -2.0), ("4511", -2.0),
     ("3357", -2.0),
     ("7011", -2.0), ("3640", -2.0), ("5812", -2.0), ("5541", -2.0), ("8062", -2.0), ("9399", -2.0),
     ("8111", -1.5),
     ("8931", -1.5), (" 6300 ", -1.5), ("0742", -2.0)],
)  # fmt: skip
def test_a_merchant_code_that_speaks(code: str, weight: float) -> None:
    sign = code_sign(code)
    assert sign is not None
    assert sign.weight == weight


@pytest.mark.parametrize(
    "code", ["5734", "7372", "5817", "5818", "4816", "7399", "", "0000", "73", "731", "311", "7311 x"]
)
def test_a_merchant_code_that_does_not(code: str) -> None:
    assert code_sign(code) is None


def test_contradictions_stay_open() -> None:
    closing = "The evidence contradicts itself, so it does not say whose tool it is."
    for signals in (
        AudienceSignals(scopes=(G + "adwords",), departments={"Engineering": 8}, people=8),
        AudienceSignals(accounts=("Event marketing",), mcc=("7011",), departments={"Marketing": 2}, people=2),
        AudienceSignals(name="Payroll Ads"),
        AudienceSignals(
            departments={"Marketing": 4},
            people=4,
            accounts=("Advertising",),
            name="SEO Toolkit",
            mcc=("8111",),
        ),
        AudienceSignals(departments={"Engineering": 8}, people=8, accounts=("Hosting",), name="SEO Toolkit"),
    ):
        verdict = audience(None, signals)
        assert verdict.value == "unsure"
        assert verdict.reasons[-1] == closing


def test_nobody_in_marketing_among_many_is_enough_but_sales_and_unknown_teams_are_not() -> None:
    assert audience(None, AudienceSignals(departments={"Engineering": 4}, people=4)).value == "other"
    for departments in ({"Sales": 9}, {"Berlin": 9}, {"Engineering": 3}, {"Engineering": 5, "Marketing": 1}):
        signals = AudienceSignals(departments=departments, people=sum(departments.values()))
        assert audience(None, signals).value == "unsure"


def test_more_kinds_that_agree_make_an_equal_balance_surer() -> None:
    two = AudienceSignals(departments={"Marketing": 2}, people=2, mcc=("7311",))
    three = AudienceSignals(name="SEO Toolkit", accounts=("Advertising",), mcc=("7333",))
    assert leaning(departments={"Marketing": 2}, people=2, mcc=("7311",)) == 2.5
    assert sum(sign.weight for sign in weigh(three)) == 2.5
    assert audience(None, three).confidence > audience(None, two).confidence


def test_the_surer_reading_of_a_word_counts() -> None:
    for others in (("Quorble Ad",), ("Ad Quorble", "Quorble (AD)", "The Ad", "Ad 2")):
        assert leaning(names=("adquick", *others)) == leaning(names=("adquick",)) == 1


def test_no_word_stands_on_two_sides() -> None:
    for lists in (
        (words.MARKETING_TEAMS, words.SALES_TEAMS, words.OTHER_TEAMS),
        (words.ACCOUNTS, words.WEAK_ACCOUNTS, words.OTHER_ACCOUNTS),
        (words.STRONG_TERMS, words.WEAK_TERMS, words.OTHER_TERMS, words.WEAK_OTHER_TERMS),
    ):
        for one, other in itertools.combinations(lists, 2):
            assert not {squash(w) for w in one} & {squash(w) for w in other}


def test_the_words_are_as_texts_are_compared() -> None:
    for name, some in vars(words).items():
        if name.isupper():
            assert some == {plain(word.casefold()) for word in some}, name
