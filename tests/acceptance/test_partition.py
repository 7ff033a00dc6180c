"""manage.py partition_entreprises: to partitions by département and back, while others read and write."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from foxreviews.backup.manifest import newest as newest_backup
from foxreviews.localdb.binaries import newest
from foxreviews.reference.identifiers import siren_with_key
from tests import commands
from tests.acceptance.test_runbook import commands as lines_of
from tests.few_partitions import DEPARTEMENTS, FEW_PARTITIONS
from tests.waiting import DEADLINE, wait_until

COMMAND, UNDO = "partition_entreprises", "--undo"
TABLE = "enterprise_entreprise"
CONTENT = f"SELECT count(*), sum(hashtextextended(one::text, 0))::text FROM {TABLE} AS one"
LEFT = r"""
    SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')
    AND relname ~ '^enterprise_entreprise_(next|before|changed|copied)$'
    UNION ALL SELECT proname FROM pg_proc WHERE proname = 'enterprise_entreprise_changed'
    UNION ALL SELECT tgname FROM pg_trigger WHERE tgname ~ '^enterprise_entreprise_changed'
"""
SIRENS = f"""
    SELECT count(*) FROM {TABLE} AS one FULL JOIN enterprise_siren AS noted USING (siren, departement)
    WHERE one.id IS NULL OR noted.siren IS NULL
"""
INSERT = f"INSERT INTO {TABLE} (siren, nom, departement) VALUES (%s, %s, %s)"
FREE = [siren_with_key(number) for number in range(99_000_000, 99_000_100)]


class Directory:
    """A database with companies, the command on it, and its sessions."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def run(self, *arguments: str) -> str:
        done = commands.run(self.environment, COMMAND, *arguments, program=FEW_PARTITIONS)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *arguments: str) -> commands.Command:
        return commands.Command(self.environment, COMMAND, *arguments, program=FEW_PARTITIONS)

    @contextmanager
    def connect(self, **options: Any) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.environment["DATABASE_URL"], **{"autocommit": True} | options) as session:
            yield session

    def ask(self, statement: str, *parameters: object) -> Any:
        """The first row, alone where it is one value."""
        with self.connect() as session:
            row = session.execute(statement, parameters).fetchone()  # type: ignore[call-overload]
        return row[0] if row and len(row) == 1 else row

    def execute(self, statement: str, *parameters: object) -> None:
        with self.connect() as session:
            session.execute(statement, parameters)  # type: ignore[arg-type]

    def exists(self, table: str) -> bool:
        return bool(self.ask("SELECT to_regclass(%s) IS NOT NULL", table))

    @property
    def content(self) -> tuple[int, str]:
        return self.ask(CONTENT)

    @property
    def is_partitioned(self) -> bool:
        return bool(self.ask("SELECT relkind = 'p' FROM pg_class WHERE oid = %s::regclass", TABLE))

    def waits(self, statement: str) -> bool:
        """Whether a session waits for a lock in such a statement."""
        return bool(
            self.ask(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND"
                " wait_event_type = 'Lock' AND query ~ %s",
                statement,
            )
        )

    def require_whole(self) -> None:
        """Nothing is left behind, and each SIREN is noted once where the table is partitioned."""
        with self.connect() as session:
            assert session.execute(LEFT).fetchall() == []
        if self.is_partitioned:
            assert self.ask(SIRENS) == 0
        else:
            assert self.ask("SELECT count(*) FROM enterprise_siren") == 0

    def schema(self) -> str:
        """As pg_dump writes the table."""
        command = [
            newest().program("pg_dump"),
            "--schema-only",
            "-t",
            TABLE,
            "-d",
            self.environment["DATABASE_URL"],
        ]
        dump = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return re.sub(r"^\\(un)?restrict .*$", "", dump, flags=re.MULTILINE)


@pytest.fixture
def directory(loaded_database: dict[str, str]) -> Directory:
    return Directory(loaded_database)


@pytest.fixture
def partitioned(directory: Directory) -> Directory:
    directory.run()
    return directory


