"""`penumbra accuracy` as a person uses it: tables, JSON, faults, and the files it writes."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import cli
from app.identify.accuracy import HIGHER_IS_BETTER
from app.identify.accuracy_page import BEGIN, END

ROWS = """\
id,kind,value,publisher,expected_name,expected_domain,is_marketing,tier,half,real,source
1,sso_label,HubSpot - Prod SAML,,HubSpot,hubspot.com,1,head,report,1,x
2,sso_label,Slack,,Zoom,zoom.us,0,head,report,1,x
3,merchant,NOBODY KNOWS THIS,,Acme,acme.example,1,tail,report,0,own
4,domain,app.hubspot.com,,HubSpot,,1,head,tune,0,own
5,oauth_app,HubSpot,Zyxq Holdings,,,0,lookalike,tune,0,own
6,domain,mailchimp.com,,,,0,lookalike,report,0,own
"""


def run(*arguments: str | Path, status: int = 0) -> Result:
    result = CliRunner().invoke(cli, ["accuracy", *map(str, arguments)])
    assert result.exit_code == status, result.output
    return result


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(ROWS)
    return path


def figures(*arguments: str | Path) -> Any:
    return json.loads(run(*arguments, "--json").stdout)


def test_the_tables_are_for_people(rows: Path) -> None:
    text = run(rows).stdout
    assert "all: 6 rows" in text
    assert "50.0 % (15.0–85.0, n 4)" in text
    assert "single sign-on labels" in text
    assert "look-alikes" in text
    assert "Missed" not in text


def test_a_half_is_counted_by_itself(rows: Path) -> None:
    every = figures(rows)
    assert every["rows"] == 6
    assert set(every["figures"]["all"]) == set(HIGHER_IS_BETTER)
    report = figures(rows, "--half", "report")
    assert report["rows"] == 4
    assert report["figures"]["all"]["vendor_recall"] == {
        **{"share": 0.3333, "low": 0.0615, "high": 0.7923, "hits": 1, "n": 3}
    }
    assert report["figures"]["all"]["wrong_vendor"]["hits"] == 1
    assert report["figures"]["lookalike"]["false_matches"]["hits"] == 1
    assert figures(rows, "--half", "tune")["figures"]["all"]["vendor_recall"]["share"] == 1.0
    assert (
        "Missed: all: vendor_recall is 33.3% of 3; 92.0% is promised" in run(rows, "--half", "report").stdout
    )


def test_faults_are_listed_with_what_was_expected(rows: Path) -> None:
    text = run(rows, "--faults").stdout
    assert "line 3: wrong: sso_label 'Slack': expected Zoom, answered Slack (name)" in text
    assert "line 4: missed: merchant 'NOBODY KNOWS THIS': expected Acme, answered nothing; not taken" in text
    assert (
        "line 7: false: domain 'mailchimp.com': expected nothing, answered Mailchimp (domain); taken" in text
    )
    assert "line 2" not in text
    assert "and 2 more" in run(rows, "--faults", "--limit", "1").stdout
    listed = figures(rows, "--faults", "--limit", "2")
    assert [f["fault"] for f in listed["faults"]] == ["wrong", "missed"]
    assert listed["faults_in_all"] == 3


def test_the_committed_figures_and_the_page_are_written(rows: Path, tmp_path: Path) -> None:
    written, page = tmp_path / "accuracy.json", tmp_path / "page.md"
    page.write_text(f"# Page\n{BEGIN}\n{END}\n")
    run(rows, "--half", "tune", "--write", written, "--page", page)
    both = json.loads(written.read_text())
    assert set(both) == {"tune", "report"}
    assert both["report"] == figures(rows, "--half", "report")["figures"]
    assert "### The held-back half" in page.read_text()
    assert "| all rows | 33.3 % (6.1–79.2, n 3) |" in page.read_text()


def test_bad_input_is_explained(rows: Path, tmp_path: Path) -> None:
    assert "No such file" in run(tmp_path / "none.csv", status=2).stderr
    bad = tmp_path / "bad.csv"
    bad.write_text("kind,value,expected_name\nsso,HubSpot,HubSpot\nshoe,x,y\n")
    assert f"{bad}, line 3: kind is 'shoe'; use one of sso_label" in run(bad, status=2).stderr
    bad.write_text("kind,value,expected_name\nsso,HubSpot,HubSpot\n")
    assert "has no rows of the half 'report'" in run(bad, "--half", "report", status=2).stderr
    assert "has no rows of the half" in run(bad, "--write", tmp_path / "x.json", status=2).stderr
    page = tmp_path / "page.md"
    page.write_text("# no marks\n")
    assert f"{page}: the page needs a line {BEGIN}" in run(rows, "--page", page, status=2).stderr
    assert "cannot be used" in run(rows, "--page", tmp_path / "none.md", status=2).stderr
    assert "cannot be written" in run(rows, "--write", tmp_path, status=2).stderr
    assert run(rows, "--half", "both", status=2)
    assert run(rows, "--limit", "0", status=2)
