"""pg_dump or pg_restore as a child: watched while it runs, ended with us, its last words told."""

import tempfile
from collections.abc import Mapping, Sequence
from typing import IO, Self

from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.processes import Child

LAST_WORDS = 3  # lines


class Program(Child):
    """One run of a program. Leaving the block ends it, and with it the processes that it has for its jobs."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], failure: type[FoxreviewsError]
    ) -> None:
        super().__init__()
        self.command, self.environment, self.failure = command, environment, failure
        self._said: IO[str] = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 - closed with us

    def __enter__(self) -> Self:
        self.start(
            self.command, environment=self.environment, output=self._said, errors=self._said, umask=0o077
        )
        return self

    def goes_on(self) -> bool:
        """Raises the error of `failure`, with the program's last words, where it has failed."""
        if self.exit_code:
            raise self.failure(self._last_words() or f"{self.command[0]} ended with {self.exit_code}.")
        return self.is_running

    def _last_words(self) -> str:
        """Of the errors that it told: the first lines say what happened, what follows is what came of it."""
        self._said.seek(0)
        lines = [line.strip() for line in self._said if line.strip()]
        first = next((at for at, line in enumerate(lines) if "error:" in line), 0)
        return " ".join(line.split("error: ", 1)[-1] for line in lines[first : first + LAST_WORDS])
