"""A disk that fills up under an import: nothing is lost, and once there is room the same command ends it."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from benchmarks.imports.crashes import IMPORT, LEFT_OVER
from foxreviews.localdb.cluster import Cluster
from tests.acceptance.directories import OwnDirectory

ROWS = 4_000  # with small sizes a first load, so that indexes are dropped and built
KB = 1_000
Mount = Callable[[Path, str], AbstractContextManager[Path]]


@pytest.fixture(scope="module")
def disk(small_disk: Mount) -> Iterator[Path]:
    """A disk in memory. Not in pytest's own folder, which is closed to the account of root's server."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with small_disk(Path(folder).resolve() / "disk", "300m") as disk:
            yield disk


@pytest.fixture(scope="module")
def directory(disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnDirectory]:
    """A directory whose whole server is on the disk."""
    cluster = Cluster(disk / "postgres")
    try:
        with closing(OwnDirectory(cluster, tmp_path_factory.mktemp("logs"))) as made:
            yield made
    finally:
        cluster.destroy()


@pytest.mark.parametrize(
    ("room", "staged"), [(300 * KB, False), (1_800 * KB, True)], ids=["reading", "merging"]
)
def test_a_full_disk_stops_an_import_which_ends_once_there_is_room(
    directory: OwnDirectory,
    disk: Path,
    companies_file: Callable[[int], Path],
    room: int,
    staged: bool,
) -> None:
    file = companies_file(ROWS)
    directory.empty()
    filler = disk / "filler"
    with filler.open("wb") as full:
        os.posix_fallocate(full.fileno(), 0, shutil.disk_usage(disk).free - room)
    run = directory.start(IMPORT, file)
    assert run.wait() == 1
    assert "CommandError: PostgreSQL stopped the import: " in run.said
    assert "Check free disk space." in run.said or "No space left on device" in run.said
    assert "run the same command again" in run.said
    assert "Traceback" not in run.said
    assert run.has_ended("reading") is staged
    filler.unlink()
    directory.cluster.start()  # where it went down with its disk
    assert directory.content().startswith("0 ")
    directory.finish(IMPORT, file)
    assert directory.ask(LEFT_OVER) == []
    content = directory.content()
    assert content.startswith(f"{ROWS} ")
    directory.empty()
    directory.finish(IMPORT, file)
    assert content == directory.content()
