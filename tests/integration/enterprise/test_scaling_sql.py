"""SCALING_4M_ENTREPRISES.sql, run as the plan runs it: by psql, on a database that others use meanwhile."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection

from foxreviews.localdb.binaries import newest

ROOT = Path(__file__).parents[3]
FILE = ROOT / "SCALING_4M_ENTREPRISES.sql"
SECONDS = 60

INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid
    FROM pg_index WHERE indrelid = 'enterprise_entreprise'::regclass
"""
SECONDARY = """
    SELECT indexrelid::regclass::text FROM pg_index
    WHERE indrelid = 'enterprise_entreprise'::regclass
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""
INSERT = "INSERT INTO enterprise_entreprise (siren, nom) VALUES (%s, 'CAFÉ DE LA GARE')"


class Database:
    """A database of its own on the server of the tests."""

    def __init__(self, name: str) -> None:
        settings = connection.settings_dict
        self.where = {"host": settings["HOST"], "port": str(settings["PORT"] or ""), "user": settings["USER"]}
        self.password = settings["PASSWORD"] or ""
        self.name = name

    @contextmanager
    def connect(self, name: str = "") -> Iterator[psycopg.Connection]:
        given = {key: value for key, value in self.where.items() if value}
        with psycopg.connect(
            dbname=name or self.name, password=self.password or None, autocommit=True, **given
        ) as opened:
            yield opened

    def url(self) -> str:
        user = quote(self.where["user"], safe="")
        password = f":{quote(self.password, safe='')}" if self.password else ""
        port = f":{self.where['port']}" if self.where["port"] else ""
        return f"postgres://{user}{password}@{quote(self.where['host'], safe='')}{port}/{self.name}"

    def psql(self) -> subprocess.Popen[str]:
        """The plan's command, started."""
        given = {"PGHOST": self.where["host"], "PGPORT": self.where["port"], "PGPASSWORD": self.password}
        return subprocess.Popen(
            [newest().program("psql"), "-X", "-U", self.where["user"], "-d", self.name, "-f", str(FILE)],
            env={**os.environ, **{key: value for key, value in given.items() if value}},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run_file(self) -> str:
        """Run the file to its end and return what it printed."""
        output, errors = self.psql().communicate(timeout=SECONDS)
        assert errors == ""
        return output

    def indexes(self) -> dict[str, tuple[str, bool]]:
        """Name -> definition, and whether queries may use it."""
        with self.connect() as opened:
            return {name: (definition, valid) for name, definition, valid in opened.execute(INDEXES)}

    def drop_secondary_indexes(self) -> None:
        with self.connect() as opened:
            for (name,) in opened.execute(SECONDARY).fetchall():
                opened.execute(f"DROP INDEX {name}")


@pytest.fixture(scope="module")
def migrated(django_db_setup: None, django_db_blocker: object) -> Iterator[Database]:
    """A database made by the migrations alone."""
    database = Database(f"{connection.settings_dict['NAME']}_scaling")
    with database.connect("postgres") as server:
        server.execute(f'DROP DATABASE IF EXISTS "{database.name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{database.name}"')
        environment = {**os.environ, "DATABASE_URL": database.url(), "SECRET_KEY": "for tests"}
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=SECONDS)
        yield database
        server.execute(f'DROP DATABASE "{database.name}" WITH (FORCE)')


@pytest.fixture
def database(migrated: Database) -> Database:
    """That database without the indexes that the file makes, and with no rows."""
    migrated.drop_secondary_indexes()
    with migrated.connect() as opened:
        opened.execute("TRUNCATE enterprise_entreprise RESTART IDENTITY")
    return migrated


@pytest.mark.django_db
def test_the_file_and_the_migrations_make_the_same_indexes(database: Database) -> None:
    assert len(database.indexes()) == 2  # the primary key, siren
    database.run_file()
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        by_migrations = {name: (definition, valid) for name, definition, valid in cursor.fetchall()}
    assert database.indexes() == by_migrations


