"""How a long command shows where it is: a bar on a terminal, one plain line every few seconds otherwise.

Whatever is shown also goes to the command's log file, so that `tail -f logs/import.log` follows any run.
"""

import io
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import Event, Thread
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from foxreviews.core import clock
from foxreviews.core.errors import as_typed

SECONDS_BETWEEN_LINES = 5.0
MIN_COUNT_FOR_RATE = 100  # of a few things a rate says nothing
LOG_BYTES = 5_000_000
LOG_FILES = 4


def open_log(folder: Path, name: str) -> logging.Logger:
    """The logger of a command, writing to `folder/name.log` (rotated) and nowhere else."""
    logger = logging.getLogger(f"foxreviews.log.{name}")
    logger.propagate = False
    logger.setLevel(logging.INFO)
    if not logger.handlers:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / f"{name}.log", maxBytes=LOG_BYTES, backupCount=LOG_FILES, delay=True, encoding="utf-8"
        )
        handler.setFormatter(
            logging.Formatter("%(asctime)s %(levelname)s [%(process)d] %(message)s", clock.LOG_FORMAT)
        )
        logger.addHandler(handler)
    return logger


class Stage(io.TextIOBase):
    """One stage of a run: its steps, and the stream for the output of the commands that it runs.

    Of that output the last line is shown while the stage runs; all of it is in the commands' own logs.
    """

    def __init__(self, reporter: "Reporter", name: str, total: float | None, unit: str) -> None:
        self.reporter, self.name, self.total, self.unit = reporter, name, total, unit
        self.count = 0
        self.resumed = 0.0
        self.share = 0.0  # of `total`, in whatever total counts (bytes, rows, indexes)
        self.result = ""  # for the line at its end, in the place of the figures
        self.started = self.last_line = time.monotonic()
        self._output = ""

    def write(self, text: str) -> int:
        """Show the last line of what a command prints."""
        if lines := [line.strip() for line in text.splitlines() if line.strip()]:
            self._output = lines[-1]
            self.reporter.show(self)
        return len(text)

    def resume(self, share: float) -> None:
        """`share` of the total was done by an earlier run."""
        self.share = self.resumed = share

    def advance(self, count: int, share: float | None = None) -> None:
        """`count` more units are done, and `share` of the total in all (the same unless given)."""
        self.count += count
        self.share = self.resumed + self.count if share is None else share
        self.reporter.show(self)

    def describe(self) -> str:
        """«rows: 1,200,000 records, 61 %, 180,000/s, 4 s left»; of one long step «Merging: 35 s»."""
        if self._output:
            return f"{self.name}: {self._output}"
        elapsed = max(time.monotonic() - self.started, 0.001)
        parts = [f"{self.count:,} {self.unit}"] if self.count or self.total else []
        if self.total:
            parts.append(f"{min(self.share / self.total, 1):.0%}")
        if self.count >= MIN_COUNT_FOR_RATE:
            parts.append(f"{self.count / elapsed:,.0f}/s")
        if self.total and self.resumed < self.share < self.total:
            left = elapsed * (self.total - self.share) / (self.share - self.resumed)
            parts.append(f"{left:,.0f} s left")
        return f"{self.name}: {', '.join(parts or [f'{elapsed:,.0f} s'])}"

    def summary(self) -> str:
        """«   35.0 s  Merging: 1,200,000 records, 34,286/s», for its end."""
        seconds = time.monotonic() - self.started
        done = self.result or (f"{self.count:,} {self.unit}" if self.count else "")
        if not self.result and self.count >= MIN_COUNT_FOR_RATE:
            done += f", {self.count / max(seconds, 0.001):,.0f}/s"
        return f"{seconds:7.1f} s  {self.name}{done and f': {done}'}"


class Reporter:
    """Shows the stages of a run on `stream` and writes them to its log."""

    def __init__(self, stream: Any, log: logging.Logger | None = None) -> None:
        # Django ends whatever a command writes with a line break; each redrawing of a bar would leave a line.
        self.console = Console(file=getattr(stream, "_out", stream), highlight=False)
        self.log = log
        self.seconds: dict[str, float] = {}  # of each stage that has ended, and of each part that is timed
        self._bars: Progress | None = None
        self._task: TaskID | None = None

    def line(self, text: str) -> None:
        """A sentence for the person at the screen and for the log; commands in it are «manage.py …»."""
        text = as_typed(text)
        self.console.print(text, markup=False, soft_wrap=True)
        if self.log:
            self.log.info(text)

    @contextmanager
    def stage(self, name: str, total: float | None = None, unit: str = "records") -> Iterator[Stage]:
        """Show a stage while the block runs, and one line with its figures at the end."""
        stage = Stage(self, name, total, unit)
        if self.console.is_terminal:
            columns = (SpinnerColumn(), TextColumn("{task.fields[figures]}"), BarColumn(bar_width=None))
            self._bars = Progress(*columns, console=self.console, transient=True, expand=True)
            self._task = self._bars.add_task(name, total=total, figures=stage.describe())
            self._bars.start()
        ended = Event()
        beat = Thread(target=self._beat, args=(stage, ended), daemon=True)
        beat.start()
        try:
            with self.timed(name):
                yield stage
        finally:
            ended.set()
            beat.join()
            if self._bars:
                self._bars.stop()
                self._bars = None
        self.line(stage.summary())

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add the time of the block to `seconds`."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0) + time.monotonic() - started, 3)

    def _beat(self, stage: Stage, ended: Event) -> None:
        """Show that a stage of one long step, a merge of millions, still runs."""
        while not ended.wait(SECONDS_BETWEEN_LINES):
            self.show(stage)

    def show(self, stage: Stage) -> None:
        """Refresh the bar, or print a line where the last one is some seconds old."""
        if self._bars is not None and self._task is not None:
            self._bars.update(self._task, completed=stage.share, figures=stage.describe())
        now = time.monotonic()
        if now - stage.last_line >= SECONDS_BETWEEN_LINES:
            stage.last_line = now
            if self._bars is None:
                self.console.print(stage.describe(), markup=False, soft_wrap=True)
            if self.log:
                self.log.info(stage.describe())
