"""Logging in by the company's account in a real browser, against a real provider, under the strict policy."""

import json
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from app.db import make_engine, writing
from app.main import create_app
from app.settings import Settings
from tests.support import openid, seed
from tests.support.browsing import fits, launch, opened, picture
from tests.support.openid import Provider
from tests.support.serving import served

pytestmark = pytest.mark.browser
MARA = {
    "sub": "mara-1",
    "email": "mara@acme.example",
    "email_verified": True,
    "name": "Mara of marketing operations",
    "groups": ["Marketing"],
}


@pytest.fixture(scope="module")
def address(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, openid_provider: Provider
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("login")
    shutil.copy(sqlite_template, folder / "penumbra.sqlite3")
    url = f"sqlite:///{folder / 'penumbra.sqlite3'}"
    engine = make_engine(url)
    with writing(engine) as connection:
        seed.company(connection)
    settings = Settings(
        data_dir=folder,
        database_url=url,
        public_url=openid.HOME,
        oidc_client_id=openid.CLIENT,
        oidc_client_secret=openid.SECRET,  # type: ignore[arg-type]
        oidc_scopes="openid profile email groups",
        oidc_roles={"Marketing": ["marketing"]},
        oidc_issuer=openid_provider.issuer,
    )
    with served(create_app(settings, engine)) as at:
        yield at
    engine.dispose()


@pytest.fixture(scope="module")
def chromium(address: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        rule = f"--host-resolver-rules=MAP penumbra.test:80 {urlsplit(address).netloc}"
        browser = launch(playwright, rule)
        yield browser
        browser.close()


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=str)
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    width, scheme = request.param
    with opened(chromium, width=width, scheme=scheme, of=openid.HOME) as window:
        yield window


def test_in_by_the_company_account_and_out_again(page: Page, openid_provider: Provider) -> None:
    page.goto(openid.HOME + "/tools?view=all")
    button = page.get_by_role("link", name="Log in with your company account")
    expect(button).to_be_visible()
    expect(page.get_by_label("Your access token")).to_be_hidden()
    fits(page)
    picture(page, "login-company")
    page.get_by_text("Log in with an access token").click()
    expect(page.get_by_label("Your access token")).to_be_visible()
    fits(page)
    picture(page, "login-company-token")

    button.click()
    page.wait_for_url("**/interaction/*")
    page.goto(f"{page.url}?{urlencode({'claims': json.dumps(MARA)})}")
    expect(page).to_have_url(openid.HOME + "/tools?view=all")
    page.goto(openid.HOME + "/account")
    expect(page.get_by_text("This browser")).to_be_visible()
    expect(page.get_by_text("By your company account").first).to_be_visible()
    page.get_by_label("What it is for").fill(f"my script {secrets.token_hex(4)}")
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_role("status")).to_contain_text("pen_")
    fits(page)
    picture(page, "account")

    menu = page.get_by_role("button", name="Menu")
    if menu.is_visible():  # a narrow screen
        menu.click()
    page.get_by_role("button", name="Log out", exact=True).click()
    page.wait_for_url(f"{openid_provider.issuer}/session/end*")
