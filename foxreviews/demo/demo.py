"""The demo: from nothing to a directory that answers, stage by stage."""

import signal
from contextlib import suppress
from pathlib import Path
from shlex import quote
from typing import TextIO
from urllib.parse import urlencode

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.files import bytes_in
from foxreviews.core.locks import file_lock
from foxreviews.core.processes import INTERRUPTS
from foxreviews.core.progress import Reporter
from foxreviews.core.sql import estimate
from foxreviews.demo import demo_data
from foxreviews.demo.processes import Address, IndexDaemon, WebServer
from foxreviews.enterprise.models import Entreprise
from foxreviews.localdb.cluster import Cluster
from foxreviews.location.models import Ville
from foxreviews.search.index.storage import IndexStorage, State

SEED = 1
LOCKED = "A demo already runs in this checkout. Stop it first (Ctrl-C where it runs)."
SECONDS_BETWEEN_LOOKS = 1.0  # at the index daemon, which may have ended
FIRST_REQUEST = "/api/entreprises/?page_size=1"


class Demo:
    """One run of the demo. `folder` holds its files; `cluster` is None when DATABASE_URL names a database."""

    def __init__(
        self, folder: Path, address: Address, rows: int, cluster: Cluster | None, out: TextIO
    ) -> None:
        self.folder, self.address, self.rows, self.cluster, self.out = folder, address, rows, cluster, out
        self.server = WebServer(settings.BASE_DIR, address, folder / "gunicorn.pid")
        self.storage = IndexStorage(settings.SEARCH_INDEX_DIR)
        self.daemon = IndexDaemon(settings.BASE_DIR, self.storage, folder / "index_daemon.pid")
        self.reporter = Reporter(out)
        self.was_ready = False
        self._cluster_pid_file = folder / "postgres.pid"

    def run(self) -> None:
        """Load what is missing, serve until interrupted, and stop everything that was started."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as it is under nohup
            signal.signal(signal.SIGHUP, signal.default_int_handler)
        with file_lock(self.folder / "lock", message=lambda _: LOCKED):
            self.server.stop_leftover()
            self.daemon.stop_leftover()
            self.address.check_free()
            stop_cluster = self._cluster_is_ours_to_stop()
            try:
                self._prepare()
                self._serve()
            finally:
                self._stop(stop_cluster=stop_cluster)

    def _prepare(self) -> None:
        with self.reporter.stage("database") as now:
            if self.cluster:
                self.cluster.start()
                status = self.cluster.status()
                self._cluster_pid_file.write_text(str(status.pid))
                now.result = f"PostgreSQL {status.version} in {status.home}"
            else:
                now.result = "the one that DATABASE_URL names"
        with self.reporter.stage("tables") as now:
            call_command("migrate", verbosity=0, interactive=False)
            now.result = "up to date"
        self._load_towns()
        self._load_companies()
        self._index()

    def _load_towns(self) -> None:
        with self.reporter.stage("towns") as now:
            if not demo_data.has_towns():
                places, people = self.folder / "villes.csv", self.folder / "population.csv"
                call_command("generate_villes", str(places), population=str(people), stdout=now)
                call_command("import_villes", str(places), population=str(people), stdout=now)
            now.result = f"{Ville.objects.count():,}"

    def _load_companies(self) -> None:
        if not demo_data.must_load(self.rows):
            with self.reporter.stage("companies") as now:
                now.result = self._describe_found()
            return
        file = self.folder / "entreprises.csv"
        with self.reporter.stage("a file of companies") as now:
            call_command("generate_entreprises", str(file), rows=self.rows, seed=SEED, stdout=now)
            now.result = f"{file.stat().st_size / 1_000_000:,.0f} MB"
        with self.reporter.stage("companies") as now:
            demo_data.begin(self.rows)
            call_command("import_entreprises_bulk", str(file), stdout=now)
            companies = demo_data.finish(self.rows)
            if self.cluster:
                _checkpoint()
            file.unlink()
            now.result = f"{companies:,}"

    def _index(self) -> None:
        with self.reporter.stage("search index") as now:
            if settings.SEARCH_ENGINE == "postgres":
                now.result = "none: SEARCH_ENGINE=postgres"
                return
            if not self.storage.writer_pid():  # another daemon does it
                call_command("search_catchup", stdout=now)
            self.daemon.start()
            if settings.SEARCH_ENGINE == "opensearch":
                now.result = "in the cluster"
                return
            current = self.storage.required()
            now.result = (
                f"{State.read(current).documents:,} companies, {bytes_in(current) / 1_000_000:,.0f} MB"
            )

    def _describe_found(self) -> str:
        note, about = demo_data.read_note(), estimate(Entreprise._meta.db_table)
        if note and note.rows == self.rows:
            return f"{note.companies:,}, loaded by an earlier demo"
        return f"about {about:,} found, not the demo's alone: served as they are, ROWS={self.rows} not loaded"

    def _serve(self) -> None:
        with self.reporter.stage("web server") as now:
            self.server.start(settings.ALLOWED_HOSTS, FIRST_REQUEST)
            now.result = "gunicorn"
        everywhere = ", and on every address of this machine" if self.address.is_everywhere else ""
        self._say(f"\nReady: {self.address.url} answers{everywhere}. Ctrl-C stops it. Try, elsewhere:\n")
        for path in self._examples():
            self._say(f"  curl {quote(self.address.url + path)}")
        self.was_ready = True
        while (code := self.server.wait(SECONDS_BETWEEN_LOOKS)) is None:
            if said := self.daemon.ensure_running():
                self._say(said)
        raise FoxreviewsError(f"The web server ended by itself (exit code {code}); see its output above.")

    def _examples(self) -> list[str]:
        """Four addresses that answer with something, whatever is loaded."""
        companies = self.address.get("/api/entreprises/?page_size=1")["results"]
        siren, name = (companies[0]["siren"], companies[0]["nom"]) if companies else ("", "")
        return [
            "/api/entreprises/?page_size=3",
            self._first_answer(
                "/api/entreprises/", ["boulangrie lyon", "boulangerie", *_longest_first(name)]
            ),
            self._first_answer("/api/villes/", ["lyon", "paris", "saint"]),
            f"/api/entreprises/{siren}/",
        ]

    def _first_answer(self, path: str, words: list[str]) -> str:
        found = (f"{path}?{urlencode({'q': word})}" for word in words)
        return next(
            (address for address in found if self.address.get(address)["results"]), f"{path}?q={words[0]}"
        )

    def _cluster_is_ours_to_stop(self) -> bool:
        """A cluster that ran before the demo goes on after it, unless a killed demo had started it."""
        if self.cluster is None:
            return False
        pid = self.cluster.status().pid
        with suppress(OSError):
            return pid is None or self._cluster_pid_file.read_text() == str(pid)
        return pid is None

    def _stop(self, *, stop_cluster: bool) -> None:
        for number in INTERRUPTS:
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave the half of it running
        with suppress(OSError):  # its reader may be gone
            self._say("\nStopping.")
        self.server.stop()
        self.daemon.stop()
        connections.close_all()
        if self.cluster and stop_cluster:
            self.cluster.stop()
            self._cluster_pid_file.unlink(missing_ok=True)

    def _say(self, sentence: str) -> None:
        print(sentence, file=self.out, flush=True)


def _checkpoint() -> None:
    """Write to disk now what a stop of the server would have to write, while a person waits."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")


def _longest_first(name: str) -> list[str]:
    return sorted((word for word in name.split() if word.isalpha()), key=len, reverse=True)
