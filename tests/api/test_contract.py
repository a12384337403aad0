"""The OpenAPI document is true: whatever it allows is answered as it says, whatever it does not is refused."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from app.api.openapi import document
from app.db import make_engine, writing
from app.main import create_app
from app.scans import endpoints as scans
from app.security.schemas import Role
from app.security.service import create_token
from app.settings import Settings
from tests.conftest import NOW
from tests.support import fake_connector, seed
from tests.support.serving import served

EXAMPLES = 8
"""For each operation; raise it by hand to look deeper."""


@dataclass(frozen=True)
class Target:
    """The served application."""

    url: str
    token: str
    schema: schemathesis.BaseSchema


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("contract")
    shutil.copy(sqlite_template, folder / "penumbra.sqlite3")
    url = f"sqlite:///{folder / 'penumbra.sqlite3'}"
    engine = make_engine(url)
    app = create_app(Settings(data_dir=folder, database_url=url), engine, clock=lambda: NOW)
    with writing(engine) as connection:
        seed.company(connection)
        token = create_token(connection, "contract", Role.ADMIN, actor="test", now=NOW)[1]
    patch = pytest.MonkeyPatch()
    patch.setattr(scans, "LONGEST_STREAM", -1.0)  # one look, not five minutes
    fake_connector.install(patch)
    schema = schemathesis.openapi.from_dict(document(app), config=SchemathesisConfig.from_dict({"seed": 20261120}))
    with served(app) as address:
        yield Target(address, token, schema)
    patch.undo()
    engine.dispose()


@pytest.fixture
def described(target: Target) -> schemathesis.BaseSchema:
    return target.schema


api = schemathesis.pytest.from_fixture("described")


@api.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_the_document_is_true(case: schemathesis.Case, target: Target) -> None:
    case.call_and_validate(base_url=target.url, headers={"Authorization": f"Bearer {target.token}"})
