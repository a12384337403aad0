"""`penumbra reviews` and the doctor, on an installation with a review whose promise is long past."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from app.cli import cli
from app.clock import utc_now
from app.db import make_engine, upgrade, writing
from app.models import reviews
from app.reviews.events import Promise, SanctionedWithConditions
from app.security.schemas import Side
from tests.reviews.desk import Room


def run(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(cli, list(arguments))
    assert result.exit_code == status, result.output
    return result.stdout


def test_reviews_are_listed_swept_and_looked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'penumbra.sqlite3'}"
    monkeypatch.setenv("PENUMBRA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PENUMBRA_DATABASE_URL", url)
    upgrade(url)
    engine = make_engine(url)
    room = Room(engine, now=utc_now() - timedelta(days=40))
    assert "There is none." in run("reviews", "list")
    due = (utc_now() - timedelta(days=9)).date()
    promise = Promise(side=Side.IT, owner_user_id=room.users["ida"], text="SSO", due=due)
    decided = room.decide(SanctionedWithConditions(conditions=(promise,)))
    waiting = room.open()
    assert f"{waiting}  " in run("reviews", "list", "--waiting-on", "it")
    assert "There is none." in run("reviews", "list", "--waiting-on", "arbiters")
    listed = json.loads(run("reviews", "list", "--all", "--json"))
    assert [(r["id"], r["state"]) for r in listed] == [(waiting, "open"), (decided, "decided")]
    swept = run("reviews", "sweep")
    assert "Missed: 1 promise. Run out: 0 provisional decisions. Opened again: review 3." in swept
    assert json.loads(run("reviews", "sweep", "--json")) == {"missed": 0, "expired": 0, "reopened": []}
    findings = {f["what"]: f for f in json.loads(run("doctor", "--json"))}
    assert findings["reviews"] == {"what": "reviews", "ok": True, "detail": "3, each as its log says"}
    with writing(engine) as connection:
        connection.execute(sa.update(reviews).where(reviews.c.id == waiting).values(lane="full"))
    assert f"Review {waiting}: its log says otherwise about lane." in run("doctor", status=1)
    engine.dispose()
