"""The index kept in sync with the database for as long as the process runs, whatever happens to the two."""

import sys
import time

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from foxreviews.core.processes import Child
from foxreviews.core.progress import Reporter
from foxreviews.search.errors import IndexFailedError, UnusableIndexError
from foxreviews.search.index.changes import CHANNEL, Changes
from foxreviews.search.index.rebuild import TANTIVY, Storage, Tools
from foxreviews.search.index.writer import Writer

SECONDS_WITHOUT_NOTIFICATION = 1.0  # the log is read this often in any case
SECONDS_BETWEEN_LINES = 60.0
MIN_COMPANIES = 1_000  # for a line at once
MAX_PAUSE = 10.0  # seconds between two tries of what fails
SECONDS_BETWEEN_REBUILDS = 10.0  # that fail
STOP_SECONDS = 10.0


class RebuildProcess:
    """Runs `search_rebuild` as a process: its memory is given back, and its caller goes on working meanwhile.

    One that goes on after its caller was killed does no harm: it ends with a generation that the next one finds.
    """

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self._child = Child()
        self._not_before = 0.0
        self._reported = ""

    def ensure_running(self, reason: str) -> None:
        """Start a rebuild unless one runs. One that failed has said why, and is tried again after some seconds."""
        if self._child.is_running:
            self._not_before = time.monotonic() + SECONDS_BETWEEN_REBUILDS
        elif time.monotonic() >= self._not_before:
            if reason != self._reported:
                self.reporter.line(f"{reason} It is rebuilt.")
                self._reported = reason
            self._child.start([sys.executable, str(settings.BASE_DIR / "manage.py"), "search_rebuild"])

    def reset(self) -> None:
        """Nothing is to be built: the next reason is reported, and acted upon at once."""
        self._reported, self._not_before = "", 0.0

    def stop(self) -> None:
        """End it where it runs: what it has built so far is removed."""
        self._child.stop(STOP_SECONDS)


class IndexDaemon:
    """Keeps the generation that answers in sync, and has a new one built where it must be; the old one answers on."""

    def __init__(self, storage: Storage, reporter: Reporter, tools: Tools = TANTIVY) -> None:
        self.storage, self.reporter, self.tools = storage, reporter, tools
        self.rebuild = RebuildProcess(reporter)
        self.writer: Writer | None = None
        self._listening: object = None
        self._pause = 0.0
        self._failure = ""
        self._companies, self._last_line = 0, time.monotonic()

    def run(self) -> None:
        """Until the process is stopped. Raises LockedError where another one keeps the index in sync."""
        with self.storage.writer_lock():
            try:
                while True:
                    self.step()
            finally:
                self.rebuild.stop()

    def step(self) -> None:
        """Apply what there is, or wait for it. What fails is reported once and tried again, less and less often."""
        try:
            self._open()
            found = self._follow(self.writer) if self.writer else None
            if not (found and found.entries):
                self._wait()
        except (OperationalError, InterfaceError) as error:
            self._fail(f"The database does not answer: {error}".strip())
            connection.close()
        except IndexFailedError as error:
            self._fail(str(error))
        else:
            self._recover()

    def _open(self) -> None:
        """Open the generation that answers."""
        current = self.storage.current()
        if self.writer and self.writer.generation == current and self.storage.is_there(current):
            return
        self.writer = None
        try:
            self.writer = self.tools.writer(self.storage.required())
        except UnusableIndexError as error:
            self.rebuild.ensure_running(str(error))
        else:
            documents = self.writer.state.documents
            self.reporter.line(f"Keeping {self.writer.generation} in sync: {documents:,} companies.")

    def _follow(self, writer: Writer) -> Changes:
        writer.check_corruption()
        found = writer.apply()
        if reason := writer.state.rebuild_reason:
            self.rebuild.ensure_running(reason)
        else:
            self.rebuild.reset()
        self._report(found)
        return found

    def _wait(self) -> None:
        """Until a transaction notifies of changes, or a second."""
        connection.ensure_connection()
        session = connection.connection
        with connection.wrap_database_errors:
            if session is not self._listening:
                session.execute(f"LISTEN {CHANNEL}")
                self._listening = session
            for _ in session.notifies(timeout=SECONDS_WITHOUT_NOTIFICATION, stop_after=1):
                pass

    def _report(self, found: Changes) -> None:
        self._companies += len(found.sirens)
        if found.places:
            self.reporter.line("All towns updated.")
        now = time.monotonic()
        due = now > self._last_line + SECONDS_BETWEEN_LINES
        if self._companies >= MIN_COMPANIES or (self._companies and due):
            self.reporter.line(f"{self._companies:,} companies updated.")
            self._companies, self._last_line = 0, now

    def _fail(self, message: str) -> None:
        replaced = self.writer is not None and self._is_replaced(self.writer)
        self.writer = None
        if replaced:  # by a new generation, and removed
            return
        if message != self._failure:
            self._failure = message
            self.reporter.line(
                f"{message}. It is tried again until it succeeds; the index answers as it was."
            )
        self._pause = min(max(2 * self._pause, 0.5), MAX_PAUSE)
        time.sleep(self._pause)

    def _is_replaced(self, writer: Writer) -> bool:
        try:
            return bool(writer.generation != self.storage.current())
        except IndexFailedError:
            return False

    def _recover(self) -> None:
        if self._failure:
            self.reporter.line("It works again.")
        self._failure, self._pause = "", 0.0
