"""Where tests keep what they write, their PostgreSQL included: in memory, where there is room.

Files that are made and removed, and copies of databases, cost a journaling disk many times as much of the processor.
What promises to outlive the machine is fsync, which no test can see.
"""

import fcntl
import os
import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from foxreviews.core.errors import FoxreviewsError
from foxreviews.localdb.cluster import Cluster

SHARED_MEMORY = Path("/dev/shm")  # where Linux keeps files in memory
NEEDED = 4 * 1024**3  # bytes
NAME = f"foxreviews-tests-{os.geteuid()}"
VARIABLE = "FOXREVIEWS_TESTS"  # tells the processes that a run starts where its folder is
TEMPORARY = ("TMPDIR", "PYTEST_DEBUG_TEMPROOT")  # Python's, and that of pytest's tmp_path


def has_room() -> bool:
    """Whether this machine has files in memory, runs programs that are there, and has the room for those of a run."""
    if not os.access(SHARED_MEMORY, os.W_OK) or os.statvfs(SHARED_MEMORY).f_flag & os.ST_NOEXEC:
        return False
    return min(shutil.disk_usage(SHARED_MEMORY).free, _available_memory()) > NEEDED


def _available_memory() -> int:
    found = re.search(r"^MemAvailable: +(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def lock(path: Path, kind: int = fcntl.LOCK_EX) -> IO[str]:
    """The lock of a file, which is made where it is missing, until the answer is closed or the process ends."""
    file = path.open("a")
    try:
        fcntl.flock(file, kind)
    except OSError:
        file.close()
        raise
    return file


def remove_unused(folder: Path) -> None:
    """Remove a folder, its clusters too, unless a process holds the lock in it."""
    with suppress(OSError, FoxreviewsError), lock(folder / "lock", fcntl.LOCK_EX | fcntl.LOCK_NB):
        for home in [path for path in folder.rglob("postgres*") if (path / "data").exists()]:
            Cluster(home).destroy()
        shutil.rmtree(folder)


class Run:
    """The folder of all that a run writes, also of the processes that it starts."""

    def __init__(self) -> None:
        """Removes what runs left that were killed, or kept for their failures."""
        self.keep = False
        self._lock: IO[str] | None = None
        if VARIABLE in os.environ:  # a process of xdist
            self.folder = Path(os.environ[VARIABLE])
            return
        elsewhere = Path(tempfile.gettempdir())
        for place in (SHARED_MEMORY, elsewhere):
            with suppress(OSError), lock(place / f"{NAME}.lock"):
                for left in place.glob(f"{NAME}-*"):
                    remove_unused(left)
        place = SHARED_MEMORY if has_room() else elsewhere
        with lock(place / f"{NAME}.lock"):
            self.folder = Path(tempfile.mkdtemp(prefix=f"{NAME}-", dir=place)).resolve()
            self._lock = lock(self.folder / "lock")
        self.folder.chmod(0o755)  # the account of root's server passes through
        os.environ.update(dict.fromkeys((VARIABLE, *TEMPORARY), str(self.folder)))
        tempfile.tempdir = str(self.folder)

    def close(self) -> None:
        """Remove the folder, or keep it until the next run."""
        if self._lock:
            if not self.keep:
                shutil.rmtree(self.folder, ignore_errors=True)
            self._lock.close()
