"""Backup, restore and restore_drill: what was backed up comes back, and whatever fails or is killed harms nothing."""

import itertools
import json
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.commands import Command
from tests.waiting import DEADLINE, wait_until

ROWS = 300


class Directory:
    """A database with some companies, and the commands on it."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.backups = folder / "backups"
        self.environment = environment | {"BACKUP_DIR": str(self.backups), "LOG_DIR": str(folder / "logs")}
        self.url = environment["DATABASE_URL"]
        self.name = self.url.rsplit("/", 1)[1]

    def ask(self, statement: str, database: str = "") -> Any:
        """The first value."""
        with psycopg.connect(self.url, dbname=database or self.name, autocommit=True) as session:
            cursor = session.execute(sql.SQL(statement))  # type: ignore[arg-type]
            return (cursor.fetchone() or [None])[0] if cursor.description else None

    def content(self) -> str:
        return self.ask("SELECT md5(string_agg(e::text, '' ORDER BY siren)) FROM enterprise_entreprise e")

    def databases(self) -> list[str]:
        """The others, which the commands on this one have made."""
        names = self.ask("SELECT array_agg(datname::text) FROM pg_database", "postgres")
        return sorted(name.removeprefix(self.name) for name in names if name.startswith(f"{self.name}_"))

    def start(self, *arguments: object) -> Command:
        return Command(self.environment, *arguments)

    def manage(self, *arguments: object, code: int = 0) -> str:
        """What the command says; it must end with that code and no traceback."""
        return self.end(self.start(*arguments), code)

    def end(self, process: Command, code: int) -> str:
        said, _ = process.communicate(timeout=DEADLINE)
        assert "Traceback" not in said, said
        assert process.returncode == code, said
        return said

    def backup(self, *arguments: object) -> Path:
        """Make one; its folder."""
        before = set(self.made())
        self.manage("backup", *arguments)
        (made,) = set(self.made()) - before
        return made

    def made(self) -> list[Path]:
        return sorted(path for path in self.backups.glob("*") if not path.name.startswith("."))

    def drafts(self) -> list[Path]:
        return list(self.backups.glob(".*.part"))

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """pg_dump waits in the block: for a sequence that another session is about to remove."""
        self.ask("CREATE SEQUENCE stall")
        with psycopg.connect(self.url) as session:
            session.execute("DROP SEQUENCE stall")
            yield
            session.rollback()
        self.ask("DROP SEQUENCE stall")

    def wait_for(self, holds: Callable[[], object], what: str) -> None:
        wait_until(holds, what)

    def is_dumping(self) -> bool:
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'foxreviews backup' "
        return bool(
            self.ask(f"{waiting} AND wait_event_type = 'Lock' AND datname = '{self.name}'", "postgres")
        )


@pytest.fixture
def directory(empty_database: dict[str, str], tmp_path: Path) -> Iterator[Directory]:
    made = Directory(empty_database, tmp_path)
    made.ask(
        "INSERT INTO enterprise_entreprise (siren, nom) "
        f"SELECT lpad(n::text, 9, '0'), 'ŒUVRE ' || n FROM generate_series(1, {ROWS}) AS n"
    )
    yield made
    for ending in made.databases():
        made.ask(f'DROP DATABASE "{made.name}{ending}" WITH (FORCE)', "postgres")


def test_a_drill_proves_a_backup_and_a_restore_brings_it_back_under_open_connections(
    directory: Directory,
) -> None:
    before = directory.content()
    backup = directory.backup()
    assert "A recovery takes" in directory.manage("restore_drill")
    assert json.loads((backup / "drill.json").read_text())["held"] is True
    assert directory.databases() == []

    directory.ask("DELETE FROM enterprise_entreprise WHERE siren > '000000100'")
    with psycopg.connect(directory.url) as service:
        service.execute("SELECT 1")  # in a transaction, as a page that is being made
        said = directory.manage("restore", "--yes")
        with pytest.raises(psycopg.OperationalError):
            service.execute("SELECT 1")
    assert directory.content() == before
    assert directory.ask("SELECT count(*) FROM search_change") == 0
    (kept,) = directory.databases()
    assert kept.startswith("_before_")
    assert f'DROP DATABASE "{directory.name}{kept}"' in said
    assert directory.ask("SELECT count(*) FROM enterprise_entreprise", f"{directory.name}{kept}") == 100
    added = "INSERT INTO enterprise_entreprise (siren, nom) VALUES ('999999999', 'NEXT') RETURNING id"
    assert directory.ask(added) == ROWS + 1, "sequences go on where they were"


def test_what_is_written_during_a_backup_is_in_neither_the_dump_nor_the_counts(directory: Directory) -> None:
    with directory.stalled():
        running = directory.start("backup")
        directory.wait_for(directory.is_dumping, "pg_dump never came to the sequence")
        directory.ask("INSERT INTO enterprise_entreprise (siren, nom) VALUES ('999999999', 'LATE')")
        assert "is running already" in directory.manage("backup", code=3)
        assert directory.made() == []
    directory.end(running, 0)
    (made,) = directory.made()
    tables = json.loads((made / "manifest.json").read_text())["contents"]["tables"]
    assert tables["public.enterprise_entreprise"]["rows"] == ROWS
    assert "public.search_change" not in tables
    assert "holds" in directory.manage("restore_drill", made.name)


def test_a_killed_backup_is_none_and_the_next_one_clears_it_away(directory: Directory) -> None:
    with directory.stalled():
        running = directory.start("backup")
        directory.wait_for(directory.is_dumping, "pg_dump never came to the sequence")
        running.kill()
        running.communicate()
        assert directory.made() == []
        assert len(directory.drafts()) == 1
        next_one = directory.start("backup")
        directory.wait_for(lambda: next_one.poll() is not None or len(directory.drafts()) == 1, "still two")
    directory.end(next_one, 0)
    assert len(directory.made()) == 1
    assert directory.drafts() == []


def test_a_stopped_backup_leaves_nothing(directory: Directory) -> None:
    with directory.stalled():
        running = directory.start("backup")
        directory.wait_for(directory.is_dumping, "pg_dump never came to the sequence")
        running.send_signal(signal.SIGTERM)
        assert "Interrupted." in directory.end(running, 130)
    assert list(directory.backups.iterdir()) == []


def test_a_backup_that_is_damaged_or_lies_is_named_and_nothing_is_touched(directory: Directory) -> None:
    whole = directory.backup()
    before = directory.content()

    def copy(name: str) -> Path:
        return Path(shutil.copytree(whole, directory.backups / name))

    largest = max(whole.glob("*.gz"), key=lambda path: path.stat().st_size).name
    altered = bytearray((whole / largest).read_bytes())
    altered[len(altered) // 2] ^= 1
    (copy("altered") / largest).write_bytes(altered)
    assert f"{largest} was altered" in directory.manage("restore", "altered", "--yes", code=2)
    assert f"{largest} was altered" in directory.manage("restore_drill", "altered", code=2)
    assert json.loads((directory.backups / "altered" / "drill.json").read_text())["held"] is False

    manifest = json.loads((whole / "manifest.json").read_text())
    newer = manifest | {"migrations": [*manifest["migrations"], "enterprise.9999_later"]}
    (copy("newer") / "manifest.json").write_text(json.dumps(newer))
    said = directory.manage("restore", "newer", "--yes", code=2)
    assert "made by a newer foxreviews: this one does not know enterprise.9999_later" in said

    manifest["contents"]["tables"]["public.enterprise_entreprise"]["rows"] += 1
    (copy("lying") / "manifest.json").write_text(json.dumps(manifest))
    said = directory.manage("restore", "lying", "--yes", code=2)
    assert f"public.enterprise_entreprise has {ROWS} rows, not {ROWS + 1}." in said

    assert directory.databases() == []
    assert directory.content() == before


def test_a_restore_that_is_killed_or_not_confirmed_leaves_the_directory_as_it_was(
    directory: Directory,
) -> None:
    directory.backup()
    directory.ask("UPDATE enterprise_entreprise SET nom = 'CHANGED'")
    changed = directory.content()
    assert "Say so: .venv/bin/python manage.py restore" in directory.manage("restore", code=2)
    running = directory.start("restore", "--yes")
    directory.wait_for(lambda: "_restoring" in directory.databases(), "the restore never began")
    running.kill()
    running.communicate()
    assert directory.content() == changed
    directory.manage("restore", "--yes")
    assert directory.content() != changed
    assert [name for name in directory.databases() if "before" not in name] == []


def test_a_lost_database_is_restored_from_nothing(directory: Directory) -> None:
    before = directory.content()
    directory.backup()
    directory.ask(f'DROP DATABASE "{directory.name}" WITH (FORCE)', "postgres")
    assert "The database does not answer" in directory.manage("backup", code=1)
    assert "is kept as" not in directory.manage("restore", "--yes")
    assert directory.content() == before


def test_where_there_are_no_tables_or_backups_a_sentence_says_what_to_do(directory: Directory) -> None:
    assert "Make one: .venv/bin/python manage.py backup" in directory.manage("restore_drill", code=2)
    tables = "SELECT string_agg(quote_ident(tablename), ',') FROM pg_tables WHERE schemaname = 'public'"
    directory.ask(f"DROP TABLE {directory.ask(tables)} CASCADE")
    assert "First: .venv/bin/python manage.py migrate" in directory.manage("backup", code=1)
    assert list(itertools.chain(directory.made(), directory.drafts())) == []
