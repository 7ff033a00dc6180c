"""The production server on a free port, and a client of it."""

import json
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from benchmarks.command import CHECKOUT, python
from foxreviews.core.errors import FoxreviewsError

START_SECONDS = 600.0  # what never comes takes so long, on the busiest machine
ANSWERED_ALONE = {"Authorization": "Bearer none"}  # see foxreviews/api/public.py
UNLIMITED = "1000000/min"
GUNICORN = ("-m", "gunicorn", "--config", "config/gunicorn.py", "--log-level", "warning")
PRODUCTION = (*GUNICORN, "--bind", "127.0.0.1:{port}", "config.wsgi")


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    port: int
    pid: int

    @property
    def processes(self) -> list[int]:
        """The server itself and all that it has started."""
        found = [self.pid]
        for pid in found:
            with suppress(OSError):
                found += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return found


@contextmanager
def server(environment: Mapping[str, str], checkout: Path = CHECKOUT, rate: str = UNLIMITED) -> Iterator[int]:
    """The server of a checkout on a free port, which it gives once it answers; its log is shown only if it does not."""
    with running(environment, checkout, rate) as found:
        yield found.port


@contextmanager
def running(
    environment: Mapping[str, str],
    checkout: Path = CHECKOUT,
    rate: str = UNLIMITED,
    program: Sequence[str] = PRODUCTION,
) -> Iterator[Running]:
    """The same; `program` is what Python is called with, {port} in it the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with TemporaryFile() as log:
        process = subprocess.Popen(
            [*python(checkout), *(word.format(port=port) for word in program)],
            cwd=checkout,
            env={**environment, "THROTTLE_RATE": rate},
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(port, process, log)
            yield Running(port, process.pid)
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: IO[bytes]) -> None:
    limit = time.monotonic() + START_SECONDS
    while True:
        with suppress(OSError, HTTPException, FoxreviewsError):
            with closing(Client(port)) as client:
                client.get("/api/villes/")
            return
        if process.poll() is not None or time.monotonic() > limit:
            log.seek(0)
            text = log.read().decode(errors="replace")
            raise FoxreviewsError(f"{text}\nThe web server does not answer after {START_SECONDS:.0f} s.")
        time.sleep(0.1)


class Client:
    """One connection to a server on this machine, which is used again; each answer is a new one, unless `cached`."""

    def __init__(self, port: int, *, cached: bool = False) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {} if cached else ANSWERED_ALONE

    def reconnect(self) -> None:
        """Open another connection: the server closes one that is idle for seconds."""
        self._connection.close()
        self._connection.connect()

    def close(self) -> None:
        self._connection.close()

    def text(self, url: str) -> str:
        """An answer that is no JSON."""
        self._connection.request("GET", url)
        return self._connection.getresponse().read().decode()

    def status(self, url: str) -> int:
        """That of an answer, which is read to its end."""
        self._connection.request("GET", url, headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status

    def get(self, url: str) -> dict[str, Any] | None:
        """The JSON of an answer; None where a search took too long (503). Raises FoxreviewsError for other errors."""
        self._connection.request("GET", url, headers=self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 503):
            raise FoxreviewsError(f"{url} is answered with {answer.status}: {text[:300]!r}")
        found: dict[str, Any] | None = json.loads(text) if answer.status == 200 else None
        return found
