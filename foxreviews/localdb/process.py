"""The server's processes, told apart from others that happen to have the number of an old one.

A pid file survives a crash, and the system gives its number to another program. So a process counts as the
server of a data folder only when it works in that folder.
"""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from foxreviews.localdb.errors import LocaldbError

PROC = Path("/proc")
READY_LINE = 7  # of postmaster.pid, counted from 0; see PostgreSQL's src/include/utils/pidfile.h
FAST_SECONDS = 20.0
IMMEDIATE_SECONDS = 5.0


def postmaster(data: Path) -> int | None:
    """The process id of the server that runs on `data`; None also when its pid file is stale."""
    lines = _pid_file(data)
    if not lines or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    return pid if alive(pid) and _works_in(pid, data) else None


def is_ready(data: Path) -> bool:
    """Whether the server says, in its pid file, that it takes connections."""
    lines = _pid_file(data)
    return len(lines) > READY_LINE and lines[READY_LINE].strip() == "ready"


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits for its parent (a zombie) does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not PROC.is_dir()


def strays(data: Path) -> list[int]:
    """The processes that work in `data`, also when it was deleted under them, or were just started to.

    Needs /proc: [] without it.
    """
    names = {str(data), f"{data} (deleted)"}
    argument = b"-D\0" + os.fsencode(data) + b"\0"
    found = []
    for entry in PROC.glob("[0-9]*"):
        with suppress(OSError):
            works_there = str((entry / "cwd").readlink()) in names
            if (works_there or argument in (entry / "cmdline").read_bytes()) and _is_postgres(entry):
                found.append(int(entry.name))
    return found


def stop(pids: list[int]) -> None:
    """End a server: first in good order, then at once (the next start recovers), then by force."""
    for number, patience in (
        (signal.SIGINT, FAST_SECONDS),
        (signal.SIGQUIT, IMMEDIATE_SECONDS),
        (signal.SIGKILL, IMMEDIATE_SECONDS),
    ):
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        if _ended_within(pids, patience):
            return
    raise LocaldbError(f"PostgreSQL (process {pids[0]}) does not end. Look at what it does: ps -fp {pids[0]}")


def _ended_within(pids: list[int], seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while any(alive(pid) for pid in pids):
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _works_in(pid: int, data: Path) -> bool:
    if PROC.is_dir():
        try:
            return (PROC / str(pid) / "cwd").samefile(data) and _is_postgres(PROC / str(pid))
        except OSError:
            return False
    command = ["ps", "-p", str(pid), "-o", "command="]
    shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603
    return "postgres" in shown and _pid_file(data)[1:2] == [str(data)]


def _is_postgres(entry: Path) -> bool:
    return (entry / "comm").read_text().strip() in {"postgres", "postmaster"}
