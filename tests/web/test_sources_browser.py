"""Sources and scans in a real browser: connect one, watch it being read, pause it, take it away."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from app.db import writing
from app.models import scans
from app.security.schemas import Role
from connectors.okta.sample import sample_world
from connectors.okta.simulator import OktaSimulator
from connectors.simulation import serve
from tests.conftest import NOW
from tests.support import browsing
from tests.support.scanning import being_read
from tests.support.seed import Seed
from tests.web.conftest import Site

pytestmark = pytest.mark.browser
TOKEN = "00simulated-token"


@pytest.fixture(scope="module")
def okta() -> Iterator[str]:
    """An Okta org that pages by two."""
    world = sample_world(NOW - timedelta(hours=1))
    with serve(OktaSimulator(world, tokens=(TOKEN,), page_limit=2, now=lambda: NOW).app) as address:
        yield address


def test_a_source_is_connected_watched_and_paused(window: Page, site: Site, okta: str) -> None:
    site.enter(window, Role.IT, "/sources")
    browsing.look(window, "sources")
    window.get_by_role("link", name="Add a source").click()
    expect(window.get_by_role("heading", name="Add a source")).to_be_visible()
    browsing.look(window, "source-kinds")
    window.get_by_role("link", name="Choose Okta").click()

    window.get_by_label("What you call it").fill("Headquarters")
    window.get_by_label("Okta org").fill(okta)
    window.get_by_label("API token").fill("wrong")
    browsing.look(window, "source-new")
    window.get_by_role("button", name="Check it").click()
    expect(window.get_by_role("alert")).to_contain_text("Nothing was saved")
    expect(window.get_by_label("Okta org")).to_have_value(okta)
    browsing.look(window, "source-refused")

    window.get_by_label("API token").fill(TOKEN)
    window.get_by_role("button", name="Check").click()
    found = window.get_by_role("status").filter(has_text="It works")
    expect(found.get_by_text("There.").first).to_be_visible()
    expect(found).to_contain_text("okta.logs.read")
    expect(window.get_by_label("API token")).to_have_value("")  # it is kept, and not shown
    assert TOKEN not in window.content()
    browsing.look(window, "source-checked")
    window.get_by_role("button", name="Save, and read it now").click()

    expect(window.get_by_role("heading", name="Scan of Headquarters")).to_be_visible()
    expect(window.get_by_role("heading", name="Waiting its turn")).to_be_visible()
    with being_read(site.engine) as on:
        expect(window.get_by_role("heading", name="Reading people")).to_be_visible()  # without a click
        browsing.look(window, "scan-running")
        on.set()
        expect(window.get_by_role("heading", name="Complete")).to_be_visible()
    browsing.look(window, "scan-complete")

    window.get_by_role("link", name="The source", exact=True).click()
    expect(window.get_by_text("Read completely")).to_be_visible()
    window.get_by_role("button", name="Check the permissions").click()
    expect(window.get_by_role("status").filter(has_text="It works")).to_be_visible()
    browsing.look(window, "source")
    window.get_by_role("button", name="Read now").click()
    with being_read(site.engine) as on:
        window.get_by_role("link", name="Sources").first.click()
        row = window.get_by_role("row").filter(has_text="Headquarters")
        expect(row.get_by_role("link", name="Running")).to_be_visible()
        on.set()
        expect(row.get_by_role("button", name="Read now")).to_be_visible()  # without a click
    row.get_by_role("link", name="Headquarters").click()
    window.get_by_role("button", name="Pause").click()
    expect(window.get_by_role("status")).to_contain_text("Headquarters is paused")
    expect(window.get_by_role("button", name="Resume")).to_be_visible()
    browsing.visit(window, window.url)


def test_an_open_page_of_a_scan_ends_its_login_and_asks_no_more(window: Page, site: Site) -> None:
    with writing(site.engine) as connection:
        writer = Seed(connection)
        source = writer.source("watched")
        scan = writer.scan(source, "running")
    window.clock.install()
    site.enter(window, Role.IT, f"/scans/{scan}")
    with window.expect_request("**/now") as first:
        window.clock.run_for(2_000)
    assert first.value.headers["penumbra-by-itself"] == "1"
    window.goto(f"{site.url}/sources")
    with window.expect_response("**/sources") as listed:
        window.clock.run_for(2_000)
    assert listed.value.request.headers["penumbra-by-itself"] == "1"
    window.context.clear_cookies()
    with window.expect_response(lambda answer: answer.status == 303):
        window.clock.run_for(2_000)
    window.wait_for_timeout(300)
    asked: list[str] = []
    window.on("request", lambda request: asked.append(request.url))
    window.clock.run_for(60_000)
    window.wait_for_timeout(300)
    assert asked == []
    with writing(site.engine) as connection:
        connection.execute(sa.update(scans).where(scans.c.id == scan).values(state="complete", ended_at=NOW))


def test_scans_are_listed_and_a_source_goes_only_by_its_name(window: Page, site: Site) -> None:
    site.enter(window, Role.IT, "/scans")
    expect(window.get_by_role("row").filter(has_text="corp").first).to_be_visible()
    browsing.look(window, "scans")
    window.get_by_label("How it ended").select_option("Failed")  # sent at once by the script
    expect(window.get_by_role("heading", name="No scan fits")).to_be_visible()
    browsing.look(window, "scans-none")
    window.goto(f"{site.url}/scans/1")
    expect(window.get_by_text("the date cannot be read")).to_be_visible()
    browsing.look(window, "scan-skipped")

    window.goto(f"{site.url}/sources/{site.company.ramp}")
    window.get_by_role("link", name="Remove …").click()
    expect(window.get_by_role("heading", name="What would go")).to_be_visible()
    expect(window.get_by_text("3 payments")).to_be_visible()
    browsing.look(window, "source-remove")
    with writing(site.engine) as connection:
        spare = Seed(connection).source("spare")
    window.goto(f"{site.url}/sources/{spare}/remove")
    window.get_by_label("Type spare to remove it").fill("Spare")
    window.get_by_role("button", name="Remove it and all it brought").click()
    expect(window.get_by_role("alert")).to_contain_text("Type the name")
    window.get_by_label("Type spare to remove it").fill("spare")
    window.get_by_role("button", name="Remove it and all it brought").click()
    expect(window.get_by_role("status")).to_contain_text("spare is removed")


def test_a_source_is_added_and_read_without_javascript(plain_window: Page, site: Site) -> None:
    window = plain_window
    site.enter(window, Role.IT, "/sources/new/files")
    folder = Path(str(site.engine.url.database)).parent / "imports" / "amex"
    folder.mkdir(parents=True)
    (folder / "may.csv").write_text(
        "Date,Description,Amount\n2026-05-13,HUBSPOT,49.00\n2026-05-14,CANVA,12.99\n"
    )
    window.get_by_label("What you call it").fill("Cards of the subsidiary")
    window.get_by_label("File or folder").fill("amex")
    window.get_by_label("Account").fill("amex")
    window.get_by_label("Currency").fill("USD")
    window.get_by_role("button", name="Check it").click()
    expect(window.get_by_role("status")).to_contain_text("It works")
    window.get_by_role("button", name="Save, and read it now").click()
    expect(window.get_by_role("heading", name="Waiting its turn")).to_be_visible()
    with being_read(site.engine) as on:
        on.set()
    window.get_by_role("link", name="Refresh").click()
    expect(window.get_by_role("heading", name="Complete")).to_be_visible()
