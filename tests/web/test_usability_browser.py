"""The tasks of docs/usability.md, done by finger, by mouse and by keys alone: it says what they take."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.monday import monday
from tests.support.usability import MOST, TASKS, measure, table, written

pytestmark = pytest.mark.browser


def test_each_task_takes_what_the_page_says(browser: Browser, tmp_path: Path, sqlite_template: Path) -> None:
    homes = tmp_path / "by_hand", tmp_path / "by_keys"
    for home in homes:
        home.mkdir()
        shutil.copy(sqlite_template, home / "penumbra.sqlite3")
    with monday(homes[0]) as by_hand, monday(homes[1]) as by_keys:
        found = measure(browser, by_hand, by_keys)
    assert len(found) == len(TASKS) >= 10
    assert [(one.task.text, one.clicks) for one in found if one.clicks > MOST] == []
    assert table(found) == written(), "renew it: python -m tests.support.usability --write"
