"""An import that is killed, stopped or disconnected: the same command again ends as if it had not been.

`make bench-crashes` does it 220 times, with 60,000 companies.
"""

import random
import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from benchmarks.imports.crashes import (
    CONTINUING,
    IMPORT,
    TERMINATE_OTHERS,
    Interrupt,
    Whole,
    broken,
    interrupted,
    kill,
    stop_server,
)
from foxreviews.localdb.cluster import Cluster
from tests.acceptance import gates
from tests.acceptance.directories import OwnDirectory
from tests.acceptance.gates import PLACES, stopped_at
from tests.acceptance.small_sizes import BLOCK_BYTES, FIRST_LOAD_ROWS

ROWS = 600


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Not pytest's own, which is closed to the account of root's server."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder).resolve()


@pytest.fixture(scope="module")
def directory(folder: Path) -> Iterator[OwnDirectory]:
    cluster = Cluster(folder / "postgres")
    try:
        with closing(OwnDirectory(cluster, folder)) as made:
            gates.build(made)
            yield made
    finally:
        cluster.destroy()


@pytest.fixture(scope="module")
def wholes(
    directory: OwnDirectory, folder: Path, companies_file: Callable[[int], Path]
) -> tuple[Whole, Whole]:
    """A first load, and another file over it."""
    first, over = (Whole.load(directory, file) for file in broken(companies_file(ROWS), folder))
    assert first.content != over.content
    assert first.file.stat().st_size > 2 * BLOCK_BYTES
    assert FIRST_LOAD_ROWS < ROWS
    return first, over


@pytest.fixture
def first(directory: OwnDirectory, wholes: tuple[Whole, Whole]) -> Whole:
    """What the first load of the empty directory comes to."""
    directory.empty()
    return wholes[0]


@pytest.fixture
def over(directory: OwnDirectory, wholes: tuple[Whole, Whole]) -> Whole:
    """What the other file comes to, over the first one."""
    first, over = wholes
    directory.finish(IMPORT, first.file)
    return over


@pytest.fixture(scope="module")
def chance() -> random.Random:
    seed = secrets.randbelow(1_000_000)
    print(f"seed {seed}")
    return random.Random(seed)


def interrupt_in_each(places: list[str], directory: OwnDirectory, whole: Whole, interrupt: Interrupt) -> None:
    """Start the import once for each place, interrupt it there, and then let it end."""
    before = directory.content()
    for place in places:
        with stopped_at(place, directory, IMPORT, whole.file) as (run, _):
            interrupt(run)
        assert directory.content() == (whole.content if place == "indexes" else before), place
    directory.finish(IMPORT, whole.file)
    assert whole.problems(directory) == []


def test_killed_in_each_stage_of_a_first_load(directory: OwnDirectory, first: Whole) -> None:
    interrupt_in_each(["reading", "merging", "indexes"], directory, first, kill)


def test_killed_in_each_stage_of_a_reload(directory: OwnDirectory, over: Whole) -> None:
    interrupt_in_each(["reading", "merging"], directory, over, kill)


def test_killed_at_random_moments(directory: OwnDirectory, first: Whole, chance: random.Random) -> None:
    moments = first.moments(4, chance)
    trial = interrupted(directory, first, kill, *moments)
    assert trial.problems == [], moments


def test_its_server_stops_as_in_a_power_cut_of_a_first_load(directory: OwnDirectory, first: Whole) -> None:
    interrupt_in_each(["reading", "merging", "indexes"], directory, first, stop_server)


def test_its_server_stops_as_in_a_power_cut_of_a_reload(directory: OwnDirectory, over: Whole) -> None:
    interrupt_in_each(["merging"], directory, over, stop_server)


@pytest.mark.parametrize("place", PLACES)
def test_its_connections_are_dropped(directory: OwnDirectory, first: Whole, place: str) -> None:
    with stopped_at(place, directory, IMPORT, first.file) as (run, session):
        session.execute(TERMINATE_OTHERS)
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
def test_it_is_stopped(directory: OwnDirectory, first: Whole, by: signal.Signals, place: str) -> None:
    with stopped_at(place, directory, IMPORT, first.file) as (run, _):
        run.process.send_signal(by)
        assert run.wait() == 130, run.said
    assert "Stopped. Run the same command again: it continues where this one stopped." in run.said
    assert "Traceback" not in run.said
    assert (directory.content() == first.content) is (place == "indexes")
    directory.finish(IMPORT, first.file)
    assert first.problems(directory) == []
