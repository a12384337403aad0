"""The command line as a person uses it: real settings, a real simulator, exit statuses, JSON for scripts."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from typer.testing import CliRunner

from app.cli import cli
from app.clock import utc_now
from app.db import make_engine, writing
from app.identify import default_knowledge_base
from app.models import merchants, tools
from app.teaching.schemas import CorrectIn
from app.teaching.service import Classroom
from connectors.okta.sample import sample_world
from connectors.okta.simulator import OktaSimulator
from connectors.simulation import Fault, serve

TOKEN = "00simulated-token"
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PENUMBRA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("PENUMBRA_DATABASE_URL", raising=False)
    runner = CliRunner()

    def invoke(*arguments: str, status: int = 0, **more: Any) -> Result:
        result = runner.invoke(cli, list(arguments), **more)
        assert result.exit_code == status, result.output
        return result

    return invoke


@dataclass
class Org:
    url: str
    simulator: OktaSimulator
    token_file: Path


@pytest.fixture
def org(tmp_path: Path) -> Iterator[Org]:
    simulator = OktaSimulator(sample_world(), page_limit=5)
    token_file = tmp_path / "token"
    token_file.write_text(TOKEN + "\n")
    with serve(simulator.app) as url:
        yield Org(url, simulator, token_file)


def _connect(run: Run, org: Org, name: str = "corp", status: int = 0, **more: Any) -> Result:
    return run(
        *("source", "add", "okta", "--name", name, "--set", f"base_url={org.url}"),
        *("--secret", f"api_token=@{org.token_file}"),
        status=status,
        **more,
    )


def test_connect_scan_and_list(run: Run, org: Org):
    assert "Connected corp" in _connect(run, org).output
    result = json.loads(run("scan", "corp", "--json").stdout)
    assert {"source", "outcome", "pages", "observations", "tools", "seconds", "error"} <= result.keys()
    assert (result["source"], result["outcome"], result["error"]) == ("corp", "complete", None)
    assert {"new", "known", "skipped"} <= result["observations"].keys()
    assert result["observations"]["new"] > 0
    assert result["tools"]["new"] > 0
    again = json.loads(run("scan", "corp", "--json").stdout)
    assert again["observations"]["new"] == 0
    assert again["tools"] == {"new": 0, "matched": result["tools"]["new"]}

    tools = json.loads(run("tools", "--json").stdout)
    wanted = (
        "id name domain category identity evidence governance ownership audience managed shadow flagged "
        "people sources first_seen last_seen"
    )
    assert list(tools[0]) == wanted.split()
    assert len(tools) == result["tools"]["new"]
    flagged = json.loads(run("tools", "--flagged", "--json").stdout)
    assert flagged == [t for t in tools if t["flagged"]]
    assert json.loads(run("tools", "--shadow", "--json").stdout) == [t for t in tools if t["shadow"]]
    assert "HubSpot" in run("tools").stdout


def test_the_token_is_never_printed_or_stored_in_the_clear(run: Run, org: Org, tmp_path: Path):
    said = _connect(run, org).output + run("source", "list", "--json").output + run("scan").output
    assert TOKEN not in said
    for path in (tmp_path / "data").rglob("*"):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes(), path


def test_a_secret_may_come_from_standard_input_but_not_from_the_command_line(run: Run, org: Org):
    common = ("source", "add", "okta", "--name", "corp", "--set", f"base_url={org.url}", "--secret")
    assert "api_token=@file" in run(*common, f"api_token={TOKEN}", status=2).output
    run(*common, "api_token=-", input=TOKEN + "\n")


def test_settings_that_are_wrong_are_named(run: Run, org: Org):
    common = ("source", "add", "okta", "--name", "corp", "--secret", f"api_token=@{org.token_file}")
    assert "config.base_urll" in run(*common, "--set", "base_urll=x", status=2).output
    assert "https" in run(*common, "--set", "base_url=http://acme.okta.com", status=2).output
    assert "name=value" in run(*common, "--set", "base_url", status=2).output
    assert "ramp" in run("source", "add", "oktaa", "--name", "x", status=2).output


def test_a_source_is_tried_before_it_is_saved(run: Run, org: Org):
    org.token_file.write_text("wrong")
    assert "refuses the credential" in _connect(run, org, status=2).output
    assert json.loads(run("source", "list", "--json").stdout) == []


def test_a_missing_permission_is_named_and_can_be_overridden(run: Run, org: Org):
    org.simulator.deny("okta.logs.read")
    assert "okta.logs.read" in _connect(run, org, status=2).output
    run(
        *("source", "add", "okta", "--name", "corp", "--force", "--set", f"base_url={org.url}"),
        *("--secret", f"api_token=@{org.token_file}"),
    )
    assert "MISSING" in run("source", "check", "corp", status=1).output
    partial = json.loads(run("scan", "corp", "--json", status=3).stdout)
    assert partial["outcome"] == "partial"
    assert partial["permission"] == "okta.logs.read"
    assert "okta.logs.read" in run("doctor", status=1).output


def test_one_account_is_connected_once(run: Run, org: Org):
    _connect(run, org)
    assert "account" in _connect(run, org, name="again", status=2).output


def test_a_failed_scan_has_its_own_exit_status(run: Run, org: Org):
    _connect(run, org)
    org.simulator.app.faults.append(Fault("", times=None, status=403))
    result = json.loads(run("scan", "corp", "--json", status=1).stdout)
    assert result["outcome"] == "failed"
    assert result["error"]


def test_remove(run: Run, org: Org):
    _connect(run, org)
    run("source", "remove", "corp", "--yes")
    assert "no source named" in run("source", "check", "corp", status=2).output
    assert "no source yet" in run("scan", status=2).output


def test_scan_of_an_unknown_source_says_which_there_are(run: Run, org: Org):
    _connect(run, org)
    assert "there are: corp" in run("scan", "nope", status=2).output


def test_import_names_the_bad_line_and_takes_the_rest_once(run: Run, tmp_path: Path):
    lines = ["Buchungstag;Händler;Betrag;Währung\n".encode()]
    merchants = ("MAILCHIMP *MISC", "CANVA* 04412-77812", "SEMRUSH.COM", "Café Müller")
    for number in range(2, 1000):
        day = "31.02.2026" if number == 812 else f"{13 + number % 15}.{1 + number % 6:02}.2026"
        amount = "1.234,56" if number % 3 else "(19,99)"
        line = f"{day};{merchants[number % 4]} {number};{amount};EUR\n"
        lines.append(line.encode("cp1252" if number % 2 else "utf-8"))
    file = tmp_path / "statement.csv"
    file.write_bytes(b"".join(lines))
    first = json.loads(run("import", str(file), "--account", "eu", "--json").stdout)
    assert first["outcome"] == "complete"
    assert first["observations"]["skipped"] == 1
    assert "line 812" in first["skipped"][0]["ref"]
    assert "31.02.2026" in first["skipped"][0]["reason"]
    software = sum(1 for n in range(2, 1000) if n % 4 != 3 and n != 812)
    assert first["observations"]["new"] == software
    copy = tmp_path / "copy of statement.csv"
    copy.write_bytes(file.read_bytes())
    for again in (file, copy):
        result = json.loads(run("import", str(again), "--account", "eu", "--json").stdout)
        assert result["observations"]["new"] == 0
        assert result["tools"] == {"new": 0, "matched": 3}


def test_identify_keeps_columns_and_adds_answers(run: Run, tmp_path: Path):
    given, answered = tmp_path / "in.csv", tmp_path / "out.csv"
    given.write_text(
        "note,kind,value\nfirst,sso_label,HubSpot - Prod\nsecond,merchant,CANVA* 04412-77812\n"
        "third,domain,nobody-knows.example\nfourth,oauth_app,Mailchimp\n"
    )
    run("identify", "--input", str(given), "--output", str(answered))
    with answered.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [r["note"] for r in rows] == ["first", "second", "third", "fourth"]
    assert [r["predicted_name"] for r in rows] == ["HubSpot", "Canva", "", "Mailchimp"]
    assert [r["predicted_is_marketing"] for r in rows] == ["1", "1", "", "1"]
    assert all(r["rule"] and 0 < float(r["confidence"]) <= 1 for r in rows if r["predicted_name"])
    given.write_text("kind,value\nnonsense,x\n")
    assert "line 2" in run("identify", "--input", str(given), "--output", str(answered), status=2).output
    given.write_text("a,b\n1,2\n")
    assert "kind" in run("identify", "--input", str(given), "--output", str(answered), status=2).output


def test_tokens_are_shown_once(run: Run):
    made = json.loads(
        run("token", "create", "--name", "ci", "--role", "reader", "--days", "7", "--json").stdout
    )
    assert made["token"].startswith("pen_")
    assert datetime.fromisoformat(made["expires_at"]).astimezone(UTC) > datetime.now(UTC)
    assert made["token"] not in run("token", "list", "--json").stdout
    run("token", "revoke", "ci")
    assert "revoked" in run("token", "list").stdout
    assert "name" in run("token", "create", "--name", "ci", status=2).output


def test_doctor_finds_a_database_that_is_not_up_to_date(run: Run):
    assert "penumbra db upgrade" in run("doctor", status=1).output
    run("db", "upgrade")
    findings = json.loads(run("doctor", "--json").stdout)
    assert all(f["ok"] for f in findings)


def test_a_wrong_environment_variable_is_named(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PENUMBRA_PORT", "many")
    assert "PENUMBRA_PORT" in run("tools", status=2).output


def test_every_command_explains_itself(run: Run):
    for command in (
        "",
        "serve",
        "demo",
        "source",
        "scan",
        "import",
        "identify",
        "tools",
        "token",
        "db",
        "doctor",
    ):
        text = run(*command.split(), "--help").output
        assert len(text) > 200, command


def test_what_was_taught_is_listed_undone_and_handed_on(run: Run, tmp_path: Path) -> None:
    statement = tmp_path / "card.csv"
    statement.write_text("Date,Description,Amount\n2026-11-02,ZZYX ANALYTICS.IO BERLIN,-49.00\n")
    run("import", str(statement), "--account", "card", "--currency", "EUR")
    assert "Nobody has taught anything" in run("teach", "list").output
    engine = make_engine(f"sqlite:///{tmp_path / 'data' / 'penumbra.sqlite3'}")
    with writing(engine) as connection:
        tool = connection.execute(sa.select(tools)).one()
        paid = list(connection.scalars(sa.select(merchants.c.id)))
        room = Classroom(connection, default_knowledge_base(), actor="token:ada", now=utc_now())
        wanted = {"merchants": paid, "to": {"new": {"name": "Zzyx Suite"}}, "reason": "its own tool"}
        room.correct(tool.id, tool.version, CorrectIn.model_validate(wanted))
    listed = run("teach", "list").output
    for word in ("1  ", "  ada  correct  ", "Zzyx -> Zzyx Suite", "its own tool"):
        assert word in listed
    assert json.loads(run("teach", "list", "--tool", "999", "--json").output) == []
    record = json.loads(run("teach", "export").output)[0]
    assert (record["id"], record["sources"]) == ("zzyx-suite", ["own"])
    assert json.loads(run("teach", "export", "--json").output)[0]["name"] == "Zzyx Suite"
    assert "Undone: 1" in run("teach", "undo", "1", "--reason", "no").output
    assert "was undone already" in run("teach", "undo", "1", status=2).output
    assert "There is no teaching 7" in run("teach", "undo", "7", status=2).output
    for words in (("list", "--tool", "0"), ("list", "--tool", str(2**64)), ("undo", str(2**64))):
        assert "Invalid value for" in run("teach", *words, status=2).output
    assert json.loads(run("teach", "list", "--json").output) == []
    undone = json.loads(run("teach", "list", "--all", "--json").output)
    assert [(t["verb"], t["undo_reason"]) for t in undone] == [("correct", "no")]
    engine.dispose()
