"""A rebuild of the index in a process of its own."""

import subprocess
import sys
import time

from django.conf import settings

from foxreviews.core.progress import Reporter

SECONDS_BETWEEN_TRIES = 10.0
STOP_SECONDS = 10.0


class Builder:
    """Runs `search_rebuild`: what it takes of memory is given back, and its caller has its hands free meanwhile.

    One that goes on after its caller was killed does no harm: it ends with a generation that the next one finds.
    """

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self._process: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0
        self._told = ""

    def see_to_it(self, why: str) -> None:
        """See that a rebuild runs. One that failed has told why, and is tried again after some seconds."""
        if self._process is not None and self._process.poll() is not None:
            self._process, self._not_before = None, time.monotonic() + SECONDS_BETWEEN_TRIES
        if self._process is None and time.monotonic() >= self._not_before:
            if why != self._told:
                self.reporter.line(f"{why} It is built anew.")
                self._told = why
            command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "search_rebuild"]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - our own words

    def rest(self) -> None:
        """Nothing is to be built; a process that has ended is let go of."""
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        self._told, self._not_before = "", 0.0

    def stop(self) -> None:
        """End it where it runs: what it has built so far is removed."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
