"""pg_dump or pg_restore as a child: watched while it runs, ended with us, its last words told."""

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import IO, Self

from foxreviews.core.errors import FoxreviewsError

STOP_SECONDS = 20.0
LAST_WORDS = 3  # lines


class Program:
    """One run of a program. Leaving the block ends it, and with it the processes that it has for its jobs."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], failure: type[FoxreviewsError]
    ) -> None:
        self.command, self.environment, self.failure = command, environment, failure
        self._said: IO[str] = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 - closed in __exit__
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603 - a program of PostgreSQL, with our own arguments
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=self._said,
            umask=0o077,
            process_group=0,  # Ctrl-C in the terminal is for us, who end it in good order
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._said.close()

    def is_running(self) -> bool:
        """Raises the error of `failure`, with the program's last words, where it has failed."""
        code = self._process.poll() if self._process else None
        if code:
            raise self.failure(self._last_words() or f"{self.command[0]} ended with {code}.")
        return code is None

    def _last_words(self) -> str:
        """Of the errors that it told: the first lines say what happened, what follows is what came of it."""
        self._said.seek(0)
        lines = [line.strip() for line in self._said if line.strip()]
        first = next((at for at, line in enumerate(lines) if "error:" in line), 0)
        return " ".join(line.split("error: ", 1)[-1] for line in lines[first : first + LAST_WORDS])
