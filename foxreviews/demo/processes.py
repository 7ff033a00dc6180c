"""The processes that the demo runs: the web server at its address, and the daemon of the search index."""

import errno
import ipaddress
import json
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from foxreviews.core.errors import FoxreviewsError, UsageError
from foxreviews.core.processes import STOP_SECONDS, Child, end_processes, find_processes
from foxreviews.search.index.storage import IndexStorage

START_SECONDS = 300.0  # beyond what a busy machine needs: a server that ends is noticed at once
POLL_SECONDS = 0.05
# How often the index daemon is started again, after 2, 4, 8, … seconds, and how long it runs until it has recovered
MAX_RESTARTS, FIRST_PAUSE, RECOVERED_SECONDS = 5, 1.0, 600.0
PROGRAM = ("-m", "gunicorn", "--config", "config/gunicorn.py", "--log-level", "warning")
APPLICATION = "config.wsgi"
END = ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 1.0))


@dataclass(frozen=True)
class Address:
    """Where the server listens."""

    host: str
    port: int

    @property
    def bind(self) -> str:
        return f"{bracketed(self.host)}:{self.port}"

    @property
    def is_everywhere(self) -> bool:
        """Whether it listens on every address of the machine."""
        with suppress(ValueError):
            return ipaddress.ip_address(self.host).is_unspecified
        return False

    @property
    def near(self) -> str:
        """The host by which this machine reaches it."""
        if not self.is_everywhere:
            return self.host
        return "::1" if ":" in self.host else "127.0.0.1"

    @property
    def url(self) -> str:
        return f"http://{bracketed(self.near)}:{self.port}"

    def check_free(self) -> None:
        """Raises UsageError where the server could not listen there."""
        try:
            family, kind, _, _, place = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(place)
        except OSError as error:
            raise UsageError(self._why_not(error)) from error

    def get(self, path: str) -> Any:
        """The JSON that the server answers at `path`; raises OSError where it does not answer with 200."""
        connection = HTTPConnection(self.near, self.port, timeout=START_SECONDS)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                raise OSError(
                    f"{self.url}{path} answers {response.status}: {body[:300].decode(errors='replace')}"
                )
            return json.loads(body)
        except HTTPException as error:
            raise OSError(f"{self.url}{path} does not answer in HTTP") from error
        finally:
            connection.close()

    def _why_not(self, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            return f"Port {self.port} is in use. Choose another: make demo PORT={self.port + 1}"
        if error.errno == errno.EACCES:
            return f"Port {self.port} is reserved for root. Choose one above 1023: make demo PORT=8001"
        return f"HOST={self.host} is not an address of this machine ({error.strerror})."


def bracketed(host: str) -> str:
    """The host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host


class WebServer:
    """gunicorn with the project's own settings for production."""

    def __init__(self, checkout: Path, address: Address, pid_file: Path) -> None:
        self.checkout, self.address, self.pid_file = checkout, address, pid_file
        self._child = Child()

    def start(self, allowed_hosts: list[str], first: str) -> None:
        """Start it and wait until `first` is answered; raises FoxreviewsError where it is not."""
        hosts = ["*"] if self.address.is_everywhere else [*allowed_hosts, bracketed(self.address.host)]
        options = ("--bind", self.address.bind, "--pid", str(self.pid_file))
        command = [sys.executable, *PROGRAM, *options, APPLICATION]
        self._child.start(command, environment={"ALLOWED_HOSTS": ",".join(hosts)}, folder=self.checkout)
        limit = time.monotonic() + START_SECONDS
        while not self._answers(first):
            if not self._child.is_running:
                raise FoxreviewsError("The web server ended while it started; see its output above.")
            if time.monotonic() > limit:
                raise FoxreviewsError(f"The web server does not answer after {START_SECONDS:.0f} s.")
            time.sleep(POLL_SECONDS)

    def _answers(self, path: str) -> bool:
        """Whether it does by now. Raises FoxreviewsError where its answer is an error."""
        try:
            self.address.get(path)
        except ConnectionError:
            return False
        except OSError as error:
            raise FoxreviewsError(f"The web server runs, but {error}") from error
        return True

    def wait(self, seconds: float) -> int | None:
        """Block for so long at most; its exit code where it has ended by itself, None where it runs."""
        limit = time.monotonic() + seconds
        while self._child.is_running:
            if time.monotonic() > limit:
                return None
            time.sleep(POLL_SECONDS)
        return self._child.exit_code

    def stop(self) -> None:
        """End it."""
        self._child.stop()

    def stop_leftover(self) -> None:
        """End the server that a killed run has left. It is found by its arguments."""
        arguments = f"\0{self.pid_file}\0{APPLICATION}\0".encode()
        end_processes(lambda: find_processes(lambda process: process.command.endswith(arguments)), END)


class IndexDaemon:
    """search_catchup --follow, which keeps the search index in sync; its output goes to logs/search.log."""

    def __init__(self, checkout: Path, storage: IndexStorage, pid_file: Path) -> None:
        self.checkout, self.storage, self.pid_file = checkout, storage, pid_file
        self._child = Child()
        self._is_wanted = False
        self._restarts, self._started, self._not_before = 0, 0.0, 0.0

    def start(self) -> None:
        """Start it, unless another one keeps the index in sync already."""
        self._is_wanted, self._started = True, time.monotonic()
        if self.storage.writer_pid():
            return
        command = [sys.executable, str(self.checkout / "manage.py"), "search_catchup", "--follow"]
        pid = self._child.start(command, output=subprocess.DEVNULL, folder=self.checkout)
        self.pid_file.write_text(str(pid))

    def ensure_running(self) -> str:
        """Start it again where it has ended: at once, then after growing pauses, MAX_RESTARTS times. What to say of it.

        One that ran for RECOVERED_SECONDS had recovered: its end is counted as the first one.
        """
        now = time.monotonic()
        if (
            not self._is_wanted
            or now < self._not_before
            or self._child.is_running
            or self.storage.writer_pid()
        ):
            return ""
        if now > self._started + RECOVERED_SECONDS:
            self._restarts = 0
        if self._restarts == MAX_RESTARTS:
            self._is_wanted = False
            return (
                f"The index daemon ended {MAX_RESTARTS + 1} times and is not started again; see logs/search.log. The "
                "index answers as it was. To go on: manage.py search_catchup --follow"
            )
        self._restarts += 1
        self._not_before = now + FIRST_PAUSE * 2**self._restarts
        self.start()
        return f"The index daemon had ended and is started again ({self._restarts} of {MAX_RESTARTS})."

    def stop(self) -> None:
        """End it."""
        self._is_wanted = False
        self._child.stop()
        self.pid_file.unlink(missing_ok=True)

    def stop_leftover(self) -> None:
        """End the one that a killed run has left. It is found by the index that it writes."""
        with suppress(OSError, ValueError):
            pid = int(self.pid_file.read_text())
            end_processes(lambda: [pid] if pid == self.storage.writer_pid() else [], END)
