"""One browser for the tests of a module, and a company's site with a person of each role."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy.engine import Engine

from app.db import make_engine, writing
from app.main import create_app
from app.security import users
from app.security.schemas import Role, UserIn
from app.security.service import create_token
from app.settings import Settings
from tests.conftest import NOW
from tests.support import browsing, seed
from tests.support.serving import served


class Site:
    """The running application and who may log in to it.

    Attributes:
        url: where it is served.
        engine: its database, for what a test has to prepare.
        company: the ids of the seeded company.
        tokens: for each role a token of a person who has it, and only it.
    """

    def __init__(self, url: str, engine: Engine, company: seed.Company, tokens: dict[Role, str]) -> None:
        self.url = url
        self.engine = engine
        self.company = company
        self.tokens = tokens

    def enter(self, page: Page, role: Role, path: str = "/") -> None:
        """Log a window in as the person of a role, and open a page."""
        browsing.log_in(page, self.url, self.tokens[role])
        page.goto(self.url + path)


NAMES = {
    Role.READER: "Rosa Reader",
    Role.MARKETING: "Mara Lind",
    Role.IT: "Ivo Berg",
    Role.AUDITOR: "Aino Audit",
    Role.ADMIN: "Ada Admin",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """A site of its own for each test module: what one test writes, the others of the module see."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(sqlite_template, folder / "penumbra.sqlite3")
    url = f"sqlite:///{folder / 'penumbra.sqlite3'}"
    engine = make_engine(url)
    tokens: dict[Role, str] = {}
    with writing(engine) as connection:
        company = seed.company(connection)
        for role, name in NAMES.items():
            address = f"{name.split()[0].lower()}@acme.example"
            wanted = UserIn(email=address, name=name, roles=[role])
            who = users.create_user(connection, wanted, actor="test", now=NOW).id
            tokens[role] = create_token(
                connection, f"of {role.value}", role, user_id=who, actor="test", now=NOW
            )[1]
    app = create_app(Settings(data_dir=folder, database_url=url), engine, clock=lambda: NOW)
    with served(app) as address:
        yield Site(address, engine, company, tokens)
    engine.dispose()


# Not for the whole session: while it runs, no test with an event loop of its own could.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = browsing.launch(playwright)
        yield found
        found.close()


@pytest.fixture
def window(browser: Browser) -> Iterator[Page]:
    """A fresh window, wide and light; `browsing.look` sees the page in all looks."""
    with browsing.opened(browser) as page:
        yield page


@pytest.fixture
def plain_window(browser: Browser) -> Iterator[Page]:
    """A fresh window without JavaScript: everything but live progress works in it."""
    with browsing.opened(browser, java_script_enabled=False) as page:
        yield page
