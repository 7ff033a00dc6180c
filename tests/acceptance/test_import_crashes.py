"""An import that is killed, stopped or disconnected: the same command again ends as if it had not been.

`make bench-crashes` does it 220 times.
"""

import random
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from benchmarks.imports.crashes import (
    CONTINUING,
    IMPORT,
    TERMINATE_OTHERS,
    Run,
    Whole,
    interrupted,
    kill,
    stop_server,
    write_files,
)
from foxreviews.localdb.cluster import Cluster
from tests.acceptance.directories import Directory, OwnDirectory

ROWS = 20_500  # some are broken: still above merge.FIRST_LOAD_ROWS, so that indexes are dropped and built
PADDING = 300  # bytes of each record, so that there is more than a block of 8 MiB
PLACES = ["reading", "merging", "indexes"]
MIB = 1024**2


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Not pytest's own, which is closed to the account of root's server."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder).resolve()


@contextmanager
def directory_in(folder: Path) -> Iterator[Directory]:
    cluster = Cluster(folder / "postgres")
    try:
        yield OwnDirectory(cluster, folder)
    finally:
        cluster.destroy()


@pytest.fixture(scope="module")
def directory(folder: Path) -> Iterator[Directory]:
    with directory_in(folder) as made:
        yield made


@pytest.fixture(scope="module")
def wholes(directory: Directory, folder: Path) -> tuple[Whole, Whole, Whole]:
    """A first load, another file over it, and the first file over that one (which the tests are to find out)."""
    first, over = (Whole.load(directory, file) for file in write_files(folder, ROWS, seed=3, padding=PADDING))
    assert first.content != over.content
    return first, over, replace(first, seconds=over.seconds)


@pytest.fixture
def first(directory: Directory, wholes: tuple[Whole, Whole, Whole]) -> Whole:
    """What the first load of the empty directory comes to."""
    directory.empty()
    return wholes[0]


@pytest.fixture(scope="module")
def chance() -> random.Random:
    seed = secrets.randbelow(1_000_000)
    print(f"seed {seed}")
    return random.Random(seed)


def wait_until(run: Run, place: str) -> None:
    """Let the import come to that stage; where it is reading, after its first block."""
    while run.process.poll() is None:
        if is_staged(run) if place == "reading" else run.has_ended(PLACES[PLACES.index(place) - 1]):
            return
        time.sleep(0.005)
    pytest.fail(f"The import never came to {place}: {run.said}")


def is_staged(run: Run) -> bool:
    try:
        return bool(run.directory.ask("SELECT 1 FROM importing_checkpoint"))
    except psycopg.errors.UndefinedTable:
        return False


def test_killed_at_random_moments_of_a_first_load(
    directory: Directory, first: Whole, chance: random.Random
) -> None:
    moments = first.moments(4, chance)
    trial = interrupted(directory, first, kill, *moments)
    assert trial.problems == [], moments


def test_killed_at_random_moments_of_a_reload(
    directory: Directory, wholes: tuple[Whole, Whole, Whole], chance: random.Random
) -> None:
    _, over, back = wholes
    moments = over.moments(2, chance)
    for whole, moment in zip((over, back), moments, strict=True):
        trial = interrupted(directory, whole, kill, moment)
        assert trial.problems == [], moments


def test_its_server_stops_as_in_a_power_cut(
    directory: Directory, wholes: tuple[Whole, Whole, Whole], chance: random.Random
) -> None:
    first, over, _ = wholes
    directory.empty()
    for whole in (first, over):
        trial = interrupted(directory, whole, stop_server, *whole.moments(1, chance))
        assert trial.problems == []


@pytest.mark.parametrize("place", PLACES)
def test_its_connections_are_dropped(directory: Directory, first: Whole, place: str) -> None:
    run = directory.start(IMPORT, first.file)
    wait_until(run, place)
    directory.ask(TERMINATE_OTHERS)
    assert run.wait() == 1
    # Its reason is the server's own, or libpq's where the connection closed before the reason was read.
    assert "CommandError: PostgreSQL stopped the import: " in run.said
    assert "run the same command again" in run.said
    assert "Traceback" not in run.said
    loaded = place == "indexes"
    assert (directory.content() == first.content) is loaded
    assert ("All companies are loaded" in run.said) is loaded
    assert (CONTINUING in directory.finish(IMPORT, first.file)) is not loaded
    assert first.problems(directory) == []


@pytest.mark.parametrize(
    ("by", "place"),
    [
        (signal.SIGINT, "reading"),
        (signal.SIGTERM, "merging"),
        (signal.SIGINT, "indexes"),
    ],
)
def test_it_is_stopped(directory: Directory, first: Whole, by: signal.Signals, place: str) -> None:
    run = directory.start(IMPORT, first.file)
    wait_until(run, place)
    run.process.send_signal(by)
    assert run.wait() == 130, run.said
    assert "Stopped. Run the same command again: it continues where this one stopped." in run.said
    assert "Traceback" not in run.said
    assert (directory.content() == first.content) is (place == "indexes")
    directory.finish(IMPORT, first.file)
    assert first.problems(directory) == []
