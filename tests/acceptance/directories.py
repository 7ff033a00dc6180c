"""Directories of benchmarks.imports.crashes, whose commands the tests start faster."""

from pathlib import Path
from typing import IO, ClassVar

import psycopg

from benchmarks.imports import crashes
from foxreviews.localdb.cluster import Cluster
from tests.commands import Command

SMALL_SIZES = Path(__file__).with_name("small_sizes.py")


class Directory(crashes.Directory):
    """To be closed."""

    program: ClassVar[Path] = Path("manage.py")
    _session: psycopg.Connection | None = None

    def launch(self, *arguments: object, stdin: IO[bytes] | int, stdout: IO[bytes]) -> Command:
        return Command(self.environment, *arguments, stdin=stdin, stdout=stdout, program=self.program)

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """In one session: what is waited for is asked often."""
        try:
            return self._ask(query)
        except psycopg.OperationalError:
            if self._session is None or not self._session.closed:
                raise
            self.close()  # its server was stopped
            return self._ask(query)

    def _ask(self, query: str) -> list[tuple[object, ...]]:
        if self._session is None:
            self._session = psycopg.connect(self.url, autocommit=True)
        cursor = self._session.execute(query)
        return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        """End the session."""
        if self._session is not None:
            self._session.close()
            self._session = None


class SmallDirectory(Directory):
    """A few hundred companies are a first load."""

    program = SMALL_SIZES


class OwnDirectory(SmallDirectory, crashes.OwnDirectory):
    """On a server of its own, which can be stopped."""

    def __init__(self, cluster: Cluster, logs: Path) -> None:
        """A server that is killed loses nothing that it has handed to the kernel, only a machine that is does."""
        super().__init__(cluster, logs)
        for name in ("fsync", "full_page_writes"):
            self.ask(f"ALTER SYSTEM SET {name} = off")
        self.ask("SELECT pg_reload_conf()")
