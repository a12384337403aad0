"""`penumbra user`: the first day's link, logging somebody out, untying them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from typer.testing import CliRunner

from app.cli import cli
from app.clock import utc_now
from app.commands import serve
from app.db import make_engine, writing
from app.models import user_identities
from app.security import first
from app.security.schemas import SessionKind
from app.security.sessions import begin

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    data = tmp_path / "data"
    data.mkdir()
    (data / "penumbra.sqlite3").write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("PENUMBRA_DATA_DIR", str(data))
    monkeypatch.delenv("PENUMBRA_DATABASE_URL", raising=False)

    def invoke(*arguments: str, status: int = 0, **more: Any) -> Result:
        result = CliRunner().invoke(cli, list(arguments), **more)
        assert result.exit_code == status, result.output
        return result

    return invoke


def test_the_first_day_on_the_command_line(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "run_server", lambda *_args, **_more: None)
    shown = run("serve", "--host", "0.0.0.0", "--port", "8123").output
    assert "http://127.0.0.1:8123/first?link=" in shown
    made = json.loads(run("user", "first", "--address", "ada@acme.example", "--name", "Ada", "--json").stdout)
    assert made["minutes"] == 60
    assert "email:" in run("user", "first", "--address", "ada", status=2).output
    monkeypatch.setenv("PENUMBRA_PUBLIC_URL", "https://penumbra.acme.example")
    link = run("user", "first").stdout.strip()
    assert link.startswith("https://penumbra.acme.example/first?link=")
    engine = make_engine(f"sqlite:///{tmp_path / 'data' / 'penumbra.sqlite3'}")
    with writing(engine) as connection:
        first.use_link(connection, link.partition("=")[2], openid=False, now=utc_now())
    engine.dispose()
    assert "There is an administrator already" in run("user", "first", status=2).output
    assert "/first" not in run("serve").output


def test_with_the_companys_login_there_is_no_link(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "run_server", lambda *_args, **_more: None)
    monkeypatch.setenv("PENUMBRA_OIDC_ISSUER", "https://id.acme.example")
    assert "PENUMBRA_OIDC_ISSUER: Value error, needs PENUMBRA_PUBLIC_URL too" in run("serve", status=2).output
    monkeypatch.setenv("PENUMBRA_PUBLIC_URL", "https://penumbra.acme.example")
    monkeypatch.setenv("PENUMBRA_OIDC_CLIENT_ID", "penumbra")
    assert "/first" not in run("serve").output
    assert "log in by it" in run("user", "first", status=2).output


def test_somebody_is_logged_out_and_untied(run: Run, tmp_path: Path) -> None:
    run("user", "add", "mara@acme.example", "--name", "Mara", "--role", "marketing")
    assert "email" in run("user", "add", "mara", "--name", "M", "--role", "it", status=2).output
    engine = make_engine(f"sqlite:///{tmp_path / 'data' / 'penumbra.sqlite3'}")
    with writing(engine) as connection:
        for _ in range(2):
            begin(connection, SessionKind.OPENID, user_id=1, now=utc_now())
        tie = {"user_id": 1, "issuer": "https://id.example", "subject": "1", "created_at": utc_now()}
        connection.execute(sa.insert(user_identities).values(**tie))
    engine.dispose()
    assert "Ended 2 sessions" in run("user", "logout", "mara@acme.example").output
    assert "Untied 1 accounts" in run("user", "untie", "mara@acme.example").output
    assert "Untied 0 accounts" in run("user", "untie", "mara@acme.example").output
    assert "no user with the address" in run("user", "logout", "tom@acme.example", status=2).output
    assert json.loads(run("audit", "verify", "--json").stdout)["faults"] == []
