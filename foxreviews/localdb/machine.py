"""What this machine has to give: memory, cores, disk, shared memory."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

MIB = 1024**2
GIB = 1024**3

CGROUP = Path("/sys/fs/cgroup")
LIMIT_FILES = ("memory.max", "memory/memory.limit_in_bytes")  # cgroup version 2, version 1


@dataclass(frozen=True)
class Machine:
    """Sizes are bytes."""

    memory: int
    cores: int
    free_disk: int
    shared_memory: int | None  # of /dev/shm; None where there is none
    linux: bool


def inspect(folder: Path) -> Machine:
    """This machine, with the disk that holds `folder`."""
    shm = Path("/dev/shm")  # noqa: S108 - where Linux keeps POSIX shared memory
    return Machine(
        memory=memory(CGROUP),
        cores=_cores(),
        free_disk=shutil.disk_usage(folder).free,
        shared_memory=shutil.disk_usage(shm).total if shm.is_dir() else None,
        linux=sys.platform == "linux",
    )


def memory(cgroup: Path) -> int:
    """The memory that this process may use: the machine's, or its container's limit where that is less."""
    limits = [_physical_memory()]
    for name in LIMIT_FILES:
        try:
            text = (cgroup / name).read_text().strip()
        except OSError:
            continue
        if text.isdigit():  # "max" says that there is no limit
            limits.append(int(text))
    return min(limits)


def _physical_memory() -> int:
    if sys.platform == "darwin":
        command = ["/usr/sbin/sysctl", "-n", "hw.memsize"]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)  # noqa: S603
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
