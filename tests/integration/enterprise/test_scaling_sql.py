"""SCALING_4M_ENTREPRISES.sql, run as the scaling plan runs it: by psql, on a database that others use meanwhile."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from foxreviews.localdb.binaries import newest
from tests import commands
from tests.few_partitions import FEW_PARTITIONS
from tests.shape import one_table
from tests.waiting import DEADLINE, wait_until

ROOT = Path(__file__).parents[3]
FILE = ROOT / "SCALING_4M_ENTREPRISES.sql"

INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid
    FROM pg_index WHERE indrelid IN ('enterprise_entreprise'::regclass, 'enterprise_etablissement'::regclass)
"""
SECONDARY = """
    SELECT indexrelid::regclass::text FROM pg_index
    WHERE indrelid IN ('enterprise_entreprise'::regclass, 'enterprise_etablissement'::regclass)
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""
INSERT = "INSERT INTO enterprise_entreprise (siren, nom) VALUES (%s, 'CAFÉ DE LA GARE')"


class Database:
    """A migrated database without the indexes that the file makes."""

    def __init__(self, url: str) -> None:
        self.url = url
        with self.connect() as session:
            for (name,) in session.execute(SECONDARY).fetchall():
                session.execute(f"DROP INDEX {name}")

    @contextmanager
    def connect(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.url, autocommit=True) as session:
            yield session

    def psql(self) -> subprocess.Popen[str]:
        """The scaling plan's command, started."""
        return subprocess.Popen(
            [newest().program("psql"), "-X", "-d", self.url, "-f", str(FILE)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run_file(self) -> str:
        """Run the file to its end and return what it printed."""
        run = self.psql()
        output, errors = run.communicate(timeout=DEADLINE)
        assert (run.returncode, errors) == (0, "")
        return output

    def indexes(self) -> dict[str, tuple[str, bool]]:
        """Name -> definition, and whether queries may use it."""
        with self.connect() as session:
            return {name: (definition, valid) for name, definition, valid in session.execute(INDEXES)}


@pytest.fixture
def database(empty_database: dict[str, str]) -> Database:
    return Database(empty_database["DATABASE_URL"])


@pytest.mark.django_db
def test_the_file_and_the_migrations_make_the_same_indexes(database: Database) -> None:
    assert len(database.indexes()) == 3  # the primary keys, siren
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
        with database.connect() as session:
            return session.execute(
                "SELECT indexrelid, indexrelid::regclass::text FROM pg_index"
                " WHERE indrelid IN ('enterprise_entreprise'::regclass, 'enterprise_etablissement'::regclass)"
                " ORDER BY 1"
            ).fetchall()

    database.run_file()
    first = identities()
    output = database.run_file()
    assert identities() == first
    assert "8/15 naf_code" in output
    assert output.count("| ready") == len(first)


@one_table
def test_writers_go_on_while_the_indexes_are_built(database: Database) -> None:
    with database.connect() as slow, database.connect() as writer, database.connect() as other:
        writer.execute("SET lock_timeout = '60s'")  # a build that locks writers out ends only after `slow`
        slow.execute("BEGIN")
        slow.execute(INSERT, ["732829320"])
        run = database.psql()  # waits at its first index for `slow` to end
        _wait_for_lock(other, "CREATE INDEX%")
        writer.execute(INSERT, ["552100554"])
        writer.execute("UPDATE enterprise_entreprise SET nom = 'AUTRE' WHERE siren = '552100554'")
        assert run.poll() is None
        slow.execute("COMMIT")
        output, errors = run.communicate(timeout=DEADLINE)
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
        _, errors = second.communicate(timeout=DEADLINE)
        assert second.returncode != 0
        assert "Another run of this file is at work" in errors
        slow.execute("COMMIT")
        first.communicate(timeout=DEADLINE)
    assert first.returncode == 0


@one_table
def test_what_an_interrupted_run_left_is_repaired(database: Database) -> None:
    name = "enterprise_entreprise_nom_trgm_idx"
    with database.connect() as slow, database.connect() as interrupted, database.connect() as other:
        slow.execute("BEGIN")
        slow.execute(INSERT, ["732829320"])

        def interrupt() -> None:
            _wait_for_lock(other, "CREATE INDEX%")
            other.execute("SELECT pg_cancel_backend(%s)", [interrupted.info.backend_pid])

        interrupting = threading.Thread(target=interrupt)
        interrupting.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            interrupted.execute(f"CREATE INDEX CONCURRENTLY {name} ON enterprise_entreprise (adresse)")
        interrupting.join()
        slow.execute("ROLLBACK")
    assert database.indexes()[name][1] is False

    assert "DROP INDEX" in database.run_file()
    definition, valid = database.indexes()[name]
    assert valid
    assert "gin_trgm_ops" in definition


def test_on_partitions_each_has_each_index(empty_database: dict[str, str]) -> None:
    """Where an interrupted run has left half of one, too."""
    parts = """
        SELECT count(*) FROM pg_partition_tree('enterprise_entreprise') JOIN pg_index ON indrelid = relid
        WHERE isleaf AND indisvalid AND EXISTS (SELECT FROM pg_inherits WHERE inhrelid = indexrelid)
    """
    done = commands.run(empty_database, "partition_entreprises", program=FEW_PARTITIONS)
    assert done.returncode == 0, done.stderr

    def state(database: Database) -> tuple[dict[str, tuple[str, bool]], object]:
        with database.connect() as session:
            return database.indexes(), session.execute(parts).fetchone()

    made = Database.__new__(Database)
    made.url = empty_database["DATABASE_URL"]
    before = state(made)
    database = Database(made.url)
    assert len(database.indexes()) == 3
    with database.connect() as session:
        session.execute(
            "CREATE INDEX enterprise_entreprise_nom_id_idx ON ONLY enterprise_entreprise (nom, id)"
        )
        session.execute("CREATE INDEX part_nom_id_idx_2a ON enterprise_entreprise_2a (nom, id)")
        session.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'part_nom_id_idx_2a'::regclass"
        )
    database.run_file()
    assert state(database) == before
    output = database.run_file()
    assert state(database) == before
    assert output.count("| ready") == len(before[0])


def test_writers_go_on_while_partitions_get_their_indexes(empty_database: dict[str, str]) -> None:
    done = commands.run(empty_database, "partition_entreprises", program=FEW_PARTITIONS)
    assert done.returncode == 0, done.stderr
    database = Database(empty_database["DATABASE_URL"])
    with database.connect() as slow, database.connect() as writer, database.connect() as other:
        writer.execute("SET lock_timeout = '60s'")  # a build that locks writers out ends only after `slow`
        slow.execute("BEGIN")
        slow.execute(INSERT, ["732829320"])
        run = database.psql()
        _wait_for_lock(other, "%patiently%")
        writer.execute(INSERT, ["552100554"])
        assert run.poll() is None
        slow.execute("COMMIT")
        output, errors = run.communicate(timeout=DEADLINE)
    assert (run.returncode, errors) == (0, ""), output
    assert len(database.indexes()) > 20
    assert all(valid for _, valid in database.indexes().values())


@pytest.mark.parametrize("table", ["enterprise_entreprise", "enterprise_etablissement"])
def test_on_a_database_without_a_table_the_error_says_to_migrate(database: Database, table: str) -> None:
    with database.connect() as session:
        session.execute(f"DROP TABLE {table}")
    run = database.psql()
    _, errors = run.communicate(timeout=DEADLINE)
    assert run.returncode == 3  # psql's: the script stopped at an error
    assert "python manage.py migrate" in errors


def _wait_for_lock(session: psycopg.Connection, query: str) -> None:
    """Wait until a session of this database waits for a lock in a statement like `query`."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE %s"
    )
    wait_until(lambda: session.execute(waiting, [query]).fetchone() != (0,), "no session waits")
