"""A real redis-server of a test's own, on a socket in a folder of its own, ended by its own pid."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import redis
from redis.exceptions import RedisError

from tests.summary import find_program
from tests.waiting import DEADLINE, wait_until

PROGRAM = find_program("redis-server")
MISSING = "redis-server is not installed"


class RedisProcess:
    """It may be stopped, killed and started again; it keeps nothing on a disk."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._socket, self._options = folder / "redis.sock", options
        self.url = f"unix://{self._socket}"
        self.client = redis.Redis.from_url(self.url)  # with patience
        self.start()

    def start(self) -> None:
        command = [
            *(
                str(PROGRAM),
                "--port",
                "0",
                "--unixsocket",
                str(self._socket),
                "--save",
                "",
                "--appendonly",
                "no",
            ),
            *("--dir", str(self._socket.parent), "--loglevel", "warning", *self._options),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(self._answers, "redis-server does not start")

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except RedisError:
            return False

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(DEADLINE)

    def hang(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        if self.process.poll() is None:
            self.go_on()
            self.kill()
        self.client.close()


@contextmanager
def running_redis(*options: str) -> Iterator[RedisProcess]:
    """With more options: "--maxmemory", "2mb"."""
    with TemporaryDirectory() as folder:  # a socket's path must be short
        server = RedisProcess(Path(folder), *options)
        try:
            yield server
        finally:
            server.end()