@pytest.mark.parametrize("name", ["created_id", "nom_id", "nom_trgm", "ville_naf", "cp_active"])
def test_the_file_makes_every_index_that_the_plan_names(database: Database, name: str) -> None:
    database.run_file()
    assert f"enterprise_entreprise_{name}_idx" in database.indexes()


def test_a_second_run_keeps_what_the_first_one_made(database: Database) -> None:
    def identities() -> list[tuple[int, str]]:
        with database.connect() as opened:
            return opened.execute(
                "SELECT indexrelid, indexrelid::regclass::text FROM pg_index"
                " WHERE indrelid = 'enterprise_entreprise'::regclass ORDER BY 1"
            ).fetchall()

    database.run_file()
    first = identities()
    output = database.run_file()
    assert identities() == first
    assert "8/8 naf_code" in output
    assert output.count("| ready") == len(first)


def test_writers_go_on_while_the_indexes_are_built(database: Database) -> None:
    with database.connect() as slow, database.connect() as writer, database.connect() as other:
        writer.execute("SET lock_timeout = '2s'")
        other.execute("SET lock_timeout = '2s'")
        slow.execute("BEGIN")
        slow.execute(INSERT, ["732829320"])
        run = database.psql()  # waits at its first index for `slow` to end: here a writer would queue behind it
        _wait_for_lock(other, "CREATE INDEX%")
        writer.execute(INSERT, ["552100554"])
        writer.execute("UPDATE enterprise_entreprise SET nom = 'AUTRE' WHERE siren = '552100554'")
        assert run.poll() is None
        slow.execute("COMMIT")
        output, errors = run.communicate(timeout=SECONDS)
        assert (run.returncode, errors) == (0, ""), output
        writer.execute("SET enable_seqscan = off")
        found = writer.execute("SELECT siren FROM enterprise_entreprise ORDER BY nom, id").fetchall()
    assert found == [("552100554",), ("732829320",)]
    assert all(valid for _, valid in database.indexes().values())


def test_a_second_run_at_the_same_time_leaves_the_first_in_peace(database: Database) -> None:
    with database.connect() as slow, database.connect() as other:
        slow.execute("BEGIN")
        slow.execute(INSERT, ["732829320"])
        first = database.psql()
        _wait_for_lock(other, "CREATE INDEX%")
        second = database.psql()
        _, errors = second.communicate(timeout=SECONDS)
        assert second.returncode != 0
        assert "Another run of this file is at work" in errors
        slow.execute("COMMIT")
        first.communicate(timeout=SECONDS)
    assert first.returncode == 0


def test_what_an_interrupted_run_left_is_repaired(database: Database) -> None:
    name = "enterprise_entreprise_nom_trgm_idx"
    with database.connect() as slow, database.connect() as interrupted:
        slow.execute("BEGIN")
        slow.execute(INSERT, ["732829320"])
        interrupted.execute("SET statement_timeout = '200ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            interrupted.execute(f"CREATE INDEX CONCURRENTLY {name} ON enterprise_entreprise (adresse)")
        slow.execute("ROLLBACK")
    assert database.indexes()[name][1] is False

    assert "DROP INDEX" in database.run_file()
    definition, valid = database.indexes()[name]
    assert valid
    assert "gin_trgm_ops" in definition


def test_a_database_without_the_table_is_told_to_migrate(database: Database) -> None:
    empty = Database(f"{database.name}_empty")
    with database.connect("postgres") as server:
        server.execute(f'DROP DATABASE IF EXISTS "{empty.name}"')
        server.execute(f'CREATE DATABASE "{empty.name}"')
        try:
            run = empty.psql()
            _, errors = run.communicate(timeout=SECONDS)
        finally:
            server.execute(f'DROP DATABASE "{empty.name}"')
    assert run.returncode == 3  # psql's: the script stopped at an error
    assert "python manage.py migrate" in errors


def _wait_for_lock(opened: psycopg.Connection, query: str) -> None:
    """Wait until a session of this database waits for a lock in a statement like `query`."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE %s"
    )
    limit = time.monotonic() + SECONDS
    while opened.execute(waiting, [query]).fetchone() == (0,):
        assert time.monotonic() < limit, "no session waits"
        time.sleep(0.02)
