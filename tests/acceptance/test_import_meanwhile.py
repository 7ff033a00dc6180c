"""What an operator does around an import that did not end: another one, a new file, a start over, a pipe, Ctrl-C."""

import os
import select
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from benchmarks.imports.crashes import CONTINUING, IMPORT, LEDGER, LEFT_OVER, TABLE, Run, kill
from tests.acceptance.directories import Directory

ROWS = 600
LIMIT = 600  # seconds that anything here may take on a busy machine
LOCKED, INTERRUPTED = 3, 130
HOLDS_THE_LOCK = """
    SELECT 1 FROM pg_locks WHERE locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
OTHER_SESSIONS = """
    SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
WAITS_FOR_THE_TABLE = f"SELECT 1 FROM pg_locks WHERE relation = '{TABLE}'::regclass AND NOT granted"
IS_RUNNING = "SELECT 1 FROM importing_importrun"
FIRST_BLOCK_ROWS = 8_000  # rows: the reader waits for a first megabyte
STOPPED = "Stopped. Run the same command again: it continues where this one stopped."


@pytest.fixture
def directory(empty_database: dict[str, str], tmp_path: Path) -> Iterator[Directory]:
    with closing(Directory(empty_database, tmp_path)) as made:
        yield made


@pytest.fixture
def file(companies_file: Callable[[int], Path], tmp_path: Path) -> Path:
    """A file of companies, which a test may change."""
    return Path(shutil.copy(companies_file(ROWS), tmp_path))


def wait_for(run: Run, condition: Callable[[], object], what: str) -> None:
    """Until it holds; fails with what the command has said where that takes too long or the command ends first."""
    limit = time.monotonic() + LIMIT
    while not condition():
        if run.process.poll() is not None or time.monotonic() > limit:
            run.process.kill()
            pytest.fail(f"{what} never came about: {run.said}")
        time.sleep(0.02)


@contextmanager
def writes_blocked(directory: Directory) -> Iterator[None]:
    """While the block runs, companies can be read but not written: an import waits in the middle of its merge."""
    with psycopg.connect(directory.url) as session:
        session.execute(f"LOCK TABLE {TABLE} IN SHARE MODE")
        yield


@contextmanager
def merging(directory: Directory, *arguments: object, stdin: int | None = None) -> Iterator[Run]:
    """An import that has staged its file and cannot merge it until the block ends."""
    with writes_blocked(directory):
        run = directory.start(IMPORT, *arguments, stdin=stdin)
        try:
            wait_for(run, lambda: directory.ask(WAITS_FOR_THE_TABLE), "The merge")
            yield run
        except BaseException:
            run.process.kill()
            raise


def interrupt(directory: Directory, *arguments: object) -> None:
    """Kill an import while it merges, and wait until its session has noticed."""
    with merging(directory, *arguments) as run:
        kill(run)
    wait_until_alone(directory)


def wait_until_alone(directory: Directory) -> None:
    limit = time.monotonic() + LIMIT
    while directory.ask(OTHER_SESSIONS):
        assert time.monotonic() < limit, "the session of the killed command stays"
        time.sleep(0.02)


def whole(directory: Directory, file: Path) -> str:
    """The content after an uninterrupted import of the file into the empty directory."""
    directory.empty()
    directory.finish(IMPORT, file)
    return directory.content()


def test_a_second_import_is_refused_with_the_name_of_the_first(directory: Directory, file: Path) -> None:
    with merging(directory, file) as first:
        ((number,),) = directory.ask("SELECT id FROM importing_importrun")
        second = directory.start(IMPORT, file)
        assert second.wait(LIMIT) == LOCKED
        assert f"Another import is running: run {number} of {file}, started " in second.said
        assert "Wait for it to end" in second.said
    assert first.wait(LIMIT) == 0, first.said
    assert directory.content().startswith(f"{ROWS} ")
    assert [status for status, _ in directory.ask(LEDGER)] == ["done"], "the second one leaves no trace"


