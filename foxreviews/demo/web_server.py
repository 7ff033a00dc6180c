"""The web server as a child of the command that shows it."""

import signal
import sys
import time
from pathlib import Path

from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.processes import STOP_SECONDS, Child, end_processes, find_processes
from foxreviews.demo.address import Address, bracketed

START_SECONDS = 60.0
PROGRAM = ("-m", "gunicorn", "--config", "config/gunicorn.py", "--log-level", "warning")
APPLICATION = "config.wsgi"


class WebServer:
    """gunicorn with the project's own settings for production."""

    def __init__(self, checkout: Path, address: Address, pid_file: Path) -> None:
        self.checkout, self.address, self.pid_file = checkout, address, pid_file
        self._child = Child()

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
        self._child.start(command, environment={"ALLOWED_HOSTS": ",".join(hosts)}, folder=self.checkout)
        limit = time.monotonic() + START_SECONDS
        while True:
            try:
                self.address.get(first)
            except ConnectionError as error:
                if not self._child.is_running:
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
        return self._child.wait()

    def stop(self) -> None:
        """End it."""
        self._child.stop()

    def stop_forgotten(self) -> None:
        """End the server of an earlier run that was killed before it could. It is known by its arguments."""
        arguments = f"\0{self.pid_file}\0{APPLICATION}\0".encode()
        end_processes(
            lambda: find_processes(lambda process: process.command.endswith(arguments)),
            ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 1.0)),
        )
