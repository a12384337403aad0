"""`penumbra kb` as a person uses it, on a copy of the shipped data."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import cli
from app.identify import default_knowledge_base
from app.identify.explain import guess_kind, suggest
from app.identify.records import DATA_FOLDER, KnowledgeBase
from connectors.identifiers import APP_NAME, DOMAIN, MERCHANT

KB = default_knowledge_base()


def run(*arguments: str | Path, status: int = 0) -> Result:
    result = CliRunner().invoke(cli, ["kb", *map(str, arguments)])
    assert result.exit_code == status, result.output
    return result


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small data folder without a fault: two of the shipped files, and all beside them."""
    for name in ("marketing/CE-SEO.json", "other/finance.json"):
        (tmp_path / name).parent.mkdir()
        shutil.copy(DATA_FOLDER / name, tmp_path / name)
    for path in DATA_FOLDER.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path)
    return tmp_path


# --- lint ----------------------------------------------------------------------------------------


def test_lint_says_that_all_is_well(folder: Path) -> None:
    assert "records: nothing to mend" in run("lint", "--folder", folder).stdout
    said = json.loads(run("lint", "--folder", folder, "--json").stdout)
    assert said["findings"] == []
    assert said["records"] > 100


def test_lint_names_file_and_record_and_ends_with_1(folder: Path) -> None:
    path = folder / "marketing" / "CE-SEO.json"
    path.write_text(path.read_text().replace('"id": "ahrefs"', '"id": "Ahrefs"'))
    text = run("lint", "--folder", folder, status=1).stdout
    assert "marketing/CE-SEO.json: Ahrefs: the id 'Ahrefs' must be lower-case words" in text
    assert "1 things to mend" not in text  # the order of the file is wrong as well
    found = json.loads(run("lint", "--folder", folder, "--json", status=1).stdout)["findings"]
    assert {f["check"] for f in found} == {"text", "style"}


def test_lint_mends_the_style_only_when_asked(folder: Path) -> None:
    path = folder / "other" / "finance.json"
    good = path.read_text()
    path.write_text(json.dumps(json.loads(good)))
    assert "run: penumbra kb lint --fix" in run("lint", "--folder", folder, status=1).stdout
    text = run("lint", "--folder", folder, "--fix").stdout
    assert "other/finance.json: rewritten in the one style" in text
    assert path.read_text() == good
    assert json.loads(run("lint", "--folder", folder, "--fix", "--json").stdout)["rewritten"] == []


def test_a_folder_that_is_none_is_explained(tmp_path: Path) -> None:
    for command in ("lint", "stats"):
        assert "no data folder" in run(command, "--folder", tmp_path, status=2).stderr


# --- stats ---------------------------------------------------------------------------------------


def test_stats_count_the_shipped_data() -> None:
    counted = json.loads(run("stats", "--json").stdout)
    assert counted["products"] == len(KB.products)
    assert sum(counted["audience"].values()) == len(KB.products)
    assert len(counted["landscape"]) == 49
    assert all(heading["products"] > 0 and heading["name"] for heading in counted["landscape"])
    assert sum(h["products"] for h in counted["landscape"]) + sum(counted["areas"].values()) == len(
        KB.products
    )
    assert counted["fields"]["former_names"] == sum(bool(p.former_names) for p in KB.products.values())
    assert counted["values"]["hosts"] == sum(len(p.hosts) for p in KB.products.values())
    assert counted["sources"]["own"] > 1000


def test_stats_are_shown_to_people(folder: Path) -> None:
    text = run("stats", "--folder", folder).stdout
    assert "CE-SEO " in text
    assert "finance" in text
    assert "former_names" in text


# --- explain -------------------------------------------------------------------------------------


def explained(*arguments: str) -> Any:
    return json.loads(run("explain", *arguments, "--json").stdout)


def test_an_answer_is_explained_step_by_step() -> None:
    text = run("explain", "HubSpot - Prod (EU) SAML").stdout
    assert "an application's name (guessed" in text
    assert "Normal form   hubspot\n" in text
    assert "Taken off     prod, eu, saml\n" in text
    assert "HubSpot (hubspot.com) by HubSpot, CE-MA" in text
    assert "confidence 0.9" in text
    assert "guessed" not in run("explain", "HubSpot", "--kind", "sso_label").stdout
    said = explained("app.hubspot.com")
    assert (said["kind"], said["answer"]["product"], said["silence"]) == ("domain", "hubspot", None)
    assert said["suggestions"] == []


def test_who_was_paid_through_is_said() -> None:
    said = explained("PAYPAL *MAILCHIMP 4029357733")
    assert (said["kind"], said["reseller"], said["normal"]) == ("merchant", "PayPal", "mailchimp")
    assert said["answer"]["product"] == "mailchimp"
    said = explained("PAYPAL *", "--kind", "merchant")
    assert said["answer"] is None
    assert "names only PayPal" in said["silence"]