class Held:
    """A run of the command that stands behind a session of ours until it is let go on."""

    def __init__(self, directory: Directory, *arguments: str) -> None:
        """It waits for those who write, with the table of the other shape made."""
        self.directory = directory
        self._session = psycopg.connect(directory.environment["DATABASE_URL"])
        self._session.execute(f"LOCK TABLE {TABLE} IN ROW EXCLUSIVE MODE")
        self.command = directory.start(*arguments)
        wait_until(lambda: directory.exists(f"{TABLE}_next"), "the copy is not made")

    def hold_at(self, statement: str, *locks: str) -> None:
        """Let it go on to where it waits behind these locks, in such a statement."""
        other = psycopg.connect(self.directory.environment["DATABASE_URL"])
        for lock in locks:
            other.execute(lock)  # type: ignore[arg-type]
        self._session.close()
        self._session = other
        wait_until(
            lambda: self.directory.waits(statement) or self.command.poll() is not None, f"no {statement}"
        )
        assert self.command.poll() is None, self.command.communicate()[0]

    def kill(self) -> None:
        """As by kill -9."""
        self.command.kill()
        self.command.communicate()
        self._session.close()

    def let_go(self) -> None:
        self._session.close()

    def end(self) -> str:
        """Let it go on to its end; what it said."""
        self.let_go()
        said, _ = self.command.communicate(timeout=DEADLINE)
        assert self.command.returncode == 0, said
        return said


HALF = f"(SELECT siren FROM {TABLE} ORDER BY id OFFSET (SELECT count(*) / 2 FROM {TABLE}) LIMIT 1)"
# What stops a run: a key that is not committed, locks that one of its statements waits for.
STOPS: dict[str, list[tuple[str, str]]] = {
    "copying": [("Copy the next", f"INSERT INTO enterprise_siren SELECT * FROM {HALF} AS half")],
    "building indexes": [("CREATE INDEX", f"LOCK TABLE {TABLE}_next IN ROW EXCLUSIVE MODE")],
    "swapping": [
        ("CREATE INDEX", f"LOCK TABLE {TABLE}_next IN ROW EXCLUSIVE MODE"),
        ("LOCK TABLE", f"LOCK TABLE {TABLE} IN ACCESS SHARE MODE"),
    ],
    "removing": [
        ("CREATE INDEX", f"LOCK TABLE {TABLE}_next IN ROW EXCLUSIVE MODE"),
        ("DROP TABLE", f"LOCK TABLE {TABLE}_copied IN ACCESS SHARE MODE"),
    ],
}


def test_back_in_one_table_it_is_what_it_was_before(directory: Directory) -> None:
    directory.execute(f"GRANT SELECT ON {TABLE} TO PUBLIC")
    schema, content = directory.schema(), directory.content
    said = directory.run()
    held = re.search(r"the lock was held for (\S+) s", said)
    assert held
    assert float(held[1]) <= 1
    assert directory.is_partitioned
    assert directory.content == content
    directory.require_whole()
    directory.execute(INSERT, FREE[0], "DERNIÈRE", "75")
    last = directory.ask(f"SELECT id FROM {TABLE} WHERE siren = %s", FREE[0])
    assert last == directory.ask(f"SELECT max(id) FROM {TABLE}")
    directory.execute(f"DELETE FROM {TABLE} WHERE siren = %s", FREE[0])
    assert "already" in directory.run()

    directory.run(UNDO)
    assert not directory.is_partitioned
    assert directory.schema() == schema
    assert directory.content == content
    directory.require_whole()
    directory.execute(INSERT, FREE[0], "DERNIÈRE", "75")
    assert directory.ask(f"SELECT id FROM {TABLE} WHERE siren = %s", FREE[0]) == last + 1


