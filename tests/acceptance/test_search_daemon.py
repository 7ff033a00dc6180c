"""search_catchup --follow: what is committed is found within two seconds, also where daemons are killed."""

import contextlib
import itertools
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.scene import ROWS, Daemon, Environment, Scene, rename


@pytest.fixture
def scene(empty_database: Environment, tmp_path: Path) -> Scene:
    return Scene(empty_database, tmp_path)


def test_a_committed_change_is_found_within_two_seconds(scene: Scene) -> None:
    scene.fill()
    with scene.followed() as daemon:
        scene.wait_until_found("NAME1")
        took = []
        for number in range(1, 11):
            scene.execute(rename(number, f"RENAMED{number}"))
            took.append(scene.wait_until_found(f"RENAMED{number}"))
        assert min(took) < 2, took  # a busy machine delays some of them, a slow daemon all
        assert scene.status()["daemon"] == daemon.process.pid
        assert daemon.stop() == 0
    assert "Stopped." in scene.log.read_text()
    assert scene.differences() == []


def test_while_a_new_index_is_built_the_old_one_goes_on_following(scene: Scene) -> None:
    scene.fill()
    with scene.followed():
        scene.wait_until_found("NAME1")
        first = scene.storage.required()
        for number in range(1, 6):
            scene.execute("INSERT INTO search_change DEFAULT VALUES")  # as a large import does
            scene.execute(rename(number, f"RENAMED{number}"))
            scene.wait_until_found(f"RENAMED{number}")
        scene.wait_for(lambda: scene.storage.current() != first, "no new index")
    assert scene.differences() == []


@contextlib.contextmanager
def changing(scene: Scene, dice: random.Random) -> Iterator[None]:
    """Companies are renamed, removed and added all the time."""
    stop = threading.Event()

    def change() -> None:
        with scene.connect() as session:
            for version in itertools.count():
                siren = dice.randint(1, ROWS)
                match dice.randint(1, 10):
                    case 1:
                        statement = f"DELETE FROM enterprise_entreprise WHERE siren = lpad('{siren}', 9, '0')"
                    case 2:
                        statement = (
                            "INSERT INTO enterprise_entreprise (siren, nom) "
                            f"VALUES (lpad('{siren}', 9, '0'), 'NEW{version}') ON CONFLICT DO NOTHING"
                        )
                    case _:
                        statement = rename(siren, f"V{version}")
                session.execute(statement)
                if stop.wait(0.02):
                    return

    thread = threading.Thread(target=change)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_daemon_killed_at_any_moment_misses_nothing(scene: Scene) -> None:
    scene.fill()
    dice = random.Random(4)
    assert scene.manage("search_rebuild").returncode == 0
    built = scene.storage.required()
    with changing(scene, dice):
        for start in range(15):
            daemon = Daemon(scene.environment, scene.log)
            scene.wait_for(lambda start=start: scene.log.read_text().count("Keeping") > start, "no start")
            time.sleep(dice.uniform(0, 0.3))
            daemon.kill()
    assert scene.differences() == []
    assert scene.storage.required() == built, "no rebuild has repaired anything"


def is_rebuilding(scene: Scene) -> bool:
    """Whether a rebuild runs; each time, one more reason for it is noted, since the last may end before its end."""
    scene.execute("INSERT INTO search_change DEFAULT VALUES")
    return scene.storage.rebuild_pid() is not None


def _missed(met: dict[str, int]) -> Iterator[tuple[float, str]]:
    """What was not met because a rebuild had ended before, again at once, a few times."""
    for _ in range(20):
        if missed := [fate for fate, times in met.items() if not times]:
            yield 0, missed[0]


def test_a_daemon_killed_while_a_new_index_is_built_misses_nothing(scene: Scene) -> None:
    scene.fill()
    dice = random.Random(5)
    met = {"killed": 0, "goes on": 0}
    with changing(scene, dice):
        fates = itertools.product((0, 0.1, 0.3), ("killed", "goes on"))
        for pause, fate in itertools.chain(fates, _missed(met)):
            daemon = Daemon(scene.environment, scene.log)
            scene.wait_for(lambda: is_rebuilding(scene), "no rebuild")
            time.sleep(pause)
            rebuild = scene.storage.rebuild_pid()
            daemon.kill()
            if rebuild and fate == "killed":
                with contextlib.suppress(ProcessLookupError):
                    os.kill(rebuild, signal.SIGKILL)
            met[fate] += rebuild is not None
    assert all(met.values()), met
    scene.wait_for(lambda: scene.storage.rebuild_pid() is None, "a rebuild does not end")
    assert scene.differences() == []
    assert scene.status()["in_sync"]
    # One that a killed daemon has started a moment ago may only now begin.
    scene.wait_for(lambda: scene.manage("search_rebuild").returncode == 0, "rebuilds do not end")
    scene.wait_for(lambda: scene.storage.others() == [], "what the killed ones left stays")


def test_a_second_daemon_is_refused(scene: Scene) -> None:
    scene.fill()
    with scene.followed() as first:
        scene.wait_until_found("NAME1")
        second = scene.manage("search_catchup", "--follow")
        assert second.returncode == 3
        assert f"Another process ({first.process.pid}) keeps this index in sync already" in second.stderr
        first.kill()
        with scene.followed():
            scene.execute(rename(1, "AFTERWARDS"))
            scene.wait_until_found("AFTERWARDS")


def test_two_machines_follow_one_database_each_with_an_index_of_its_own(scene: Scene, tmp_path: Path) -> None:
    """The log is kept for the one that is away, which is then brought in sync and not rebuilt."""
    folder = tmp_path / "other machine"
    folder.mkdir()
    other = Scene(scene.environment | {"SEARCH_INDEX_DIR": str(folder / "search")}, folder)
    scene.fill()
    with scene.followed():
        with other.followed():
            for each in (scene, other):
                each.wait_until_found("NAME1")
            scene.execute(rename(1, "BOTH1"))
            for each in (scene, other):
                each.wait_until_found("BOTH1")
            built = other.storage.required()
        scene.execute(rename(2, "MEANWHILE2"))
        scene.wait_until_found("MEANWHILE2")
        assert not other.finds("MEANWHILE2")
        with other.followed():
            other.wait_until_found("MEANWHILE2")
    assert (scene.differences(), other.differences()) == ([], [])
    assert other.storage.required() == built
    assert scene.storage.required() != built
