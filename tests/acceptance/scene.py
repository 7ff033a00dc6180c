"""A directory whose index a daemon keeps in sync, for the tests of search_catchup --follow."""

import contextlib
import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import tantivy
from tantivy import Query

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
            time.sleep(0.05)
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


def rename(siren: int, nom: str) -> str:
    return f"UPDATE enterprise_entreprise SET nom = '{nom}' WHERE siren = lpad('{siren}', 9, '0')"