@pytest.mark.parametrize("moment", STOPS)
def test_killed_at_any_moment_the_same_command_goes_on(directory: Directory, moment: str) -> None:
    content = directory.content
    held = Held(directory)
    for stop in STOPS[moment]:
        held.hold_at(*stop)
    held.kill()
    assert directory.content == content
    copied = directory.ask(f"SELECT id FROM {TABLE}_copied")
    assert copied > 0
    assert directory.is_partitioned is (moment == "removing")

    said = directory.run()
    if moment == "removing":
        assert "already" in said
    else:
        assert "Preparing" not in said
    assert directory.is_partitioned
    assert directory.content == content
    directory.require_whole()


def test_killed_before_it_notes_changes_it_begins_again(directory: Directory) -> None:
    content = directory.content
    Held(directory).kill()
    assert "Preparing" in directory.run()
    assert directory.content == content
    directory.require_whole()


def test_the_other_command_removes_what_was_begun(directory: Directory) -> None:
    schema = directory.schema()
    held = Held(directory)
    held.hold_at(*STOPS["building indexes"][0])
    held.kill()
    assert "copied up to" in directory.run("--dry-run")
    assert "Removing the copy" in directory.run(UNDO)
    assert directory.schema() == schema
    directory.require_whole()


def test_back_to_one_table_is_resumed_as_well(partitioned: Directory) -> None:
    content = partitioned.content
    held = Held(partitioned, UNDO)
    held.hold_at(*STOPS["building indexes"][0])
    partitioned.execute(f"UPDATE {TABLE} SET departement = '13' WHERE departement = '75'")
    partitioned.execute(f"UPDATE {TABLE} SET departement = '75' WHERE departement = '13'")
    moved = partitioned.content
    assert moved != content
    held.kill()
    assert "Preparing" not in partitioned.run(UNDO)
    assert partitioned.content == moved
    partitioned.require_whole()


def _write(directory: Directory, number: int) -> None:
    """Some of all that may happen to companies."""
    of_us = f"SELECT id FROM {TABLE} WHERE mod(id, 10) = {number}"
    directory.execute(INSERT, FREE[number], "NEUVE", "2A")
    directory.execute(f"UPDATE {TABLE} SET nom = nom || ' BIS' WHERE id IN ({of_us})")
    directory.execute(f"UPDATE {TABLE} SET departement = '69' WHERE id IN ({of_us} AND departement = '75')")
    directory.execute(f"DELETE FROM {TABLE} WHERE id IN ({of_us} AND siren < '3')")
    one, other = (FREE[50 + 2 * number + each] for each in (0, 1))
    directory.execute(INSERT, one, "UNE", "75")
    # Another company takes the number of one that gives it up.
    directory.execute(f"UPDATE {TABLE} SET siren = %s WHERE siren = %s", other, one)
    directory.execute(INSERT, one, "AUTRE", "13")


def test_what_writers_and_an_import_do_meanwhile_is_in_both(directory: Directory, tmp_path: Path) -> None:
    held = Held(directory)
    _write(directory, 1)
    held.hold_at(*STOPS["copying"][0])
    _write(directory, 2)
    held.hold_at(*STOPS["building indexes"][0])
    _write(directory, 3)
    text = (tmp_path / "entreprises.csv").read_text()
    changed = tmp_path / "changed.csv"
    changed.write_text(text.replace(" RUE ", " AVENUE "))
    imported = commands.run(directory.environment, "import_entreprises_bulk", changed)
    assert imported.returncode == 0, imported.stdout + imported.stderr
    content = directory.content
    held.end()
    assert directory.is_partitioned
    assert directory.content == content
    directory.require_whole()


def test_a_table_that_is_emptied_meanwhile_is_copied_again(directory: Directory) -> None:
    held = Held(directory)
    held.hold_at(*STOPS["building indexes"][0])
    directory.execute(f"TRUNCATE {TABLE}")
    directory.execute(INSERT, FREE[0], "SEULE", "75")
    assert "begins again" in held.end()
    assert directory.content[0] == 1
    directory.require_whole()


