"""gunicorn as in production, on the database of a test."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import gettempdir

import pytest

from tests.waiting import DEADLINE

CHECKOUT = Path(__file__).parents[2]
WORKERS = 2


class Server:
    """gunicorn, its address, and the figures of its workers."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.log = log
        # The socket is handed over as it is: between a port that was free and one that is bound, another may take it.
        with socket.create_server(("127.0.0.1", 0)) as listening, log.open("w") as output:
            self.port = int(listening.getsockname()[1])
            handle = listening.fileno()
            command = [
                *(sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py"),
                *("--workers", str(WORKERS), "--bind", f"fd://{handle}", "config.wsgi"),
            ]
            self.process = subprocess.Popen(
                command, cwd=CHECKOUT, env=environment, stderr=output, pass_fds=[handle]
            )

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def wait_until_live(self) -> None:
        try:
            assert self.get("/health/live")[0] == 200
        except ConnectionError:
            pytest.fail(self.log.read_text())

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def figures_folder(self) -> Path:
        places = (Path("/dev/shm"), Path(gettempdir()))
        (folder,) = (
            path for place in places for path in place.glob(f"foxreviews-metrics-{self.process.pid}-*")
        )
        return folder


@contextmanager
def serving(environment: dict[str, str], log: Path) -> Iterator[Server]:
    server = Server(environment, log)
    try:
        server.wait_until_live()
        yield server
    finally:
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(DEADLINE)
