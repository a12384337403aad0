"""The tasks of docs/usability.md, done by finger, by mouse and by keys alone: it says what they take."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.security.schemas import Role
from tests.support.monday import monday
from tests.support.usability import MOST, TASKS, WHO, work, written

pytestmark = pytest.mark.browser
RENEW = "renew the page: python -m tests.support.usability --write"


@pytest.mark.parametrize("by_keys", [False, True], ids=["by hand", "by keyboard"])
@pytest.mark.parametrize("who", WHO)
def test_each_task_takes_what_the_page_says(
    browser: Browser, tmp_path: Path, sqlite_template: Path, who: Role, by_keys: bool
) -> None:
    shutil.copy(sqlite_template, tmp_path / "penumbra.sqlite3")
    with monday(tmp_path) as at:
        found = work(browser, at, who, by_keys=by_keys)
    texts = [task.text for task in TASKS if task.who is who]
    said = [line for line in written() if line[0] == WHO[who]]
    assert [line[1] for line in said] == texts, RENEW
    if by_keys:
        assert [taken.clicks for taken in found] == [0] * len(texts), "the keyboard alone"
        assert [str(taken.keys) for taken in found] == [line[4] for line in said], RENEW
        return
    assert [taken.keys for taken in found] == [0] * len(texts), "fingers and mice alone"
    took = [taken.clicks for taken in found]
    assert max(took) <= MOST, dict(zip(texts, took, strict=True))
    assert [str(clicks) for clicks in took] == [line[2] for line in said], RENEW
    typed = [", ".join(f"“{name}”" for name in taken.typed) or "–" for taken in found]
    assert typed == [line[3] for line in said], RENEW


def test_the_page_has_at_least_ten_tasks() -> None:
    assert len(written()) == len(TASKS) >= 10