class Others:
    """Sessions that read and write in threads of their own; what was refused or wrong is in `wrong`."""

    def __init__(self, directory: Directory) -> None:
        self.directory, self.count = directory, directory.content[0]
        self.wrong: list[object] = []
        self.reads = self.writes = 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._do, args=[each]) for each in (self._read, self._write)]

    def __enter__(self) -> "Others":
        for thread in self._threads:
            thread.start()
        wait_until(lambda: self.reads and self.writes, "nobody reads or writes")
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _do(self, once: Callable[[psycopg.Connection], None]) -> None:
        with self.directory.connect() as session:
            while not self._stop.is_set():
                try:
                    once(session)
                except psycopg.Error as error:
                    self.wrong.append(error)

    def _read(self, session: psycopg.Connection) -> None:
        found = session.execute(f"SELECT count(*) FROM {TABLE} WHERE nom <> 'NEUVE'").fetchone()
        page = session.execute(f"SELECT siren FROM {TABLE} ORDER BY created_at, id LIMIT 20").fetchall()
        if found != (self.count,) or len(page) != 20:
            self.wrong.append((found, len(page)))
        self.reads += 1

    def _write(self, session: psycopg.Connection) -> None:
        if self.writes < len(FREE):
            session.execute(INSERT, [FREE[self.writes], "NEUVE", "75"])
            self.writes += 1
        self._stop.wait(0.05)


def test_readers_and_a_writer_meet_no_error_at_the_swap(directory: Directory) -> None:
    with Others(directory) as others:
        for arguments in ((), (UNDO,)):
            directory.run(*arguments)
            seen = others.reads
            wait_until(lambda before=seen: others.reads > before, "nobody reads any more")
    assert others.wrong == []
    assert directory.content[0] == others.count + others.writes
    directory.require_whole()


def test_who_chose_a_moment_before_the_copy_sees_the_table_whole(directory: Directory) -> None:
    count = directory.content[0]
    held = Held(directory)
    with directory.connect(autocommit=False) as session:
        session.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        session.execute("SELECT 1 FROM location_ville LIMIT 1")
        held.let_go()
        looks = "SELECT count(*) FROM pg_stat_activity WHERE query ~ '^-- Sessions that may be in a moment'"
        wait_until(lambda: directory.ask(looks) or directory.is_partitioned, "it does not look for others")
        assert session.execute(f"SELECT count(*) FROM {TABLE}").fetchone() == (count,)
        assert not directory.is_partitioned
    held.end()
    assert directory.is_partitioned


def test_what_is_committed_while_the_lock_is_waited_for_is_in_both(directory: Directory) -> None:
    held = Held(directory)
    held.hold_at(*STOPS["building indexes"][0])
    with directory.connect(autocommit=False) as writer:
        writer.execute(INSERT, [FREE[0], "NEUVE", "75"])
        writer.execute(f"UPDATE {TABLE} SET departement = '69' WHERE departement = '75'")
        content = writer.execute(CONTENT).fetchone()
        held.let_go()
        # At once: it gives up after 0.3 s, and copies what is committed before it tries again.
        with directory.connect() as session:
            waits = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'LOCK TABLE%'"
            wait_until(lambda: session.execute(waits).rowcount, "the lock is not waited for", pause=0.001)
            writer.commit()
    held.end()
    assert directory.content == content
    directory.require_whole()


# -- In partitions


def test_one_siren_is_not_in_two_departements(partitioned: Directory) -> None:
    with partitioned.connect(autocommit=False) as first, partitioned.connect() as second:
        first.execute(INSERT, [FREE[0], "UNE", "75"])
        raised: list[BaseException] = []

        def insert() -> None:
            try:
                second.execute(INSERT, [FREE[0], "AUTRE", "69"])
            except psycopg.Error as error:
                raised.append(error)

        inserting = threading.Thread(target=insert)
        inserting.start()
        wait_until(lambda: partitioned.waits("INSERT") or not inserting.is_alive(), "the second does nothing")
        first.commit()
        inserting.join()
        assert [type(each) for each in raised] == [psycopg.errors.UniqueViolation]
        elsewhere = f"(SELECT min(id) FROM {TABLE} WHERE departement <> '75')"
        for statement in (
            f"UPDATE {TABLE} SET siren = '{FREE[0]}' WHERE id = {elsewhere}",
            f"INSERT INTO {TABLE} (siren, nom, departement) VALUES ('{FREE[1]}', 'A', '13'), ('{FREE[1]}', 'B', '2A')",
        ):
            with pytest.raises(psycopg.errors.UniqueViolation):
                second.execute(statement)  # type: ignore[call-overload]
        second.execute(f"UPDATE {TABLE} SET departement = '2A' WHERE siren = %s", [FREE[0]])
        second.execute(f"DELETE FROM {TABLE} WHERE siren = %s", [FREE[0]])
        second.execute(INSERT, [FREE[0], "UNE", "69"])
    partitioned.require_whole()


