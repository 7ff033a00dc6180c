"""Where tests keep what they write: in memory, where there is room.

A file that is made and removed costs 1.3 ms of a processor on a journaling disk and 0.1 ms there; a copy of a database
costs 0.46 s and 0.05 s. What promises to outlive the machine is fsync, which no test can see.
"""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
SHARED_MEMORY = Path("/dev/shm")  # where Linux keeps files in memory
NEEDED = 4 * 1024**3  # bytes; a run takes up to 2 GB
PREFIX = "foxreviews-tests-"
TEMPORARY = ("TMPDIR", "PYTEST_DEBUG_TEMPROOT")  # Python's, and that of pytest's tmp_path


def has_room() -> bool:
    """Whether this machine has files in memory, and the room for those of a run."""
    return os.access(SHARED_MEMORY, os.W_OK) and shutil.disk_usage(SHARED_MEMORY).free > NEEDED


def place_of_servers() -> Path:
    """The folder of this checkout's test servers: the same for each run, since what a killed one left is used again."""
    if not has_room():
        return CHECKOUT / "var"
    return SHARED_MEMORY / f"foxreviews-{os.geteuid()}-{sha256(os.fsencode(CHECKOUT)).hexdigest()[:8]}"


class TemporaryFiles:
    """The folder of this run's temporary files, also of the processes that it starts, until `remove`."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        if TEMPORARY[1] in os.environ or not has_room():  # a process of xdist has that of the run
            return
        _remove_leftovers()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=SHARED_MEMORY))
        self.folder.chmod(0o755)  # the account of root's server passes through
        self._lock = (self.folder / "lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        os.environ.update(dict.fromkeys(TEMPORARY, str(self.folder)))
        tempfile.tempdir = str(self.folder)

    def remove(self) -> None:
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
            self._lock.close()


def _remove_leftovers() -> None:
    """Of runs that were killed: nobody holds the lock."""
    for folder in SHARED_MEMORY.glob(f"{PREFIX}*"):
        with suppress(OSError), (folder / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
