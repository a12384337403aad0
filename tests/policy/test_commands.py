"""`penumbra policy`, as a person uses it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from app.cli import cli
from app.clock import utc_now
from app.db import make_engine, writing
from app.policy.reading import parse, plain, shipped, shipped_text, written
from tests.policy.support import policy
from tests.support import seed

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PENUMBRA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("PENUMBRA_DATABASE_URL", raising=False)
    runner = CliRunner()

    def invoke(*arguments: str, status: int = 0, **more: Any) -> Result:
        result = runner.invoke(cli, ["policy", *arguments], **more)
        assert result.exit_code == status, result.output
        return result

    return invoke


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ours.yaml"
    path.write_text(written(policy({"rules.4.when.all.2.at_most": 0, "passes": []})), encoding="utf-8")
    return path


def test_what_is_shown_can_be_set_and_is_shown_again(run: Run, file: Path) -> None:
    shown = run("show").stdout
    assert shown == f"# Version 0, active: The policy that is shipped.\n{shipped_text()}"
    assert parse(shown) == shipped()
    assert (
        run("set", str(file), "--note", "No passes.").stdout == "Version 1 of the policy holds from now on.\n"
    )
    shown = run("show").stdout
    assert shown.startswith("# Version 1, active: No passes.\n")
    assert parse(shown) == parse(file.read_text())
    assert yaml.safe_load(run("show", "--version", "0").stdout)["format"] == 1
    told = json.loads(run("show", "--version", "0", "--json").stdout)
    assert (told["active"], told["document"]) == (False, plain(shipped()))
    run("show", "--version", "9", status=2)


def test_trying_a_policy_changes_nothing(run: Run, file: Path, tmp_path: Path) -> None:
    run("show")
    engine = make_engine(f"sqlite:///{tmp_path / 'data' / 'penumbra.sqlite3'}")
    with writing(engine) as connection:
        made = seed.Seed(connection)
        made.tool("Linktree", people=3, grant_grade="low", last_seen=utc_now())
        made.tool("HubSpot", people=300, last_seen=utc_now())
    engine.dispose()
    lines = [" ".join(line.split()) for line in run("test", str(file)).stdout.splitlines()]
    assert "lane fast 1 -> 0" in lines
    assert "lane standard 0 -> 1" in lines
    assert "days for IT 8 -> 10" in lines
    assert "1 tool would be treated otherwise: 1 by lane, 1 by pass, 0 by opening again, 1 by time." in lines
    assert lines[-1] == (
        "Linktree (1): fast, pass for 90 days, 10 people and 250.00 EUR -> standard. "
        "No rule of the policy names a lane for it, so it takes the standard one."
    )
    told = json.loads(run("test", "-", "--days", "30", "--json", input=file.read_text()).stdout)
    assert (told["tools"], told["differing"], told["by_kind"]["pass"]) == (2, 1, 1)
    assert json.loads(run("show", "--json").stdout)["version"] == 0


def test_what_is_wrong_with_a_file_is_said(run: Run, file: Path, tmp_path: Path) -> None:
    file.write_text(file.read_text().replace("currency: EUR\n", "curency: EUR\n", 1))
    for command in (("test", str(file)), ("set", str(file), "--note", "x")):
        assert "there is no 'curency' here; do you mean 'currency'?" in run(*command, status=2).output
    assert "No such file" in run("test", str(tmp_path / "none.yaml"), status=2).output
    file.write_bytes(b"\xff\xfe")
    assert "not text in UTF-8" in run("test", str(file), status=2).output
    file.write_text(shipped_text())
    assert "note: 1 to 500 characters" in run("set", str(file), "--note", " ", status=2).output
