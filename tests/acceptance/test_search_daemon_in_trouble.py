"""search_catchup --follow where its index was harmed, the database restarts or the disk is full."""

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from foxreviews.localdb.cluster import Cluster
from foxreviews.search.index.storage import IndexStorage
from tests.acceptance.scene import Environment, Scene, rename


@pytest.fixture
def scene(empty_database: Environment, tmp_path: Path) -> Scene:
    return Scene(empty_database, tmp_path)


def remove_all(scene: Scene) -> None:
    remove(scene, scene.storage.folder)


def remove_generation(scene: Scene) -> None:
    remove(scene, scene.storage.required())


def remove(scene: Scene, folder: Path) -> None:
    """At once: a daemon removes files of its own while others are being removed."""
    gone = scene.storage.folder.with_name("gone")
    folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def remove_a_file(scene: Scene) -> None:
    for file in (scene.storage.required() / "entreprises").glob("*.term"):
        file.unlink()


def overwrite_a_file(scene: Scene) -> None:
    for file in (scene.storage.required() / "entreprises").glob("*.idx"):
        file.write_bytes(b"#" * file.stat().st_size)


def age(scene: Scene) -> None:
    state = scene.storage.required() / "state.json"
    state.write_text(json.dumps(json.loads(state.read_text()) | {"format": 0}))


@pytest.mark.parametrize("harm", [remove_all, remove_generation, remove_a_file, overwrite_a_file, age])
def test_an_index_that_was_harmed_is_rebuilt_by_the_next_start(
    scene: Scene, harm: Callable[[Scene], None]
) -> None:
    scene.fill()
    scene.manage("search_rebuild").check_returncode()
    harm(scene)
    with scene.followed():
        scene.wait_until_said("It is rebuilt.")
        scene.execute(rename(1, "AFTERWARDS"))
        scene.wait_until_found("AFTERWARDS")
    assert scene.differences() == []


@pytest.mark.parametrize("harm", [remove_all, remove_generation])
def test_an_index_that_is_removed_under_a_daemon_is_rebuilt(
    scene: Scene, harm: Callable[[Scene], None]
) -> None:
    scene.fill()
    with scene.followed():
        scene.wait_until_found("NAME1")
        harm(scene)
        scene.wait_until_found("NAME1")
        scene.execute(rename(1, "AFTERWARDS"))
        scene.wait_until_found("AFTERWARDS")
    assert scene.differences() == []


@pytest.mark.usefixtures("made_before")
def test_a_restart_of_the_database_is_survived(cluster: Cluster, tmp_path: Path) -> None:
    cluster.start()
    environment = {
        "DATABASE_URL": cluster.url,
        "SECRET_KEY": "x",
        "SEARCH_INDEX_DIR": str(tmp_path / "search"),
    }
    scene = Scene(os.environ | environment, tmp_path)
    scene.manage("migrate", "--verbosity", "0").check_returncode()
    scene.fill(50)
    with scene.followed() as daemon:
        scene.wait_until_found("NAME1")
        cluster.stop()
        scene.wait_until_said("The database does not answer")
        cluster.start()
        scene.execute(rename(1, "AFTERWARDS"))
        scene.wait_until_found("AFTERWARDS")
        scene.wait_until_said("It works again.")
        assert daemon.stop() == 0
    assert scene.differences() == []


@pytest.fixture
def disk(small_disk: Callable[[Path, str], AbstractContextManager[Path]], tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "8m") as disk:
        yield disk


def test_a_full_disk_leaves_the_old_index_and_is_survived(scene: Scene, disk: Path) -> None:
    scene.environment["SEARCH_INDEX_DIR"] = str(disk)
    scene.storage = IndexStorage(disk)
    scene.fill()
    with scene.followed():
        scene.wait_until_found("NAME1")
        filler = disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"#" * 1024)
        scene.execute(rename(1, "AFTERWARDS"))
        scene.wait_until_said("No space left")
        assert scene.finds("NAME1"), "the old index answers"
        filler.unlink()
        scene.wait_until_found("AFTERWARDS")
        scene.wait_until_said("It works again.")
    assert scene.differences() == []


def test_a_disk_too_small_for_two_keeps_the_old_index(scene: Scene, disk: Path) -> None:
    scene.environment["SEARCH_INDEX_DIR"] = str(disk)
    scene.storage = IndexStorage(disk)
    scene.fill()
    with scene.followed():
        scene.wait_until_found("NAME1")
        first = scene.storage.required()
        used = shutil.disk_usage(disk)
        filler = disk / "filler"
        filler.write_bytes(b"#" * (used.free - 100_000))
        scene.execute("INSERT INTO search_change DEFAULT VALUES")
        scene.wait_until_said("No space left")
        scene.execute(rename(1, "MEANWHILE"))
        scene.wait_until_found("MEANWHILE")
        assert scene.storage.required() == first
        filler.unlink()
        scene.wait_for(lambda: scene.storage.current() != first, "no new index")
    assert scene.differences() == []
