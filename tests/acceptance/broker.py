"""A Redis and Celery's processes, each of its own test, ended by their own process ids."""

import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import Celery

from foxreviews.workers.schedule import PREFIX, QUEUE
from tests.summary import find_program
from tests.waiting import DEADLINE, wait_until

CHECKOUT = Path(__file__).parents[2]
REDIS = find_program("redis-server")
WORKER = Path(__file__).with_name("small_worker.py")
PORT_ATTEMPTS = 10


class Broker:
    """A redis-server, which keeps what it has on disk or forgets it."""

    def __init__(self, folder: Path, *, persistent: bool = False) -> None:
        self.folder, self.persistent = folder, persistent
        self.port = 0
        self._producer: Celery | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> Any:
        return redis.Redis(port=self.port)

    def start(self) -> None:
        """At its port, if it had one: another program may take a free one before Redis does."""
        for _ in range(PORT_ATTEMPTS):
            port = self.port or _free_port()
            command = [
                *(
                    str(REDIS),
                    "--port",
                    str(port),
                    "--bind",
                    "127.0.0.1",
                    "--dir",
                    str(self.folder),
                    "--save",
                    "",
                ),
                *("--appendonly", "yes" if self.persistent else "no", "--appendfsync", "always"),
            ]
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            wait_until(
                lambda port=port: self.process.poll() is not None or _answers(port), "Redis does not start"
            )
            if self.process.poll() is None:
                self.port = port
                return
        pytest.fail("redis-server does not start")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self._producer:
            self._producer.close()
        self.process.terminate()
        self.process.wait(DEADLINE)

    def send(self, name: str, *words: object, task_id: str = "") -> str:
        """Queue a task; its id."""
        self._producer = self._producer or Celery(broker=self.url, task_default_queue=QUEUE)  # type: ignore[call-arg]
        named = task_id or str(uuid.uuid4())
        self._producer.send_task(PREFIX + name, args=list(words), task_id=named, ignore_result=True)
        return named

    def waiting(self) -> int:
        return int(self.client.llen(QUEUE))

    def unacknowledged(self) -> int:
        return int(self.client.hlen("unacked"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        with redis.Redis(port=port) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False


class Worker:
    """`celery -A config worker`, in a process group of its own."""

    def __init__(self, environment: dict[str, str], *arguments: str) -> None:
        self.log = Path(environment["LOG_DIR"]) / "celery.log"
        self.output = Path(environment["LOG_DIR"]).parent / f"worker-{uuid.uuid4().hex[:8]}.log"
        command = [
            sys.executable,
            str(WORKER),
            "-A",
            "config",
            *(arguments or ("worker", "--hostname", "one@here")),
        ]
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                command, cwd=CHECKOUT, env=environment, stdout=output, stderr=output, process_group=0
            )

    def wait_until_ready(self) -> "Worker":
        self.wait_until_said(" ready.")
        return self

    def wait_until_said(self, words: str) -> None:
        def said() -> bool:
            assert self.process.poll() is None, self.output.read_text()
            return words in self.output.read_text()

        wait_until(said, lambda: f"«{words}» is not said: {self.output.read_text()}", 0.05)

    def children(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def kill(self) -> None:
        """With all its processes, as a machine does that loses its power."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """As a service manager does; its exit code."""
        self.process.terminate()
        return self.process.wait(DEADLINE)


@contextmanager
def working(environment: dict[str, str], *arguments: str) -> Iterator[Worker]:
    worker = Worker(environment, *arguments)
    try:
        yield worker.wait_until_ready() if not arguments else worker
    finally:
        if worker.process.poll() is None:
            worker.kill()


@contextmanager
def brokering(folder: Path, *, persistent: bool = False) -> Iterator[Broker]:
    broker = Broker(folder, persistent=persistent)
    try:
        yield broker
    finally:
        broker.stop()
