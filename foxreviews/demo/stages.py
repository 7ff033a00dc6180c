"""How a run of several stages shows itself: what it does now, and one line for each stage that is done."""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.markup import escape

from foxreviews.core.progress import SECONDS_BETWEEN_LINES


class Stage(io.TextIOBase):
    """A stage that runs, and the stream for what its commands say: only the last line is shown.

    Beside a spinner on a terminal; otherwise as a line every few seconds, so that a log stays short. All of
    it is in the commands' own logs.
    """

    def __init__(self, name: str, console: Console) -> None:
        self.name, self.console = name, console
        self.result = ""
        self.started = self._last_shown = time.monotonic()
        self._spinner = console.status(name)

    def __enter__(self) -> "Stage":
        self._spinner.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._spinner.stop()

    def write(self, text: str) -> int:
        """Take what a command says."""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if lines:
            self._show(lines[-1])
        return len(text)

    def _show(self, line: str) -> None:
        if self.console.is_terminal:
            self._spinner.update(escape(f"{self.name}: {line}"))
        elif time.monotonic() - self._last_shown >= SECONDS_BETWEEN_LINES:
            self._last_shown = time.monotonic()
            self.console.print(f"{'':11}{line}", markup=False, soft_wrap=True)


@contextmanager
def stage(name: str, out: TextIO) -> Iterator[Stage]:
    """Run a stage; at its end, show its `result` and how long it took."""
    console = Console(file=out, highlight=False)
    with Stage(name, console) as running:
        yield running
    seconds = time.monotonic() - running.started
    console.print(f"{seconds:7.1f} s  {name}: {running.result}", markup=False, soft_wrap=True)
