"""What the demo serves: a person of each side, and vendors that still answer."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from app.commands.base import Home
from app.db import reading
from app.main import create_app
from app.models import users
from app.sandbox import demo
from app.sandbox.company import Company
from app.sandbox.vendors import Vendor
from tests.support.serving import served


def test_people_of_both_sides_may_act_while_the_vendors_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PENUMBRA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PENUMBRA_MAY_REVOKE", "true")
    monkeypatch.delenv("PENUMBRA_DATABASE_URL", raising=False)
    answering: list[bool] = []
    acting: list[dict[str, tuple[str, list[str]]]] = []

    @contextlib.contextmanager
    def vendors(_company: Company, _folder: Path) -> Iterator[list[Vendor]]:
        answering.append(True)
        yield []
        answering.clear()

    def serve(here: Home, _host: str, _port: int, *, scans: bool) -> None:
        assert answering, "a scan or the end of some access would find nobody"
        assert scans
        acting.append(_who_may_act(here, capsys.readouterr().out))

    monkeypatch.setattr(demo, "running_vendors", vendors)
    monkeypatch.setattr(demo, "run_scans", lambda *_args, **_more: [])
    monkeypatch.setattr(demo, "run_server", serve)
    for _ in range(2):  # a second demo finds the people of the first one
        assert demo.run_demo(once=False, port=8400) == 1, "nothing was scanned, so nothing was found"
    for who in acting:
        assert who == {
            "marketing": ("Siddharth Kulkarni", ["marketing"]),
            "it": ("Hayoon Hwang", ["it"]),
            "admin": ("demo", ["admin"]),
        }
    assert len(acting) == 2


def _who_may_act(here: Home, printed: str) -> dict[str, tuple[str, list[str]]]:
    tokens = dict(re.findall(r"^  (\w+) +(pen_\S+)  ", printed, re.MULTILINE))
    with reading(here.engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(users)) == 2
    found = {}
    with served(create_app(here.settings, here.engine)) as url:
        for name, token in tokens.items():
            answer = httpx.get(f"{url}/api/v1/me", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 200, answer.text
            me = answer.json()
            found[name] = (me["name"], me["roles"])
    return found
