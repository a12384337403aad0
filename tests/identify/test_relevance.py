"""Which expenses of unknown merchants are kept, and whose tool an unknown one is."""

from datetime import date

import pytest

from app.catalog.relevance import is_for_software
from app.identify import AudienceSignals, audience, default_knowledge_base, describe_unknown
from connectors.identifiers import Identifier
from connectors.observations import ExpenseSeen

G = "https://www.googleapis.com/auth/"


def expense(descriptor: str, **facts) -> ExpenseSeen:
    return ExpenseSeen(
        ref="1", occurred_on=date(2026, 1, 2), amount_minor=100, currency="EUR", merchant=descriptor,
        descriptor=descriptor, **facts
    )  # fmt: skip


def kept(descriptor: str, **facts) -> bool:
    return is_for_software(
        expense(descriptor, **facts), describe_unknown([Identifier("merchant", descriptor)])
    )


def test_a_merchant_of_record_sells_software_only() -> None:
    for line in ("PADDLE.NET*", "FSPRG.COM", "2CO.COM*", "DIGITAL RIVER", "CLEVERBRIDGE", "APPLE.COM/BILL"):
        assert kept(line)
        assert kept(line, mcc="5999")


def test_a_wallet_or_till_is_kept_only_if_the_expense_says_software() -> None:
    for line in ("PAYPAL *", "SUMUP *", "AMZN MKTP", "STRIPE"):
        assert not kept(line)
        assert not kept(line, mcc="5999")
        assert not kept(line, category="Marketing")
        assert kept(line, mcc="5734")
        assert kept(line, category="Software & apps")


def test_a_ticket_or_a_meal_is_never_a_tool() -> None:
    for line in ("EB *SPRING GALA 2026", "TST* BISTRO 21"):
        assert not kept(line, mcc="7372", category="Software")


def test_every_reseller_says_what_it_sells() -> None:
    sells = {r.id: r.sells for r in default_knowledge_base().resellers}
    assert sells["paddle"] == sells["fastspring"] == "software"
    assert sells["paypal"] == sells["square"] == "anything"
    assert sells["eventbrite-ticket"] == "tickets"
    assert describe_unknown([Identifier("merchant", "PADDLE.NET*")]).sells == "software"
    assert describe_unknown([Identifier("merchant", "ACME BOARD")]).sells == ""


@pytest.mark.parametrize(
    ("line", "domain", "name"),
    [
        ("FROBNICATOR.IO LONDON", "frobnicator.io", "Frobnicator"),
        ("WWW.FROBNICATOR.CO.UK 8005551234", "frobnicator.co.uk", "Frobnicator"),
        ("PADDLE.NET* FROBNICATOR.IO", "frobnicator.io", "Frobnicator"),
        ("ACME BOARD ACMEBOARD.IO", "acmeboard.io", "Acme Board"),
    ],
)
def test_a_printed_domain_makes_the_key(line: str, domain: str, name: str) -> None:
    unknown = describe_unknown([Identifier("merchant", line)])
    assert (unknown.key, unknown.domain, unknown.name) == (f"domain:{domain}", domain, name)
    assert describe_unknown([Identifier("app_name", name), Identifier("domain", domain)]).key == unknown.key


@pytest.mark.parametrize(
    "line", ["DR.MED SCHULZ", "ACME BOARD GOOGLE.COM", "HOTEL ST.LOUIS", "ACME SP. Z O.O."]
)
def test_what_only_looks_like_a_domain_makes_no_key(line: str) -> None:
    assert describe_unknown([Identifier("merchant", line)]).domain is None


@pytest.mark.parametrize(
    "line",
    ["QUORBLE GMBH AACHEN", "QUORBLE SP. Z O.O. LUBLIN", "QUORBLE EUROPE LTD SLOUGH", "QUORBLE OY ESPOO",
     "QUORBLE S.R.L. PARMA", "QUORBLE B.V. DELFT", "NORTHWIND DBA QUORBLE", "QUORBLE A/S AARHUS"],
)  # fmt: skip
def test_a_stranger_s_company_meets_its_label(line: str) -> None:
    assert describe_unknown([Identifier("merchant", line)]).key == "name:quorble"


def judge(**signals) -> str:
    return audience(None, AudienceSignals(**signals)).value


def test_a_tool_that_only_marketing_uses_is_marketing_s() -> None:
    many = {"Brand": 3, "Marketing": 1}
    verdict = audience(None, AudienceSignals(departments=many, people=4))
    assert verdict.value == "marketing"
    assert verdict.confidence < 0.7
    assert "4 of the 4" in verdict.reasons[0]
    assert judge(departments={"Marketing": 9, "IT": 1}, people=10) == "marketing"
    assert judge(departments={"Marketing": 8, "IT": 2}, people=10) == "unsure"
    assert judge(departments={"Marketing": 4}, people=9) == "unsure"
    assert judge(departments={"Marketing": 4}, people=4, accounts=("Legal fees",)) == "unsure"
    assert judge(departments={"Marketing": 3}, people=3) == "unsure"


def test_two_people_of_marketing_need_a_marketing_sign() -> None:
    two = {"departments": {"Marketing": 2}, "people": 2}
    assert judge(**two) == "unsure"
    assert judge(**two, scopes=(G + "contacts", G + "gmail.send", G + "documents")) == "unsure"
    assert judge(**two, mcc=("5968",)) == "unsure"
    assert judge(**two, scopes=(G + "webmasters.readonly",)) == "marketing"
    assert judge(**two, mcc=("7311",)) == "marketing"
    assert judge(**two, accounts=("Marketing / 6700",)) == "marketing"
    assert judge(departments={"Marketing": 2, "IT": 1}, people=3, mcc=("7333",)) == "unsure"


def test_an_unresolved_reseller_is_nobody_s() -> None:
    assert judge(departments={"Marketing": 9}, people=9, mcc=("7311",), unresolved=True) == "unsure"
