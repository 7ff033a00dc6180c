"""The index kept in step with the database for as long as the process runs, whatever happens to the two."""

import time

from django.db import InterfaceError, OperationalError, connection

from foxreviews.core.progress import Reporter
from foxreviews.search.errors import IndexFailedError, UnusableIndexError
from foxreviews.search.index.changes import CHANNEL, Changes
from foxreviews.search.index.rebuild_process import Builder
from foxreviews.search.index.storage import Generations
from foxreviews.search.index.writer import Keeper

SECONDS_WITHOUT_NEWS = 1.0  # the log is read so often though nobody says that it changed
SECONDS_BETWEEN_LINES = 60.0
MANY = 1_000  # companies: worth a line at once
LONGEST_PAUSE = 10.0  # seconds between two tries of what fails


class Follower:
    """Keeps the generation that answers, and has a new one built where that is due: the old one is kept meanwhile."""

    def __init__(self, generations: Generations, reporter: Reporter) -> None:
        self.generations, self.reporter = generations, reporter
        self.builder = Builder(reporter)
        self.keeper: Keeper | None = None
        self._listening: object = None
        self._pause = 0.0
        self._failure = ""
        self._companies, self._last_line = 0, time.monotonic()

    def run(self) -> None:
        """Until the process is told to end. Raises LockedError where another one keeps the index."""
        with self.generations.keeping():
            try:
                while True:
                    self.step()
            finally:
                self.builder.stop()

    def step(self) -> None:
        """Apply what there is, or wait for it. What fails is told once and tried again, ever less often."""
        try:
            self._open()
            news = self.keeper.follow() if self.keeper else None
            self._build()
            self._tell(news)
            if not (news and news.entries):
                self._wait()
        except (OperationalError, InterfaceError) as error:
            self._fail(f"The database does not answer: {error}".strip())
            connection.close()
        except IndexFailedError as error:
            self._fail(str(error))
        else:
            self._recover()

    def _open(self) -> None:
        """Hold the generation that answers."""
        if self.keeper and self.keeper.generation == self.generations.current() and self.keeper.is_there():
            return
        self._drop()
        try:
            self.keeper = Keeper(self.generations.required())
        except UnusableIndexError as error:
            self.builder.see_to_it(str(error))
        else:
            state = self.keeper.state
            self.reporter.line(f"Keeping {self.keeper.generation} in step: {state.documents:,} companies.")

    def _build(self) -> None:
        if self.keeper and self.keeper.state.due:
            self.builder.see_to_it(self.keeper.state.due)
        elif self.keeper:
            self.builder.rest()

    def _wait(self) -> None:
        """Until somebody says that there are changes, or a second."""
        connection.ensure_connection()
        session = connection.connection
        with connection.wrap_database_errors:
            if session is not self._listening:
                session.execute(f"LISTEN {CHANNEL}")
                self._listening = session
            for _ in session.notifies(timeout=SECONDS_WITHOUT_NEWS, stop_after=1):
                pass

    def _tell(self, news: Changes | None) -> None:
        if news:
            self._companies += len(news.sirens)
            if news.reperes:
                self.reporter.line("All towns brought up to date.")
        now = time.monotonic()
        if self._companies >= MANY or (self._companies and now > self._last_line + SECONDS_BETWEEN_LINES):
            self.reporter.line(f"{self._companies:,} companies brought up to date.")
            self._companies, self._last_line = 0, now

    def _fail(self, message: str) -> None:
        replaced = self.keeper is not None and self.keeper.generation != self.generations.current()
        self._drop()
        if replaced:  # by a new generation, and removed
            return
        if message != self._failure:
            self._failure = message
            self.reporter.line(
                f"{message}. It is tried again until it succeeds; what answers goes on answering."
            )
        self._pause = min(max(2 * self._pause, 0.5), LONGEST_PAUSE)
        time.sleep(self._pause)

    def _recover(self) -> None:
        if self._failure:
            self.reporter.line("It works again.")
        self._failure, self._pause = "", 0.0

    def _drop(self) -> None:
        if self.keeper:
            self.keeper.close()
            self.keeper = None
