"""Taking a picture: the page of the right tool, light and dark, as WebP, sharp on a telephone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.security.schemas import Role
from tests.support import screenshots
from tests.support.screenshots import Picture
from tests.web.conftest import Site

pytestmark = pytest.mark.browser


def size(picture: bytes) -> tuple[int, int]:
    """Width and height of a WebP picture, as its extended head says."""
    assert picture[:4] == b"RIFF"
    assert picture[8:16] == b"WEBPVP8X"
    return int.from_bytes(picture[24:27], "little") + 1, int.from_bytes(picture[27:30], "little") + 1


def test_pictures_are_taken_light_and_dark(site: Site, browser: Browser, tmp_path: Path) -> None:
    pictures = [
        Picture("tool", "marketing", "/tools/{Canva}", height=500),
        Picture("tool-narrow", "marketing", "/tools/{Canva}", width=390, height=500),
    ]
    tokens = {"marketing": site.tokens[Role.MARKETING]}
    screenshots.take(browser, site.url, tokens, tmp_path, pictures)
    taken = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {name: size(picture) for name, picture in taken.items()} == {
        "tool-light.webp": (1280, 500),
        "tool-dark.webp": (1280, 500),
        "tool-narrow-light.webp": (780, 1000),
        "tool-narrow-dark.webp": (780, 1000),
    }
    assert taken["tool-light.webp"] != taken["tool-dark.webp"]


def test_a_picture_is_taken_where_this_company_has_the_tool(site: Site) -> None:
    token = site.tokens[Role.MARKETING]
    address = screenshots.address_of(Picture("tool", "marketing", "/tools/{Canva}"), site.url, token)
    assert address == f"{site.url}/tools/{site.company.canva}"