def test_a_file_that_was_changed_meanwhile_is_started_over(directory: Directory, file: Path) -> None:
    interrupt(directory, file)
    header, first, *others = file.read_text().splitlines(keepends=True)
    file.write_text("".join((header, first.replace(first.split(",")[0], "552100554", 1), *others)))
    said = directory.finish(IMPORT, file)
    assert "The file is not the one of the interrupted import: starting from its beginning." in said
    assert CONTINUING not in said
    assert directory.ask(f"SELECT 1 FROM {TABLE} WHERE siren = '552100554'")
    content = directory.content()
    assert content == whole(directory, file)
    assert directory.ask(LEFT_OVER) == []


def test_restart_starts_over_where_the_same_command_would_go_on(directory: Directory, file: Path) -> None:
    interrupt(directory, file)
    said = directory.finish(IMPORT, file, "--restart")
    assert CONTINUING not in said
    assert [status for status, _ in directory.ask(LEDGER)] == ["done", "failed"]
    content = directory.content()
    assert content == whole(directory, file)
    assert directory.ask(LEFT_OVER) == []


def test_rows_skipped_by_hand_are_the_rest_of_the_file(directory: Directory, file: Path) -> None:
    interrupt(directory, file, "--max-rows", "250")
    directory.finish(IMPORT, file, "--max-rows", "250")
    assert directory.content().startswith("250 ")
    said = directory.finish(IMPORT, file, "--skip-rows", "250")
    assert CONTINUING not in said
    content = directory.content()
    assert content == whole(directory, file)


def test_a_pipe_is_read_and_gone_on_with(directory: Directory, file: Path) -> None:
    def piped() -> subprocess.Popen[bytes]:
        return subprocess.Popen(["cat", str(file)], stdout=subprocess.PIPE)

    with piped() as cat, merging(directory, "-", stdin=cat.stdout) as run:  # type: ignore[arg-type]
        kill(run)
    wait_until_alone(directory)
    with piped() as cat:
        said = directory.finish(IMPORT, "-", stdin=cat.stdout)
    assert CONTINUING in said
    assert f"{ROWS} records are staged" in said
    content = directory.content()
    assert content == whole(directory, file)


@pytest.mark.parametrize("rows", [0, FIRST_BLOCK_ROWS])
def test_ctrl_c_ends_the_wait_for_a_pipe_that_says_no_more(
    directory: Directory, companies_file: Callable[[int], Path], rows: int
) -> None:
    sent = companies_file(rows) if rows else Path(os.devnull)
    reading, writing = os.pipe()
    run = directory.start(IMPORT, "-", stdin=reading)
    with os.fdopen(reading), os.fdopen(writing, "wb", buffering=0) as pipe, sent.open("rb") as source:
        writer = threading.Thread(target=shutil.copyfileobj, args=(source, pipe), daemon=True)
        writer.start()
        begun = IS_RUNNING if rows else HOLDS_THE_LOCK
        wait_for(run, lambda: directory.ask(begun) and not writer.is_alive(), "The reading")
        wait_for(run, lambda: not select.select([reading], [], [], 0)[0], "The end of what is sent")
        run.process.send_signal(signal.SIGINT)
        assert run.wait(LIMIT) == INTERRUPTED
    assert STOPPED in run.said
    assert "Traceback" not in run.said
    assert "running" not in {status for status, _ in directory.ask(LEDGER)}


def test_ctrl_c_ends_the_wait_for_a_pipe_without_a_writer(directory: Directory, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    run = directory.start(IMPORT, pipe)
    wait_for(run, lambda: directory.ask(HOLDS_THE_LOCK), "The reading")
    run.process.send_signal(signal.SIGINT)
    assert run.wait(LIMIT) == INTERRUPTED
    assert STOPPED in run.said
    assert "Traceback" not in run.said