def test_who_is_hidden_while_moving_is_hidden_with_all_that_is_its_own(partitioned: Directory) -> None:
    siren = FREE[0]
    partitioned.execute(
        f"INSERT INTO {TABLE} (siren, nom, adresse, departement, categorie_juridique) VALUES (%s, %s, %s, %s, %s)",
        siren, "MARTIN JEANNE", "1 RUE DU BAC", "75", "1000",
    )  # fmt: skip
    partitioned.execute(
        "INSERT INTO enterprise_etablissement (siret, siren, nom_commercial) VALUES (%s, %s, 'CHEZ JEANNE')",
        f"{siren}00012", siren,
    )  # fmt: skip
    partitioned.execute(
        "INSERT INTO enterprise_anciennom (siren, nature, nom, date_fin) VALUES (%s, 'nom', 'DURAND', '2020-01-01')",
        siren,
    )
    partitioned.execute("DELETE FROM search_change")
    partitioned.execute(
        f"UPDATE {TABLE} SET statut_diffusion = 'P', departement = '69' WHERE siren = %s", siren
    )
    shown = "SELECT nom, adresse, departement, tableoid::regclass::text FROM"
    assert partitioned.ask(f"{shown} {TABLE} WHERE siren = %s", siren) == ("[ND]", "", "69", f"{TABLE}_69")
    assert (
        partitioned.ask("SELECT nom_commercial FROM enterprise_etablissement WHERE siren = %s", siren) == ""
    )
    assert partitioned.ask("SELECT count(*) FROM enterprise_anciennom WHERE siren = %s", siren) == 0
    assert partitioned.ask("SELECT count(*) FROM enterprise_hidden WHERE siren = %s", siren) == 1
    assert partitioned.ask("SELECT count(*) FROM search_change WHERE siren = %s", siren) > 0
    # Moving alone loses nothing.
    partitioned.execute(
        "INSERT INTO enterprise_etablissement (siret, siren, nom_commercial) VALUES (%s, %s, 'AU COIN')",
        f"{FREE[1]}00012", FREE[1],
    )  # fmt: skip
    partitioned.execute(INSERT, FREE[1], "AU COIN", "75")
    partitioned.execute(f"UPDATE {TABLE} SET departement = '13' WHERE siren = %s", FREE[1])
    assert (
        partitioned.ask("SELECT nom_commercial FROM enterprise_etablissement WHERE siren = %s", FREE[1])
        == "AU COIN"
    )
    partitioned.require_whole()


@pytest.mark.parametrize(
    "statement", ["INSERT INTO {} (siren, nom, departement) VALUES ('1', 'X', '75')", "DELETE FROM {}"]
)
def test_nobody_writes_past_the_triggers(partitioned: Directory, statement: str) -> None:
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="not to its partition"):
        partitioned.execute(statement.format(f"{TABLE}_75"))