def test_silence_has_a_reason() -> None:
    assert "Drift is an ordinary word" in explained("Drift")["silence"]
    assert "No product" in explained("Zyxqwv")["silence"]
    assert "owns zyxqwv.com" in explained("www.zyxqwv.com")["silence"]
    assert "several" not in explained("www.zyxqwv.com")["silence"]
    assert "Several products live under google.com" in explained("zyxqwv.google.com")["silence"]
    assert "no public host" in explained("zyx", "--kind", "domain")["silence"]
    foreign = explained("HubSpot", "--publisher", "Zyxq Holdings")["silence"]
    assert "the publisher 'Zyxq Holdings' beside it is not its maker's" in foreign
    foreign = explained("HubSpot", "--domain", "zyxqwv.com")["silence"]
    assert "the domain 'zyxqwv.com' beside it is not its maker's" in foreign


def test_what_fits_equally_well_is_named() -> None:
    one, other = (
        next(p for p in KB.products.values() if p.id == id_).domain for id_ in ("hubspot", "mailchimp")
    )
    said = explained(one, "--domain", other)
    assert said["answer"] is None
    assert "fit equally well" in said["silence"]
    assert {m["product"] for m in said["ranked"]} == {"hubspot", "mailchimp"}
    assert "Runner-up" in run("explain", one, "--domain", other).stdout


def test_nearly_so_is_only_suggested() -> None:
    said = explained("HubSpt")
    assert said["answer"] is None
    assert said["suggestions"][0]["product"] == "hubspot"
    assert 80 < said["suggestions"][0]["likeness"] < 100
    assert "a suggestion" in run("explain", "HubSpt").stdout
    assert explained("hubspott.com")["suggestions"][0]["product"] == "hubspot"
    assert suggest(KB, APP_NAME, "Qqqxzzyw") == ()
    assert suggest(KnowledgeBase({}, {}, (), frozenset()), APP_NAME, "HubSpot") == ()
    assert len(suggest(KB, APP_NAME, "Mail", most=2)) <= 2


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("app.hubspot.com", DOMAIN),
        ("https://hubspot.com/x", DOMAIN),
        ("HubSpot", APP_NAME),
        ("AWS", APP_NAME),
        ("Salesforce - Prod", APP_NAME),
        ("INTUIT *MAILCHIMP", MERCHANT),
        ("Paddle.net* Rytr", MERCHANT),
        ("HUBSPOT INC CAMBRIDGE", MERCHANT),
        ("HUBSPOT123456", MERCHANT),
    ],
)
def test_the_kind_is_guessed(text: str, kind: str) -> None:
    assert guess_kind(text) == kind


def test_explaining_nothing_is_refused() -> None:
    assert "NAME is empty" in run("explain", " ", status=2).stderr
    assert run("explain", "x", "--kind", "shoe", status=2)


# --- add -----------------------------------------------------------------------------------------

ZYXQ = ("add", "--name", "Zyxq", "--domain", "zyxq.com", "--category", "CE-SEO")


def test_a_product_is_added_where_it_belongs(folder: Path) -> None:
    path = folder / "marketing" / "CE-SEO.json"
    before = path.read_text()
    more = ("--alias", "Zyxq One", "--alias", "Zyxq Two", "--legal", "Zyxq Ltd", "--descriptor", "ZYXQ *")
    dry = run(*ZYXQ, *more, "--folder", folder, "--dry-run").stdout
    assert "it would go into" in dry
    assert path.read_text() == before
    text = run(*ZYXQ, *more, "--folder", folder).stdout
    assert f"Added to {path}" in text
    assert '"aliases": ["Zyxq One", "Zyxq Two"]' in text
    record = next(r for r in json.loads(path.read_text()) if r["id"] == "zyxq")
    assert record["legal_names"] == ["Zyxq Ltd"]
    assert record["sources"] == ["own"]
    assert "nothing to mend" in run("lint", "--folder", folder).stdout
    assert KnowledgeBase.load(folder).products["zyxq"].vendor == "Zyxq"


def test_what_collides_is_refused_and_names_with_whom(folder: Path) -> None:
    path = folder / "marketing" / "CE-SEO.json"
    before = path.read_text()
    refused = run(*ZYXQ, "--alias", "Ahrefs", "--folder", folder, status=1).stderr
    assert "Zyxq is not added" in refused
    assert "'Ahrefs' is also a name of Ahrefs (ahrefs in marketing/CE-SEO.json)" in refused
    refused = run(*ZYXQ, "--login", "app.ahrefs.com", "--login", "ahrefs.com", "--folder", folder, status=1)
    assert "the host 'ahrefs.com' is also a host of Ahrefs" in refused.stderr
    refused = run(*ZYXQ, "--former", "Butter", "--folder", folder, status=1).stderr
    assert 'add "guarded": ["Butter"]' in refused
    assert path.read_text() == before
    run(*ZYXQ, "--former", "Butter", "--guarded", "Butter", "--folder", folder)


def test_bad_options_are_explained(folder: Path) -> None:
    add = ("add", "--domain", "zyxq.com", "--folder", folder)
    assert "--name is empty" in run(*add, "--name", " ", "--category", "CE-SEO", status=2).stderr
    said = run(*add, "--name", "Zyxq", "--category", "shoes", status=2).stderr
    assert "there is no category 'shoes'" in said
    assert "finance" in said
    said = run(
        "add", "--name", "Zyxq", "--domain", "zyxq", "--category", "finance", "--folder", folder, status=1
    )
    assert "'zyxq' is no host name" in said.stderr
    assert run(*ZYXQ, "--pricing", "dear", "--folder", folder, status=2)
