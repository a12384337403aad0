"""Sources of files made over the API read in one folder only; at the machine itself, anywhere."""

from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.db import writing
from app.models import sources
from app.settings import Settings

STATEMENT = "Date,Description,Amount\n2026-10-25,CANVA* 1234,12.99\n2026-10-26,MAILCHIMP,20.00\n"
PRIVATE = "root:x:0:0:sesame-1f0c\n"


def body(path: str, **more: Any) -> dict[str, Any]:
    config = {"path": path, "account": "amex", "currency": "USD", "outflow": "positive"}
    return {"name": "cards", "connector": "files", "config": config, **more}


@pytest.fixture
def folder(settings: Settings) -> Path:
    folder = settings.files_folder.resolve()
    (folder / "amex").mkdir(parents=True)
    (folder / "amex" / "october.csv").write_text(STATEMENT)
    return folder


@pytest.fixture
def outside(tmp_path: Path, folder: Path) -> Path:
    private = tmp_path / "private"
    private.mkdir()
    (private / "passwd").write_text(PRIVATE)
    (folder / "link").symlink_to(private)
    (folder / "circle").symlink_to(folder / "circle")
    twin = folder.with_name(folder.name + "-twin")
    twin.mkdir()
    return private


async def test_a_folder_in_the_files_folder_is_read(client: httpx.AsyncClient, folder: Path) -> None:
    answer = await client.post("/api/v1/sources", json=body("amex"))
    assert answer.status_code == 201, answer.text
    assert answer.json()["config"]["path"] == str(folder / "amex")
    config = body(str(folder / "amex"))["config"]
    check = await client.post("/api/v1/connectors/files/check", json={"config": config})
    assert check.status_code == 200, check.text


@pytest.mark.parametrize(
    "path",
    [
        "{outside}",
        "{outside}/passwd",
        "../../private",
        "amex/../../../private",
        "link",
        "link/passwd",
        "circle",
        "/etc/passwd",
        "{outside}/none",
        "{folder}-twin",
        " {outside}",
    ],
)
async def test_a_path_elsewhere_is_refused_unread(
    client: httpx.AsyncClient, folder: Path, outside: Path, path: str
) -> None:
    wanted = body(path.format(folder=folder, outside=outside))
    for address, sent in (
        ("/api/v1/sources?force=true", wanted),
        ("/api/v1/connectors/files/check", {"config": wanted["config"]}),
    ):
        answer = await client.post(address, json=sent)
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:penumbra:problem:path_outside"
        assert [e["field"] for e in answer.json()["errors"]] == ["config.path"]
        assert "sesame" not in answer.text


async def test_a_source_cannot_be_led_elsewhere_later(
    client: httpx.AsyncClient, folder: Path, outside: Path
) -> None:
    address = f"/api/v1/sources/{(await client.post('/api/v1/sources', json=body('amex'))).json()['id']}"
    change = {"config": {"path": str(outside)}}
    for answer in (
        await client.patch(address, json=change, headers={"If-Match": '"v1"'}),
        await client.post(f"{address}/check", json=change),
    ):
        assert (answer.status_code, "sesame" in answer.text) == (422, False)


async def test_a_folder_chosen_at_the_machine_may_stay(
    client: httpx.AsyncClient, engine: Engine, folder: Path, tmp_path: Path
) -> None:
    address = f"/api/v1/sources/{(await client.post('/api/v1/sources', json=body('amex'))).json()['id']}"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "october.csv").write_text(STATEMENT)
    chosen = {**body(str(tmp_path / "elsewhere"))["config"]}
    with writing(engine) as connection:  # as `penumbra source add` saves it
        connection.execute(sa.update(sources).values(config=chosen))
    answer = await client.patch(
        address, json={"config": {**chosen, "currency": "EUR"}}, headers={"If-Match": '"v1"'}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["config"]["path"] == chosen["path"]


def test_the_files_folder_can_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).files_folder == tmp_path / "imports"
    monkeypatch.setenv("PENUMBRA_FILES_DIR", str(tmp_path / "statements"))
    assert Settings(data_dir=tmp_path).files_folder == tmp_path / "statements"
