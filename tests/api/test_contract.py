"""The OpenAPI document is true: what it allows is answered as it says, what it does not is refused."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from unittest import SkipTest

import pytest
import requests
import schemathesis
import sqlalchemy as sa
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.hypothesis.builder import (
    InvalidHeadersExampleMark,
    MissingPathParameters,
    UnserializablePayloadMark,
)
from schemathesis.pytest.lazy import get_all_tests
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from app import models
from app.api.main import router
from app.api.openapi import document
from app.db import make_engine, writing
from app.main import create_app
from app.scans import endpoints as scans
from app.security import users
from app.security.schemas import Role, UserIn
from app.security.service import create_token
from app.settings import Settings
from tests.conftest import NOW
from tests.support import fake_connector, seed
from tests.support.serving import served

FAR = 2**40
EXAMPLES = 8
"""For each operation; raise it by hand to look deeper."""


@cache
def _described() -> schemathesis.BaseSchema:
    app = FastAPI(title="Penumbra")
    app.router.routes.extend(router.routes)
    # A missing If-Match is answered with 428, as RFC 6585 has it.
    checks = {"missing_required_header": {"expected-statuses": [401, 403, 422, 428]}}
    config = SchemathesisConfig.from_dict({"seed": 20261120, "checks": checks})
    return schemathesis.openapi.from_dict(document(app), config=config)


SAID_BY_NO_SCHEMA = {
    ("GET", "/api/v1/reviews/scoreboard"),
    ("GET", "/api/v1/reviews/scoreboard/counted"),
    ("POST", "/api/v1/me/tokens"),
    ("PATCH", "/api/v1/me/preferences"),
    ("POST", "/api/v1/requests"),
    ("POST", "/api/v1/tools/{tool_id}/contracts"),  # its days must fit together
}


@dataclass(frozen=True)
class Target:
    """The served application."""

    url: str
    token: str
    session: requests.Session


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("contract")
    shutil.copy(sqlite_template, folder / "penumbra.sqlite3")
    url = f"sqlite:///{folder / 'penumbra.sqlite3'}"
    engine = make_engine(url)
    app = create_app(Settings(data_dir=folder, database_url=url), engine, clock=lambda: NOW)
    with writing(engine) as connection:
        seed.company(connection)
        # A person's, as much is asked of persons only; far from the ids that are tried when things are ended.
        wanted = UserIn(email="contract@acme.example", name="Contract", roles=[Role.ADMIN])
        user = users.create_user(connection, wanted, actor="test", now=NOW)
        connection.execute(sa.update(models.users).where(models.users.c.id == user.id).values(id=FAR))
        made, token = create_token(connection, "contract", Role.ADMIN, user_id=FAR, actor="test", now=NOW)
        connection.execute(
            sa.update(models.api_tokens).where(models.api_tokens.c.id == made.id).values(id=FAR)
        )
    patch = pytest.MonkeyPatch()
    patch.setattr(scans, "LONGEST_STREAM", -1.0)  # one look, not five minutes
    fake_connector.install(patch)
    # One connection for all requests; each stands for itself, and this machine's proxies are not asked.
    with served(app) as address, requests.Session() as session:
        session.trust_env = False
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield Target(address, token, session)
    patch.undo()
    engine.dispose()


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def _holds(case: schemathesis.Case, target: Target) -> None:
    # No schema can say which cursors were given out, which version a thing has, what a connector wants, what
    # fits together in a policy, which role somebody may lend, which topics or tools there are, which
    # days are a period.
    beyond = (
        "cursor" in (case.query or {})
        or "If-Match" in (case.headers or {})
        or "config" in str(case.body)
        or "document" in str(case.body)
        or (case.method, case.path) in SAID_BY_NO_SCHEMA
    )
    # In an address every number is text too: "any of these names" cannot be violated by one.
    names = {"category", "department", "actor", "action"} & set(case.query or {})
    case.call_and_validate(
        base_url=target.url,
        session=target.session,
        headers={"Authorization": f"Bearer {target.token}"},
        excluded_checks=[positive_data_acceptance] * beyond + [negative_data_rejection] * bool(names),
    )


@pytest.mark.parametrize("operation", [found.ok().label for found in _described().get_all_operations()])
def test_the_document_is_true(operation: str, target: Target) -> None:
    # Its cases are made up here, by the process that tries them: its own `parametrize` makes up those of all
    # operations when tests are listed, in every process, which takes longer than trying them.
    only = _described().include(name=operation)
    [made] = get_all_tests(schema=only, test_func=_holds, settings=None, given_kwargs=None)
    _, holds = made.ok()
    unmade = (InvalidHeadersExampleMark, MissingPathParameters, UnserializablePayloadMark)
    assert not any(mark.is_set(holds) for mark in unmade), "there are cases that could not be made up"
    try:
        holds(target=target)
    except SkipTest as skipped:
        pytest.fail(str(skipped))
