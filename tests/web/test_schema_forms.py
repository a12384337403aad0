"""Forms made from settings' schemas: which fields there are, and what is read back from them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from app.api.state import AppState
from app.errors import FieldError
from app.notify.channels import KINDS
from app.security.schemas import Caller, Role, Session
from app.sources.config import secret_fields
from app.sources.folders import offered
from app.web import drafts
from app.web.schema_forms import FILE, FORGET, PREFIX, Input, faults_by_field, inputs, read, without_defaults
from connectors import registry
from connectors.files.config import FilesConfig
from connectors.okta.config import OktaConfig
from tests.conftest import NOW


def fields_of(config: Any) -> dict[str, Input]:
    return {one.name: one for one in inputs(config.model_json_schema(), secret_fields(config))}


CONFIGS = {name: registry.get_connector(name).Config for name in registry.connector_names()} | {
    name: kind.Config for name, kind in KINDS.items()
}


@pytest.mark.parametrize("name", sorted(CONFIGS))
def test_every_setting_of_every_kind_has_a_field_in_words(name: str) -> None:
    config = CONFIGS[name]
    fields = fields_of(config)
    assert set(fields) == set(config.model_fields)
    for one in fields.values():
        assert one.label[0].isupper(), one
        assert "_" not in one.label, one
        assert not any(word in one.label for word in ("Url", "Api ", "Ca ")), one  # nobody thought of a title
        assert one.kind == "secret" or one.name not in secret_fields(config)
        assert not (one.required and one.advanced)


def test_what_most_people_leave_alone_comes_last() -> None:
    fields = fields_of(OktaConfig)
    assert [n for n, f in fields.items() if not f.advanced] == [
        "base_url",
        "api_token",
        "client_id",
        "private_key",
        "key_id",
    ]
    assert fields["private_key"].several
    assert not fields["api_token"].several
    assert fields_of(FilesConfig)["path"].path


def test_what_is_typed_is_read_by_its_kind() -> None:
    fields = list(fields_of(FilesConfig).values())
    typed = read(
        fields,
        {
            "c.path": " amex ",
            "c.account": "amex",
            "c.currency": "",
            "c.columns": "date = Booked on\r\n\n amount=Sum = all\n",
            "c.day_first": "true",
            "c.outflow": "auto",
            "form_secret": "x",
        },
    )
    assert typed.values == {
        "path": "amex",
        "account": "amex",
        "columns": {"date": "Booked on", "amount": "Sum = all"},
        "day_first": True,
        "outflow": "auto",
    }
    assert without_defaults(fields, typed.public, {}).keys() == {"path", "account", "columns", "day_first"}
    assert "outflow" in without_defaults(fields, typed.public, {"outflow": "positive"})
    wrong = read(fields, {"c.columns": "date: Booked on"})
    assert [fault.field for fault in wrong.faults] == ["config.columns"]


def test_a_secret_comes_typed_from_a_file_or_is_taken_out() -> None:
    fields = list(fields_of(OktaConfig).values())
    typed = read(
        fields,
        {
            f"{PREFIX}private_key": "",
            f"{FILE}private_key": "-----BEGIN\r\nx\r\n-----END\r\n",
            f"{FORGET}api_token": "1",
        },
    )
    assert typed.secrets == {"private_key": "-----BEGIN\r\nx\r\n-----END"}
    assert typed.forget == {"api_token"}
    kept = read(fields, {f"{PREFIX}api_token": "new", f"{FORGET}api_token": "1"})
    assert (kept.secrets, kept.forget) == ({"api_token": "new"}, set())


def test_what_is_wrong_stands_beside_its_field_in_plain_words() -> None:
    found = faults_by_field(
        [
            FieldError("config.token", "Field required"),
            FieldError("config.columns.date", "is odd"),
            FieldError("config", "give either one or the other"),
            FieldError("name", "is taken"),
        ]
    )
    assert found == {
        "token": "Fill this in.",
        "columns": "is odd",
        "": "give either one or the other",
        ".name": "is taken",
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_a_form_keeps_is_for_one_login_one_form_and_one_hour(app: FastAPI) -> None:
    state: AppState = app.state.penumbra

    def session(secret: str) -> Session:
        return Session(1, secret, Caller("Ivo", frozenset({Role.IT}), NOW), NOW)

    mine = session("mine")
    text = drafts.seal(state, mine, "source:okta", {"base_url": "https://a"}, {"api_token": "secret"})
    assert "secret" not in text
    assert drafts.opened(state, mine, "source:okta", text).secrets == {"api_token": "secret"}
    assert drafts.opened(state, session("yours"), "source:okta", text) == drafts.NOTHING
    assert drafts.opened(state, mine, "source:entra", text) == drafts.NOTHING
    assert drafts.opened(state, mine, "source:okta", text[:-2] + "xx") == drafts.NOTHING
    assert drafts.opened(state, mine, "source:okta", "ü") == drafts.NOTHING
    other = state.secrets.seal({"id_token": "not a draft"}).decode()
    assert drafts.opened(state, mine, "source:okta", other) == drafts.NOTHING
    assert drafts.seal(state, mine, "source:okta", {"base_url": "https://a"}, {}) == ""
    object.__setattr__(state, "clock", lambda: NOW + timedelta(hours=2))
    assert drafts.opened(state, mine, "source:okta", text) == drafts.NOTHING


def test_folders_are_offered_by_name(tmp_path: Path) -> None:
    assert offered(tmp_path / "none") == []
    for name in ("visa", "amex", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "bank.csv").write_text("x")
    assert offered(tmp_path) == ["amex", "bank.csv", "visa"]
