"""One company for all tests of the sandbox: it takes seconds to write down."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from app.db import make_engine
from app.sandbox.company import Company, build_company
from app.sandbox.demo import _as_of
from app.sandbox.truth import Truth, truth_of
from app.sandbox.worlds import Records, build_records

AS_OF = date(2026, 11, 20)


@pytest.fixture(scope="session")
def company() -> Company:
    return build_company(as_of=AS_OF)


@pytest.fixture(scope="session")
def records(company: Company) -> Records:
    return build_records(company)


@pytest.fixture(scope="session")
def truth(company: Company) -> Truth:
    return truth_of(company)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Company]]:
    """The demo's database once all is done, and its company. Whoever changes something changes it back."""
    folder = tmp_path_factory.mktemp("demo") / "own"
    base = tmp_path_factory.getbasetemp()
    shutil.copytree(_played(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base), folder)
    engine = make_engine(f"sqlite:///{_database(folder)}")
    yield engine, build_company(as_of=_as_of(folder))
    engine.dispose()


def _played(base: Path) -> Path:
    """The folder of the demo, which the first worker that needs it plays for all of them."""
    folder = base / "demo"
    with (base / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _play(base / "demo-being-played")
            (base / "demo-being-played").rename(folder)
    return folder


def _play(folder: Path) -> None:
    # A process of its own, as a person runs it: it configures logging for all of its process.
    home = {k: v for k, v in os.environ.items() if not k.startswith("PENUMBRA_")}
    home["PENUMBRA_DATA_DIR"] = str(folder)
    command = [sys.executable, "-c", "from app.cli import main; main()", "demo", "--once"]
    done = subprocess.run(command, env=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _database(folder: Path) -> Path:
    return next(folder.glob("*.sqlite3"))
