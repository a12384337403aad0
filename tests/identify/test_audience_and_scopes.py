"""Whose tool it is, and what a scope allows."""

import pytest

from app.identify import AudienceSignals, audience, default_knowledge_base, describe_scope

KB = default_knowledge_base()
G = "https://www.googleapis.com/auth/"


def judge(**signals) -> str:
    verdict = audience(None, AudienceSignals(**signals))
    assert verdict.reasons
    assert 0 < verdict.confidence < 1
    assert all(reason.endswith(".") for reason in verdict.reasons)
    return verdict.value


def test_a_known_product_is_what_the_base_says() -> None:
    verdict = audience(KB.products["mailchimp"], AudienceSignals(departments={"Engineering": 40}, people=40))
    assert verdict.value == "marketing"
    assert "Email Marketing" in verdict.reasons[0]
    assert audience(KB.products["jira"], AudienceSignals(departments={"Marketing": 4})).value == "other"


def test_marketing_people_and_a_marketing_sign_make_a_marketing_tool() -> None:
    people = {"Marketing": 2, "Brand & Communications": 1}
    assert judge(departments=people, people=3, accounts=("Advertising",)) == "marketing"
    assert judge(departments=people, people=3, mcc=("7311",)) == "marketing"
    assert judge(departments=people, people=3, scopes=(G + "analytics.readonly",)) == "marketing"
    assert judge(departments=people, people=3, name="Hashtag Planner", domain="x.io") == "marketing"
    assert judge(scopes=(G + "adwords",)) == "marketing"


def test_thin_or_mixed_evidence_is_unsure() -> None:
    assert judge() == "unsure"
    assert judge(departments={"Marketing": 3}, people=3) == "unsure"
    assert judge(mcc=("7311",)) == "unsure"
    assert judge(departments={"Marketing": 1, "Sales": 1, "IT": 1}, people=3, mcc=("7311",)) == "unsure"
    assert judge(departments={"Engineering": 5, "IT": 3, "HR": 2}, scopes=(G + "adwords",)) == "unsure"
    assert judge(departments={"Marketing": 1}, people=40, mcc=("7311",)) == "unsure"


def test_other_teams_make_another_tool() -> None:
    assert judge(departments={"Engineering": 9, "IT": 3}, people=12) == "other"
    assert judge(departments={"People": 3}, people=3, accounts=("Payroll services",)) == "other"


def test_scopes_are_compared_exactly() -> None:
    assert judge(scopes=("https://evil.example/auth/adwords",)) == "unsure"
    assert judge(scopes=(G + "adwords.evil", "adwords", "notadwords")) == "unsure"


@pytest.mark.parametrize(
    ("scope", "grade", "words"),
    [
        (G + "gmail.readonly", "high", "read all your e-mail"),
        ("https://mail.google.com/", "high", "read, send and delete all your e-mail"),
        (G + "gmail.send", "high", "send e-mail as you"),
        (G + "drive", "high", "read, change and delete all your files"),
        (G + "drive.readonly", "high", "read all your files"),
        (G + "drive.file", "low", "use only the files you open or create with it"),
        (G + "spreadsheets.readonly", "medium", "read all your spreadsheets"),
        (G + "adwords", "high", "manage your Google Ads accounts and spend"),
        ("openid", "low", "know who you are when you sign in"),
        ("email", "low", "see your e-mail address"),
        ("profile", "low", "see your name and picture"),
        ("Mail.Read", "high", "read your e-mail"),
        ("https://graph.microsoft.com/Mail.Send", "high", "send e-mail as you"),
        ("User.Read", "low", "see your profile"),
        ("Files.ReadWrite.All", "high", "read and change your files and everyone else's"),
        ("Calendars.Read", "medium", "read your calendars"),
        ("offline_access", "medium", "keep its access while you are away"),
        ("okta.users.read", "medium", "see people's accounts in Okta"),
        ("okta.apps.manage", "high", "change applications in Okta"),
    ],
)
def test_a_known_scope(scope: str, grade: str, words: str) -> None:
    info = describe_scope(scope)
    assert (info.grade, info.words) == (grade, words)


@pytest.mark.parametrize(
    "scope",
    [
        "https://evil.example/auth/drive",
        "https://www.googleapis.com/auth/driveby",
        "https://www.googleapis.com.evil.example/auth/drive",
        "https://graph.microsoft.com.evil.example/Mail.Read",
        "Mailbox.Nonsense",
        "okta.users",
        "crm.objects.contacts.read",
        "",
    ],
)
def test_an_unknown_scope_says_so(scope: str) -> None:
    info = describe_scope(scope)
    assert info.grade == "medium"
    assert "no words for" in info.words
