"""What all tests share: a database of each kind, built by the migrations, and a client of the API."""

import gc
import shutil
from collections.abc import AsyncIterator, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.engine import Engine

from app import logs
from app.db import make_engine, upgrade, writing
from app.main import create_app
from app.security.schemas import Role
from app.security.service import create_token
from app.settings import Settings
from tests.support import engines, openid, postgres

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

# Looking for garbage each 700 objects, as Python does, and in all modules and tests, took a tenth of the time
# of some tests. Much more would let memory grow where schemas make up cases.
_OBJECTS = 3_000


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Look for garbage in what tests make, and no more in the tests and modules, which stay to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(_OBJECTS, 10, 10)
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests in a browser, which take longest: at the end only short ones are left to share."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    """Log as the service does, whichever test comes first: a command would leave less to be read."""
    logs.configure()


@pytest.fixture(scope="session", autouse=True)
def _engines() -> Iterator[None]:
    """Let no engine of a test do anew what another did before it, nor wait for the disk."""
    with engines.quick():
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """One PostgreSQL server for the session, started when the first test asks for it."""
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def openid_provider() -> Iterator[openid.Provider]:
    """One OpenID provider for the session, started when the first test asks for it."""
    with openid.running() as provider:
        yield provider


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that tests copy."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Iterator[str]:
    """The address of a fresh database with all tables and no rows, of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "penumbra.sqlite3"
        shutil.copy(sqlite_template, path)
        yield f"sqlite:///{path}"
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    url = server.database()
    yield url
    server.give_back(url)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A fresh database, open."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings for a test's own data folder and database."""
    return Settings(data_dir=tmp_path / "data", database_url=database_url)


@pytest.fixture
def app(settings: Settings, engine: Engine) -> FastAPI:
    """The application over the test's database, at a fixed time."""
    return create_app(settings, engine, clock=lambda: NOW)


@pytest.fixture
def tokens(engine: Engine) -> dict[Role, str]:
    """The text of one token for each role."""
    with writing(engine) as connection:
        return {
            role: create_token(connection, f"{role.value} token", role, actor="test", now=NOW)[1]
            for role in Role
        }


@pytest.fixture
async def anonymous(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://penumbra.test") as client:
        yield client


@pytest.fixture
async def client(app: FastAPI, tokens: dict[Role, str]) -> AsyncIterator[httpx.AsyncClient]:
    """A client with an administrator's token."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=True),
        base_url="http://penumbra.test",
        headers={"Authorization": f"Bearer {tokens[Role.ADMIN]}"},
    ) as client:
        yield client
