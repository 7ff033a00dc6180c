"""Processes: a child that ends with the command that started it, and a look at the others of this machine."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import current_thread, main_thread
from typing import IO, Self

STOP_SECONDS = 15.0  # gunicorn's own graceful_timeout is shorter
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # SIGHUP: the terminal was closed
PROC = Path("/proc")


class Child:
    """A program in a process group of its own: Ctrl-C in the terminal reaches only its parent, which stops it.

    As a context manager it is stopped at the end of the block.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def start(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        output: IO[str] | int | None = None,
        errors: IO[str] | int | None = None,
        folder: Path | None = None,
        umask: int = -1,
    ) -> int:
        """Start it with these variables added to our own, stdout to `output` and stderr to `errors`; its process id."""
        with _interrupts_deferred():
            self._process = subprocess.Popen(  # noqa: S603 - our own programs and arguments
                command,
                cwd=folder,
                env=os.environ | (environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                umask=umask,
                process_group=0,
            )
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """Of the last run; None where it runs, or was never started."""
        return self._process.poll() if self._process else None

    def wait(self) -> int:
        """Block until it ends; its exit code."""
        if self._process is None:
            raise ValueError("start it first")
        return self._process.wait()

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """End it by SIGTERM; after `seconds`, kill it and its group."""
        if self._process is None or not self.is_running:
            return
        self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()


@contextmanager
def _interrupts_deferred() -> Iterator[None]:
    """Defer Ctrl-C and SIGTERM until the started process is known, or it would not be stopped."""
    if current_thread() is not main_thread():  # only that one is interrupted
        yield
        return
    deferred: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: deferred.append(number)) for number in INTERRUPTS
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for late in deferred:
            signal.raise_signal(late)


@dataclass(frozen=True)
class Process:
    """A process as Linux shows it in /proc. Raises OSError once it has ended, or where it is not ours to look at."""

    pid: int

    @property
    def name(self) -> str:
        """Of its program, without its folder."""
        return (PROC / str(self.pid) / "comm").read_text().strip()

    @property
    def folder(self) -> Path:
        """Where it works; the name ends in « (deleted)» where that folder was removed."""
        return (PROC / str(self.pid) / "cwd").readlink()

    @property
    def command(self) -> bytes:
        """Its arguments, each ended by a zero byte."""
        return (PROC / str(self.pid) / "cmdline").read_bytes()

    @property
    def open_files(self) -> list[Path]:
        """The files that it has open."""
        found = []
        for file in (PROC / str(self.pid) / "fd").iterdir():
            with suppress(OSError):  # closed meanwhile
                found.append(file.readlink())
        return found


def find_processes(matches: Callable[[Process], bool]) -> list[int]:
    """The ids of those that match. Needs /proc: [] without it."""
    found = []
    for entry in PROC.glob("[0-9]*"):
        with suppress(OSError):
            if matches(Process(int(entry.name))):
                found.append(int(entry.name))
    return found


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits for its parent (a zombie) does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not PROC.is_dir()


def end_processes(find: Callable[[], Sequence[int]], signals: Sequence[tuple[signal.Signals, float]]) -> bool:
    """Send each signal to those that `find` gives, until it gives none or its seconds are over; whether all ended."""
    for number, seconds in signals:
        for pid in find():
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        limit = time.monotonic() + seconds
        while find():
            if time.monotonic() > limit:
                break
            time.sleep(0.02)
        else:
            return True
    return False
