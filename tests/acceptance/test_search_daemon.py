"""search_catchup --follow: what is committed is found within two seconds, whatever happens to it or the database."""

import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import psycopg
import pytest
import tantivy
from tantivy import Query

from foxreviews.localdb.cluster import Cluster
from foxreviews.search.index import schema
from foxreviews.search.index.storage import IndexStorage
from foxreviews.search.query import ranking
from tests import commands
from tests.commands import Command

ROWS = 500
PATIENCE = 240.0  # seconds: only what never comes takes so long, on the busiest machine
Environment = dict[str, str]


class Daemon:
    """A daemon, and what it has said."""

    def __init__(self, environment: Environment, log: Path) -> None:
        self.log = log
        with log.open("a") as output:
            settings = environment | {"LOG_DIR": str(log.parent / "logs"), "PYTHONUNBUFFERED": "1"}
            self.process = Command(settings, "search_catchup", "--follow", stdout=output)

    def stop(self) -> int:
        """As a service manager does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Scene:
    """A directory, its index, and who follows."""

    def __init__(self, environment: Environment, folder: Path) -> None:
        self.environment = environment
        self.storage = IndexStorage(Path(environment["SEARCH_INDEX_DIR"]))
        self.log = folder / "daemon.log"

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.environment["DATABASE_URL"], autocommit=True)

    def execute(self, statement: str) -> None:
        with self.connect() as session:
            session.execute(statement)

    def fill(self, rows: int = ROWS) -> None:
        self.execute(
            "INSERT INTO enterprise_entreprise (siren, nom) "
            f"SELECT lpad(n::text, 9, '0'), 'NAME' || n FROM generate_series(1, {rows}) AS n"
        )

    @contextlib.contextmanager
    def followed(self) -> Iterator[Daemon]:
        daemon = Daemon(self.environment, self.log)
        try:
            yield daemon
        finally:
            if daemon.process.poll() is None:
                daemon.stop()

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return commands.run(self.environment, *arguments)

    def status(self) -> dict[str, object]:
        facts: dict[str, object] = json.loads(self.manage("search_status", "--json").stdout)
        return facts

    def index(self) -> tantivy.Index:
        return schema.open_index(self.storage.required() / "entreprises")

    def finds(self, word: str) -> bool:
        try:
            index = self.index()
            query = Query.term_query(index.schema, "nom", word)
            return bool(index.searcher().search(query, limit=1).hits)
        except Exception:  # noqa: BLE001 - there is none yet, or it was replaced a moment ago
            return False

    def wait_for(self, holds: Callable[[], bool], what: str) -> float:
        """The seconds until it holds."""
        started = time.monotonic()
        while not holds():
            assert time.monotonic() < started + PATIENCE, f"{what}: {self.log.read_text()}"
            time.sleep(0.02)
        return time.monotonic() - started

    def wait_until_found(self, word: str) -> float:
        return self.wait_for(lambda: self.finds(word), f"{word} is not found")

    def wait_until_said(self, words: str) -> float:
        return self.wait_for(lambda: words in self.log.read_text(), f"«{words}» is not said")

    def differences(self) -> list[str]:
        """Where the index, brought in sync once more, is not the directory."""
        # Refused as long as a rebuild runs that a killed daemon has started.
        self.wait_for(
            lambda: self.manage("search_catchup").returncode == 0, "the index is not brought in sync"
        )
        index = self.index()
        searcher = index.searcher()
        with self.connect() as session:
            rows = session.execute("SELECT siren, nom FROM enterprise_entreprise").fetchall()
        wrong = [] if searcher.num_docs == len(rows) else [f"{searcher.num_docs} for {len(rows)}"]
        for siren, nom in rows:
            query = Query.term_query(index.schema, "nom", nom)
            hits = searcher.search(query, limit=3, order_by_field="rank").hits
            found = [ranking.siren_of(rank) for rank, _ in hits]
            if found != [siren]:
                wrong.append(f"{nom} of {siren} is found as {found}")
        return wrong


@pytest.fixture
def scene(empty_database: Environment, tmp_path: Path) -> Scene:
    return Scene(empty_database, tmp_path)


def rename(siren: int, nom: str) -> str:
    return f"UPDATE enterprise_entreprise SET nom = '{nom}' WHERE siren = lpad('{siren}', 9, '0')"


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
                if stop.wait(0.005):
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


def test_a_daemon_killed_while_a_new_index_is_built_misses_nothing(scene: Scene) -> None:
    scene.fill()
    dice = random.Random(5)
    with changing(scene, dice):
        for _ in range(6):
            scene.execute("INSERT INTO search_change DEFAULT VALUES")
            daemon = Daemon(scene.environment, scene.log)
            time.sleep(dice.uniform(1, 5))
            rebuild = scene.storage.rebuild_pid()
            daemon.kill()
            if rebuild and dice.random() < 0.5:  # otherwise it goes on alone
                with contextlib.suppress(ProcessLookupError):
                    os.kill(rebuild, signal.SIGKILL)
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


def remove_all(scene: Scene) -> None:
    shutil.rmtree(scene.storage.folder)


def remove_generation(scene: Scene) -> None:
    shutil.rmtree(scene.storage.required())


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
