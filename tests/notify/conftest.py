"""Receivers on loopback."""

from collections.abc import Iterator

import pytest

from tests.notify.support import Site, receiving


@pytest.fixture
def site() -> Iterator[Site]:
    with receiving() as site:
        yield site
