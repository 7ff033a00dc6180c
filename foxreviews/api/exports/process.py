"""An export that runs for a client: `manage.py export` in a process of its own, whose output is passed on.

So it takes neither the interpreter of the threads that answer pages nor their memory and connections, and it ends with
all that it holds when it is killed: docs/decisions/0027-exports.md.
"""

import fcntl
import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO, cast

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from foxreviews.core.errors import FoxreviewsError, UsageError
from foxreviews.core.messages import Message

CHUNK = 64 * 1024  # bytes; the web server lets a client take 10 s for each
PIPE = 1024 * 1024  # bytes that are made ahead of the client
SILENT_SECONDS = 300.0  # within which more must come: a rare filter reads the whole table for its first rows
FAREWELL_SECONDS = 5.0
OF_WEB_WORKERS = {
    "DATABASE_POOL_SIZE",
    "PROMETHEUS_MULTIPROC_DIR",
}  # a command has one connection and no figures

logger = logging.getLogger(__name__)

REFUSAL = "CommandError: "  # how Django's commands begin the last line of one


class RefusedExportError(UsageError):
    """The command has refused what was asked: its sentence says why."""

    code = "invalid-export"


class ExportFailedError(FoxreviewsError):
    """The command has ended in the middle, or did not begin."""

    status = 503
    code = "export-failed"


class Export(Iterator[bytes]):
    """The bytes of an export as they are made. The first ones are there before it is answered with."""

    def __init__(
        self,
        arguments: list[str],
        parameters: str,
        on_end: Callable[[], object],
        refusals: Sequence[Message] = (),
    ) -> None:
        """`parameters` go to the command's input: other accounts of the machine see what stands in a command line.

        The command speaks English; one of `refusals` that it says is said in the client's language. Raises
        RefusedExportError, ExportFailedError.
        """
        self._on_end, self._refusals = on_end, refusals
        self._deadline = time.monotonic() + settings.EXPORT_SECONDS
        self._said = TemporaryFile()  # noqa: SIM115 - closed with the export
        environment = {name: value for name, value in os.environ.items() if name not in OF_WEB_WORKERS}
        self._process = subprocess.Popen(  # noqa: S603 - our own command, with words of ours
            [sys.executable, "manage.py", "export", *arguments, "--where", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            cwd=settings.BASE_DIR,
            env=environment,
            start_new_session=True,
        )
        self._out = cast("IO[bytes]", self._process.stdout)
        with suppress(OSError):  # as large as the system allows
            fcntl.fcntl(self._out, fcntl.F_SETPIPE_SZ, PIPE)
        with suppress(BrokenPipeError), cast("IO[bytes]", self._process.stdin) as given:
            given.write(parameters.encode())
        self._first: bytes | None = None
        try:
            self._first = self._read()
        except BaseException:
            self.close()
            raise

    def __next__(self) -> bytes:
        chunk = self._first if self._first is not None else self._read()
        self._first = None
        if not chunk:
            raise StopIteration
        return chunk

    def close(self) -> None:
        """Django calls it at the end, however that comes."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(FAREWELL_SECONDS)
        self._out.close()
        self._said.close()
        self._on_end()

    def _read(self) -> bytes:
        """The next bytes, none at the end. Raises RefusedExportError, ExportFailedError."""
        pipe = self._out.fileno()
        left = self._deadline - time.monotonic()
        # A pipe that is full is ready, however late: a client that takes a little now and then must end, too.
        if left <= 0 or not select.select([pipe], [], [], min(left, SILENT_SECONDS))[0]:
            raise ExportFailedError(_("The export took too long. Go on behind the last row with `after`."))
        if chunk := os.read(pipe, CHUNK):
            return chunk
        try:
            code = self._process.wait(FAREWELL_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ExportFailedError(_("The export does not end. Try again in a moment.")) from error
        if code == 0:
            return b""
        if code == UsageError.exit_code and (refusal := self._refusal()):
            raise RefusedExportError(next((each for each in self._refusals if str(each) == refusal), refusal))
        logger.error("export ended with %s", code)  # what it said may have what was typed
        raise ExportFailedError(_("The export has ended before its last row. Try again in a moment."))

    def _refusal(self) -> str:
        """The sentence of the command, among what else it has logged; "" without one."""
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").splitlines()
        return next((line.removeprefix(REFUSAL) for line in reversed(lines) if line.startswith(REFUSAL)), "")
