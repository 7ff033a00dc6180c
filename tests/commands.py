"""Commands of manage.py as processes of their own, for the tests that start many.

They are forked from a process that has imported their modules, which takes most of a start otherwise. They have
a process id, signals, standard files and an exit code as any other.
"""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

CHECKOUT = Path(__file__).parents[1]
FORKS = sys.platform == "linux"  # elsewhere Python is started: what the packages start may not bear a fork
File = IO[Any] | int


def run(
    environment: Mapping[str, str],
    *arguments: object,
    folder: Path = CHECKOUT,
    program: str | Path = "manage.py",
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, without input."""
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        process = Command(environment, *arguments, stdout=out, stderr=err, folder=folder, program=program)
        code = process.wait()
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(process.args, code, out.read(), err.read())


class Command:
    """A command under way, with what the tests use of subprocess.Popen."""

    def __init__(
        self,
        environment: Mapping[str, str],
        *arguments: object,
        stdin: File = subprocess.DEVNULL,
        stdout: File = subprocess.PIPE,
        stderr: File = subprocess.STDOUT,
        folder: Path = CHECKOUT,
        group: bool = False,
        program: str | Path = "manage.py",
    ) -> None:
        """`group`: in a process group of its own. `program` runs manage.py."""
        self._program = str(program)
        self.args = ["manage.py", *map(str, arguments)]
        self.returncode: int | None = None
        self.stdout: IO[str] | None = None
        reading, writing = os.pipe() if stdout == subprocess.PIPE else (None, stdout)
        if reading is not None:
            self.stdout = os.fdopen(reading, errors="replace")
        files = (stdin, writing, writing if stderr == subprocess.STDOUT else stderr)
        self._start(files, dict(environment), folder, group)
        if reading is not None:
            os.close(writing)

    def _start(self, files: Sequence[File], environment: dict[str, str], folder: Path, group: bool) -> None:
        if not FORKS:
            stdin, stdout, stderr = files
            command = [sys.executable, self._program, *self.args[1:]]
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                process_group=0 if group else None,
            )
            self.pid = self._process.pid
            return
        message = {
            "program": self._program, "arguments": self.args[1:],
            "environment": environment, "folder": str(folder), "group": group,
        }  # fmt: skip
        with Path(os.devnull).open("rb") as nothing:
            given = [nothing if each == subprocess.DEVNULL else each for each in files]
            self._server = _server("ours" if folder == CHECKOUT else "")
            self.pid = _ask(
                self._server, message, [each if isinstance(each, int) else each.fileno() for each in given]
            )

    def poll(self) -> int | None:
        """Its exit code once it has ended, of which a signal is the negative number."""
        if self.returncode is None:
            self.returncode = _ask(self._server, self.pid) if FORKS else self._process.poll()
        return self.returncode

    def wait(self, timeout: float = float("inf")) -> int:
        """Its exit code. Raises subprocess.TimeoutExpired."""
        limit = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > limit:
                raise subprocess.TimeoutExpired(self.args, timeout)
            time.sleep(0.01)
        return code

    def communicate(self, timeout: float = float("inf")) -> tuple[str, None]:
        """All that it says, once it has ended."""
        assert self.stdout
        with self.stdout:
            said = self.stdout.read()
        self.wait(timeout)
        return said, None

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def interrupt(self) -> None:
        """As Ctrl-C does."""
        self.send_signal(signal.SIGINT)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _ask(server: socket.socket, message: object, files: list[int] | None = None) -> Any:
    socket.send_fds(server, [json.dumps(message).encode()], files or [])
    return json.loads(server.recv(1000))


@cache
def _server(imported: str) -> socket.socket:
    """The connection to a server of this process, which ends with it; what it has imported, see tests.forkserver."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        command = [sys.executable, "-m", "tests.forkserver", str(theirs.fileno()), imported]
        process = subprocess.Popen(command, cwd=CHECKOUT, pass_fds=[theirs.fileno()])

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours
