"""Measuring counts what it says it counts, and explains a file that it cannot read."""

from pathlib import Path

import pytest

from app.identify import default_knowledge_base
from app.identify.accuracy import (
    HIGHER_IS_BETTER,
    PROMISED,
    Judge,
    Share,
    Table,
    figures,
    from_json,
    measure,
    overstated,
    setbacks,
    shortfalls,
    tabulate,
    to_json,
)
from app.identify.accuracy_page import BEGIN, END, cell, markdown, with_figures
from app.identify.labelled import LabelledFileError, LabelledRow, parse_labelled, read_labelled

KB = default_knowledge_base()
HEAD = "kind,value,publisher,expected_name,expected_domain,is_marketing,tier,half,real"


def rows(*lines: str, head: str = HEAD) -> list[LabelledRow]:
    return list(parse_labelled([head, *lines], "rows.csv"))


def counts(*lines: str) -> dict[str, tuple[int, int]]:
    return {name: (s.hits, s.n) for name, s in figures(measure(KB, rows(*lines))).items()}


def test_the_vendor_counts_by_any_of_its_names_and_domains() -> None:
    judge = Judge(KB)
    product = KB.products["mailchimp"]
    for name, domain in [
        ("Mailchimp", ""),
        ("MAILCHIMP", ""),
        ("The Rocket Science Group, LLC", ""),
        ("", "mailchimp.com"),
        ("", "https://login.mailchimp.com/x"),
        ("Something Else", "mailchimp.com"),
        ("Mandrill", ""),
    ]:
        row = LabelledRow(2, "sso_label", "x", expected_name=name, expected_domain=domain)
        assert judge.is_expected(product, row), (name, domain)
    for name, domain in [("HubSpot", ""), ("", "hubspot.com"), ("Mail", ""), ("", "chimp.com")]:
        row = LabelledRow(2, "sso_label", "x", expected_name=name, expected_domain=domain)
        assert not judge.is_expected(product, row), (name, domain)


def test_another_product_of_the_same_vendor_is_the_right_vendor() -> None:
    row = LabelledRow(2, "sso_label", "x", expected_name="Google Ads")
    assert Judge(KB).is_expected(KB.products["google-analytics"], row)
    assert not Judge(KB).is_expected(KB.products["hubspot"], row)


def test_right_wrong_missed_and_false_are_counted_apart() -> None:
    assert counts(
        "sso_label,HubSpot,,HubSpot,hubspot.com,1,head,report,1",
        "sso_label,Slack,,Zoom,zoom.us,0,head,report,1",
        "merchant,NOBODY KNOWS THIS,,Acme,acme.example,1,tail,report,0",
        "merchant,COSTA COFFEE,,,,0,noise,report,1",
        "domain,hubspot.com,,,,0,lookalike,report,0",
    ) == {
        "vendor_recall": (1, 3),
        "wrong_vendor": (1, 3),
        "precision": (1, 3),
        "marketing_precision": (1, 2),
        "marketing_recall": (1, 2),
        "false_matches": (1, 2),
    }


def test_a_row_without_a_verdict_is_not_scored_on_audience() -> None:
    scored = counts("sso_label,Canva,,Canva,canva.com,,head,tune,1")
    assert scored["vendor_recall"] == (1, 1)
    assert scored["marketing_precision"] == scored["marketing_recall"] == (0, 0)


def test_evidence_of_the_row_makes_an_unknown_tool_marketings() -> None:
    head = "kind,value,mcc,category,expected_name,is_marketing"
    line = "merchant,ZYXQ NEWSLETTER CAMPAIGNS,7311,Advertising,Zyxq,1"
    (outcome,) = measure(KB, rows(line, head=head))
    assert outcome.match is None
    assert outcome.marketing
    (bare,) = measure(KB, rows("merchant,ZYXQ,,,Zyxq,1", head=head))
    assert not bare.marketing
    assert bare.audience_fault == "not taken for marketing's"


def test_the_publisher_is_told_to_the_matcher() -> None:
    plain, foreign = measure(
        KB,
        rows(
            "oauth_app,HubSpot,,HubSpot,,1,head,report,0",
            "oauth_app,HubSpot,Zyxq Holdings Ltd,,,0,lookalike,report,0",
        ),
    )
    assert plain.right
    assert foreign.match is None
    assert foreign.fault == ""


def test_groups_are_kinds_tiers_and_origin_that_occur() -> None:
    table = tabulate(
        measure(
            KB,
            rows("sso_label,HubSpot,,HubSpot,,1,head,report,1", "merchant,COSTA COFFEE,,,,0,noise,report,0"),
        )
    )
    assert set(table) == {"all", "sso_label", "merchant", "head", "noise", "said_95", "real", "own"}
    assert table["head"]["vendor_recall"] == Share(1, 1)
    assert table["noise"]["false_matches"] == Share(0, 1)
    assert from_json(to_json(table)) == table


def test_an_answer_that_is_surer_than_right_is_told() -> None:
    wrong = [f"sso_label,HubSpot,,Zoom {n},zoom{n}.example,0,head,report,1" for n in range(20)]
    table = tabulate(measure(KB, rows(*wrong)))
    assert overstated(table) == ["said_95: 0.0% of 20 are right; at least 95% is said"]
    right = tabulate(measure(KB, rows("sso_label,HubSpot,,HubSpot,,1,head,report,1")))
    assert overstated(right) == []


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662), (0, 0, 0.0, 1.0)],
)
def test_the_interval_is_wilsons(hits: int, n: int, low: float, high: float) -> None:
    assert Share(hits, n).interval == pytest.approx((low, high), abs=5e-5)


