"""search_catchup --follow as a child of the command that shows the web server."""

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from foxreviews.core.processes import STOP_SECONDS, Child, end_processes
from foxreviews.search.index.storage import IndexStorage


class IndexFollower:
    """Keeps the search index in sync; what it says goes to logs/search.log."""

    def __init__(self, checkout: Path, storage: IndexStorage, pid_file: Path) -> None:
        self.checkout, self.storage, self.pid_file = checkout, storage, pid_file
        self._child = Child()

    def start(self) -> None:
        """Start it, unless somebody else's keeps the index already."""
        if self.storage.writer_pid():
            return
        command = [sys.executable, str(self.checkout / "manage.py"), "search_catchup", "--follow"]
        pid = self._child.start(command, output=subprocess.DEVNULL, folder=self.checkout)
        self.pid_file.write_text(str(pid))

    def stop(self) -> None:
        """End it."""
        self._child.stop()
        self.pid_file.unlink(missing_ok=True)

    def stop_forgotten(self) -> None:
        """End that of an earlier run that was killed before it could. It is known by what it keeps."""
        with suppress(OSError, ValueError):
            pid = int(self.pid_file.read_text())
            end_processes(
                lambda: [pid] if pid == self.storage.writer_pid() else [],
                ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 1.0)),
            )
