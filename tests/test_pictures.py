"""The pictures in README and docs: those that pages show are those that `make screenshots` takes."""

import re
from pathlib import Path

import pytest

from tests.support import screenshots
from tests.test_docs import PAGES, ROOT

PICTURE = re.compile(r"<picture>\n(.*?)</picture>", re.DOTALL)
SOURCE = re.compile(r'<source media="\(prefers-color-scheme: dark\)" srcset="([^"]+)">')
SHOWN = re.compile(r'<img alt="([^"]{40,})" src="([^"]+)"[^>]*>')
LISTED = {picture.file(scheme) for picture in screenshots.PICTURES for scheme in screenshots.SCHEMES}


def shown() -> list[tuple[Path, str, str, str]]:
    """Each picture on a page: the page, what stands for it, its light file, its dark file."""
    found = []
    for page in PAGES:
        for inner in PICTURE.findall(page.read_text()):
            dark, light = SOURCE.search(inner), SHOWN.search(inner)
            assert dark, f"{page.name}: no dark picture in {inner}"
            assert light, f"{page.name}: no picture, or no words for who cannot see it, in {inner}"
            found.append((page, light[1], light[2], dark[1]))
    return found


def test_every_picture_on_a_page_is_there_light_and_dark() -> None:
    pictures = shown()
    assert len(pictures) > 25
    for page, _words, light, dark in pictures:
        assert (page.parent / light).is_file(), light
        assert (page.parent / dark).is_file(), dark
        assert light.replace("-light.", "-dark.") == dark


def test_every_picture_that_is_taken_is_shown_and_no_other_is_kept() -> None:
    named = {Path(name).name for _page, _words, *names in shown() for name in names}
    assert named == LISTED
    assert {path.name for path in screenshots.IMAGES.glob("*.webp")} == LISTED
    assert screenshots.unused(screenshots.IMAGES) == []


def test_the_same_picture_is_told_in_the_same_words() -> None:
    words: dict[str, set[str]] = {}
    for _page, said, light, _dark in shown():
        words.setdefault(Path(light).name, set()).add(said)
    assert {name: len(said) for name, said in words.items() if len(said) > 1} == {}


def test_pictures_are_light() -> None:
    sizes = {path.name: path.stat().st_size for path in (ROOT / "docs/images").iterdir()}
    assert sum(sizes.values()) < 3_000_000
    assert max(sizes.values()) < 120_000


def test_old_pictures_are_found(tmp_path: Path) -> None:
    for name in ("home-light.webp", "attic-dark.webp", "how-it-works.svg"):
        (tmp_path / name).touch()
    assert [path.name for path in screenshots.unused(tmp_path)] == ["attic-dark.webp"]


def test_the_command_says_how_and_refuses_what_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        screenshots.main(["--help"])
    said = capsys.readouterr().out
    assert "home-narrow" in said
    assert "PICTURES" in said
    with pytest.raises(SystemExit):
        screenshots.main(["attic"])
    assert "there is no picture 'attic'" in capsys.readouterr().err