def even(value: float, n: int = 1000) -> Table:
    """A table in which every figure is so good: `value` above, the rest below."""
    row = {
        name: Share(round((value if better else 1 - value) * n), n)
        for name, better in HIGHER_IS_BETTER.items()
    }
    return {"all": row, "merchant": dict(row)}


def test_what_is_promised_is_held_against_a_table() -> None:
    assert shortfalls(even(0.99)) == []
    assert len(shortfalls(even(0.90))) == 2 * len(PROMISED) - 2  # a kind may have recall 0.87 and 0.88
    bent = even(0.99)
    bent["merchant"]["vendor_recall"] = Share(880, 1000)
    assert shortfalls(bent) == []
    bent["merchant"]["vendor_recall"] = Share(860, 1000)
    assert [str(s) for s in shortfalls(bent)] == [
        "merchant: vendor_recall is 86.0% of 1000; 87.0% is promised"
    ]


def test_a_figure_that_falls_out_of_its_interval_is_a_setback() -> None:
    committed = even(0.95)
    assert setbacks(even(0.95), committed) == []
    assert setbacks(even(0.99), committed) == []
    assert setbacks(even(0.94), committed) == []
    fallen = setbacks(even(0.92), committed)
    assert len(fallen) == 2 * len(HIGHER_IS_BETTER)
    assert fallen[0] == "all: vendor_recall fell to 92.0% of 1000 from 95.0% of 1000"
    assert "merchant: vendor_recall is no longer measured; it was 95.0% of 1000" in setbacks(
        {"all": committed["all"]}, committed
    )


def test_a_table_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="vendor_recall"):
        from_json({"all": {}})
    with pytest.raises(ValueError, match="no table"):
        from_json({"all": None})


def test_the_page_gets_its_tables_between_the_marks() -> None:
    halves = {"report": even(0.95), "tune": even(0.9)}
    page = with_figures(f"# Title\n\n{BEGIN}\nold\n{END}\nafter\n", halves)
    assert page.startswith(f"# Title\n\n{BEGIN}\n### The held-back half\n")
    assert page.endswith(f"{END}\nafter\n")
    assert "old" not in page
    assert "| all rows | 95.0 % (93.5–96.2, n 1,000) | 5.0 %" in page
    assert with_figures(page, halves) == page
    assert markdown({"tune": even(0.9)}).startswith("### The half that rules are tuned on")
    assert cell(Share(0, 0)) == "–"


@pytest.mark.parametrize("page", ["none", f"{END} {BEGIN}", f"{BEGIN} {BEGIN} {END}", f"{BEGIN}{END}{END}"])
def test_a_page_without_its_marks_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="each once"):
        with_figures(page, {})


# --- files ---------------------------------------------------------------------------------------


def test_other_spellings_and_kinds_are_read() -> None:
    (row,) = rows("SSO,HubSpot,HubSpot,a note,Yes", head="kind,value,expected_name,note,is_marketing")
    assert row.kind == "sso_label"
    assert row.is_marketing is True
    assert row.half == row.tier == row.publisher == ""
    kinds = ["sso", "label", "app", "OAuth", "client", "host", "statement", "oauth_app", "domain"]
    read = rows(*(f"{kind},x,y" for kind in kinds), head="kind,value,expected_name")
    assert [r.kind for r in read] == [
        *("sso_label", "sso_label", "oauth_app", "oauth_app", "oauth_app"),
        *("domain", "merchant", "oauth_app", "domain"),
    ]


def test_a_file_of_descriptors_is_one_of_statement_lines() -> None:
    read = rows(
        "INTUIT *MAILCHIMP,Mailchimp,mailchimp.com,1,saas",
        "COSTA COFFEE,Costa Coffee,,0,non_saas",
        "CHANG FU GONG,Chang Fu Gong,,0,lookalike_real",
        "PADDLE.NET* X,Paddle,paddle.com,0,ambiguous",
        head="descriptor,canonical_vendor,vendor_domain,is_marketing,kind",
    )
    assert {r.kind for r in read} == {"merchant"}
    assert read[0].expected_name == "Mailchimp"
    assert read[0].expected_domain == "mailchimp.com"
    assert [r.expects for r in read] == [True, False, False, False]
    assert [r.tier for r in read] == ["", "noise", "lookalike", "reseller"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no column named value; it has: none"),
        ("name\nx\n", "has no column named value; it has: name"),
        ("value,expected_name\nx,y\n", "has no column named kind"),
        ("kind,value\nsso,y\n", "expected_name or expected_domain"),
        ("kind,value,expected_name\n", "has no rows"),
        ("kind,value,expected_name\nsso,x,y\nssoo,x,y\n", "line 3: kind is 'ssoo'; use one of sso_label"),
        ("kind,value,expected_name\nsso,,y\n", "line 2: value is empty"),
        ("descriptor,expected_name\n ,y\n", "line 2: descriptor is empty"),
        ("kind,value,expected_name,is_marketing\nsso,x,y,maybe\n", "line 2: is_marketing is 'maybe'"),
        ("kind,value,expected_name,tier\nsso,x,y,top\n", "line 2: tier is 'top'; use one of head"),
        ("kind,value,expected_name,half\nsso,x,y,both\n", "line 2: half is 'both'; use one of tune, report"),
        ("kind,value,expected_name\nsso,x,y,z\n", "line 2: the row has more cells"),
        ('kind,value,expected_name\nsso,"x,y\n', "line 2: unexpected end of data"),
    ],
)
def test_a_bad_file_is_explained(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(text)
    with pytest.raises(LabelledFileError) as caught:
        read_labelled(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelledFileError, match=r"none\.csv cannot be read: No such file"):
        read_labelled(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes("kind,value,expected_name\nsso,Caf\xe9,x\n".encode("latin-1"))
    with pytest.raises(LabelledFileError, match="is not UTF-8"):
        read_labelled(tmp_path / "latin.csv")
