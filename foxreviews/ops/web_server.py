"""The web server as a child of the command that shows it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from foxreviews.core.errors import FoxreviewsError
from foxreviews.ops.address import Address, bracketed

START_SECONDS = 60.0
STOP_SECONDS = 15.0  # gunicorn's own graceful_timeout is shorter
PROGRAM = ("-m", "gunicorn", "--config", "config/gunicorn.py", "--log-level", "warning")
APPLICATION = "config.wsgi"
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # SIGHUP: the terminal was closed


class WebServer:
    """gunicorn in a process group of its own, so that Ctrl-C in the terminal reaches only its parent."""

    def __init__(self, checkout: Path, address: Address, pid_file: Path) -> None:
        self.checkout, self.address, self.pid_file = checkout, address, pid_file
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, allowed_hosts: list[str], first: str) -> None:
        """Start it and wait until `first` is answered; raises FoxreviewsError where it is not."""
        hosts = ["*"] if self.address.is_everywhere else [*allowed_hosts, bracketed(self.address.host)]
        command = [
            sys.executable,
            *PROGRAM,
            "--bind",
            self.address.bind,
            "--pid",
            str(self.pid_file),
            APPLICATION,
        ]
        with _interrupts_held():
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
                command,
                cwd=self.checkout,
                env=os.environ | {"ALLOWED_HOSTS": ",".join(hosts)},
                stdin=subprocess.DEVNULL,
                process_group=0,
            )
        limit = time.monotonic() + START_SECONDS
        while True:
            try:
                self.address.get(first)
            except ConnectionError as error:
                if self._process.poll() is not None:
                    raise FoxreviewsError(
                        "The web server ended while it started; its own words are above."
                    ) from error
                if time.monotonic() > limit:
                    raise FoxreviewsError(
                        f"The web server does not answer after {START_SECONDS:.0f} s."
                    ) from error
                time.sleep(0.05)
            except OSError as error:
                raise FoxreviewsError(f"The web server runs, but {error}") from error
            else:
                return

    def wait(self) -> int:
        """Block until it ends by itself; returns its exit code."""
        if self._process is None:
            raise ValueError("start it first")
        return self._process.wait()

    def stop(self) -> None:
        """End it: in good order, or by force when that takes too long."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def stop_forgotten(self) -> None:
        """End the server of an earlier run that was killed before it could. It is known by its arguments."""
        for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 1.0)):
            limit = time.monotonic() + seconds
            for pid in self._forgotten():
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
            while self._forgotten() and time.monotonic() < limit:
                time.sleep(0.05)

    def _forgotten(self) -> list[int]:
        arguments = f"\0{self.pid_file}\0{APPLICATION}\0".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (entry / "cmdline").read_bytes().endswith(arguments):
                    found.append(int(entry.name))
        return found


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until a started process is known, or nobody would stop it."""
    held: list[int] = []
    before = {number: signal.signal(number, lambda number, _: held.append(number)) for number in INTERRUPTS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for late in held:
            signal.raise_signal(late)
