"""Directories of benchmarks.imports.crashes, whose commands the tests start faster."""

from pathlib import Path
from typing import IO

from benchmarks.imports import crashes
from foxreviews.localdb.cluster import Cluster
from tests.commands import Command


class Directory(crashes.Directory):
    def launch(self, *arguments: object, stdin: IO[bytes] | int, stdout: IO[bytes]) -> Command:
        return Command(self.environment, *arguments, stdin=stdin, stdout=stdout)


class OwnDirectory(Directory, crashes.OwnDirectory):
    def __init__(self, cluster: Cluster, logs: Path) -> None:
        """A server that is killed loses nothing that it has handed to the kernel, only a machine that is does."""
        super().__init__(cluster, logs)
        for name in ("fsync", "full_page_writes"):
            self.ask(f"ALTER SYSTEM SET {name} = off")
        self.ask("SELECT pg_reload_conf()")
