"""Directories of benchmarks.imports.crashes, whose commands the tests start faster."""

import subprocess
from typing import IO

from benchmarks.imports import crashes
from tests.commands import Command


class Directory(crashes.Directory):
    def launch(self, *arguments: object, stdin: IO[bytes] | int, stdout: IO[bytes]) -> Command:
        return Command(
            self.environment,
            *arguments,
            stdin=None if stdin == subprocess.DEVNULL else stdin,
            stdout=stdout,
        )


class OwnDirectory(Directory, crashes.OwnDirectory):
    pass
