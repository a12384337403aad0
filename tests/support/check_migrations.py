"""`make check`: the migrations build exactly the tables of `app.models`, and can be taken back."""

import tempfile
from pathlib import Path

from alembic import command

from app.db import alembic_config, upgrade


def main() -> None:
    """Build a database by migrations, compare it with the models, take everything back."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'check.sqlite3'}"
        upgrade(url)
        command.check(alembic_config(url))
        command.downgrade(alembic_config(url), "base")
        upgrade(url)


if __name__ == "__main__":
    main()