def test_an_import_leaves_alone_who_was_added_elsewhere_meanwhile(
    partitioned: Directory, tmp_path: Path
) -> None:
    text = (tmp_path / "entreprises.csv").read_text()
    header, line = text.splitlines()[:2]
    siren = line.split(",")[0].strip('"')
    assert partitioned.ask(f"SELECT count(*) FROM {TABLE} WHERE siren = %s", siren) == 1
    partitioned.execute(f"DELETE FROM {TABLE} WHERE siren = %s", siren)
    file = tmp_path / "one.csv"
    file.write_text(f"{header}\n{line}\n")
    with partitioned.connect(autocommit=False) as other:
        other.execute(INSERT, [siren, "ELLE-MÊME", "971"])
        run = commands.Command(partitioned.environment, "import_entreprises_bulk", file)
        wait_until(lambda: partitioned.waits(".") or run.poll() is not None, "the import does not wait")
        other.commit()
    said, _ = run.communicate(timeout=DEADLINE)
    assert run.returncode == 0, said
    assert partitioned.ask(f"SELECT nom FROM {TABLE} WHERE siren = %s", siren) == "ELLE-MÊME"
    partitioned.require_whole()


# -- Refused


def test_what_is_in_the_way_is_named_before_anything_is_done(directory: Directory) -> None:
    directory.execute(f"CREATE VIEW of_paris AS SELECT nom FROM {TABLE} WHERE departement = '75'")
    done = commands.run(directory.environment, COMMAND, program=FEW_PARTITIONS)
    assert done.returncode == 1
    assert "the view of_paris" in done.stderr
    assert not directory.exists(f"{TABLE}_next")


def test_the_suites_pass_on_partitions() -> None:
    """A selection of them; all of them: SHAPE=partitioned make test."""
    chosen = (
        "api/test_entreprises.py",
        "api/test_lots.py",
        "enterprise/test_partitions.py",
        "importing/test_import_entreprises.py",
        "sirene/test_where.py",
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "-q", *(f"tests/integration/{each}" for each in chosen)],
        cwd=commands.CHECKOUT, env=os.environ | {"SHAPE": "partitioned"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5000:]


def test_what_the_page_tells_to_type_works(directory: Directory, loaded_database: dict[str, str]) -> None:
    """With all of the partitions."""
    content = directory.content
    said = [commands.run(loaded_database, *line.split()[2:]) for line in lines_of("partition.md")]
    assert [done.returncode for done in said] == [0] * len(said), [done.stdout + done.stderr for done in said]
    assert "109, each SIREN in one of them" in said[2].stdout.replace("110", "109")
    assert not directory.is_partitioned
    assert directory.content == content
    directory.require_whole()


def test_the_other_commands_know_partitions(partitioned: Directory) -> None:
    def manage(*arguments: str, code: int = 0) -> str:
        done = commands.run(partitioned.environment, *arguments)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    partitioned.execute("ANALYZE")
    companies = partitioned.content[0]
    found = {each["subject"]: each for each in json.loads(manage("doctor", "--json"))["findings"]}
    assert found["partitions"]["found"] == f"{len(DEPARTEMENTS) + 1}, each SIREN in one of them"
    assert manage("search_rebuild")
    assert f"{companies:,} for {companies:,} companies" in manage("search_status")
    manage("backup")
    manage("restore_drill")
    assert newest_backup(Path(partitioned.environment["BACKUP_DIR"])).companies == companies
    verified = {each["subject"]: each for each in json.loads(manage("verify", "--json"))["findings"]}
    assert verified["companies"]["figures"]["companies"] == companies
    assert verified["table"]["figures"]["bytes"] > 100_000
    assert verified["nom_trgm_idx"]["figures"]["bytes"] > 100_000
    # What changed so much that the statistics of the whole are wrong
    partitioned.execute(
        f"INSERT INTO {TABLE} (siren, nom, departement) SELECT 'S' || n, 'N', '75' FROM generate_series(1, 5000) n"
    )
    partitioned.execute(f"ANALYZE {TABLE}_75")
    assert f'ANALYZE "{TABLE}"' in manage("maintain", "--dry-run")
    manage("maintain")
    assert "Nothing to do" in manage("maintain")
    partitioned.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER enterprise_siren_insert")
    partitioned.execute(INSERT, FREE[0], "DEUX FOIS", "75")
    found = {each["subject"]: each for each in json.loads(manage("doctor", "--json", code=1))["findings"]}
    assert "enterprise_siren_insert" in found["partitions"]["found"]
