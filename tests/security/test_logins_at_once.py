"""Two logins at the same moment: one user, one administrator, whichever was first."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from app.db import reading, writing
from app.errors import PenumbraError
from app.models import user_identities, users
from app.security import audit, first
from app.security.login import enter
from app.security.openid import Identity
from app.settings import Settings
from tests.conftest import NOW

MARA = Identity("https://id.example", "mara-1", "mara@acme.example", True, "Mara", frozenset({"IT"}))


def at_once(work: Callable[[], Any], times: int = 4) -> list[Any]:
    barrier = Barrier(times)

    def one() -> Any:
        barrier.wait()
        try:
            return work()
        except (IntegrityError, PenumbraError) as error:
            return error

    with ThreadPoolExecutor(times) as pool:
        return [task.result() for task in [pool.submit(one) for _ in range(times)]]


def test_one_person_is_one_user(engine: Engine) -> None:
    settings = Settings(oidc_roles={"IT": ["it"]})

    def log_in() -> int | None:
        with writing(engine) as connection:
            return enter(connection, MARA, settings, NOW).user_id

    found = at_once(log_in)
    for lost in [f for f in found if not isinstance(f, int)]:  # what a page does: once more
        assert isinstance(lost, IntegrityError)
        found[found.index(lost)] = log_in()
    assert len(set(found)) == 1
    with reading(engine) as connection:
        assert connection.execute(sa.select(users.c.email, users.c.roles)).all() == [
            ("mara@acme.example", ["it"])
        ]
        assert connection.scalar(sa.select(sa.func.count()).select_from(user_identities)) == 1
        assert audit.verify(connection).faults == ()


def test_the_first_days_link_works_once(engine: Engine) -> None:
    with writing(engine) as connection:
        text = first.make_link(connection, openid=False, actor="test", now=NOW).partition("=")[2]

    def use() -> int:
        with writing(engine) as connection:
            return first.use_link(connection, text, openid=False, now=NOW)

    found = at_once(use)
    assert len([f for f in found if isinstance(f, int)]) == 1
