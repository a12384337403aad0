"""Policies for tests: the shipped one with something changed."""

from copy import deepcopy
from typing import Any

from app.policy.document import Policy
from app.policy.facts import Facts
from app.policy.reading import plain, read, shipped

MAIL = "https://www.googleapis.com/auth/gmail.readonly"
FILES = "https://www.googleapis.com/auth/drive.readonly"


def document(changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """The shipped policy with other values at some paths (`lanes.fast.it.hours`); None takes one out."""
    made = deepcopy(plain(shipped()))
    for path, value in (changes or {}).items():
        *parents, last = path.split(".")
        place: Any = made
        for name in parents:
            place = place[int(name) if isinstance(place, list) else name]
        if value is None and isinstance(place, dict):
            place.pop(last, None)
        else:
            place[int(last) if isinstance(place, list) else last] = value
    return made


def policy(changes: dict[str, Any] | None = None) -> Policy:
    """As `document`, read."""
    return read(document(changes))


def facts(**values: Any) -> Facts:
    """A tool that takes the fast lane by the shipped policy, with other values."""
    harmless = {
        "tool_id": 1,
        "name": "Linktree",
        "audience": "marketing",
        "grant_grade": "low",
        "people": 3,
        "departments": {"Marketing": 3},
        "flagged": True,
        "shadow": True,
    }
    return Facts(**{**harmless, **values})
