"""The server's processes, distinguished from others that have got the number of an old one.

A pid file survives a crash, and the system gives its number to another program. So a process counts as the
server of a data folder only when it works in that folder.
"""

import os
import signal
import subprocess
from pathlib import Path

from foxreviews.core.processes import PROC, Process, end_processes, find_processes, is_alive
from foxreviews.localdb.account import LocaldbError

NAMES = {"postgres", "postmaster"}
READY_LINE = 7  # of postmaster.pid, counted from 0; see PostgreSQL's src/include/utils/pidfile.h
SIGNALS = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))  # seconds for each


def postmaster(data: Path) -> int | None:
    """The process id of the server that runs on `data`; None also when its pid file is stale."""
    lines = _pid_file(data)
    if not lines or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    return pid if is_alive(pid) and _works_in(pid, data) else None


def is_ready(data: Path) -> bool:
    """Whether the server says, in its pid file, that it takes connections."""
    lines = _pid_file(data)
    return len(lines) > READY_LINE and lines[READY_LINE].strip() == "ready"


def strays(data: Path) -> list[int]:
    """The processes that work in `data`, also when it was deleted under them, or were just started to.

    Needs /proc: [] without it.
    """
    folders = {data, data.with_name(f"{data.name} (deleted)")}
    argument = b"-D\0" + os.fsencode(data) + b"\0"
    return find_processes(
        lambda process: (process.folder in folders or argument in process.command) and process.name in NAMES
    )


def stop(pids: list[int]) -> None:
    """End a server: first in good order, then at once (the next start recovers), then by force."""
    if not end_processes(lambda: [pid for pid in pids if is_alive(pid)], SIGNALS):
        raise LocaldbError(
            f"PostgreSQL (process {pids[0]}) does not end. Look at what it does: ps -fp {pids[0]}"
        )


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _works_in(pid: int, data: Path) -> bool:
    if PROC.is_dir():
        process = Process(pid)
        try:
            return process.folder.samefile(data) and process.name in NAMES
        except OSError:
            return False
    command = ["ps", "-p", str(pid), "-o", "command="]
    shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603
    return "postgres" in shown and _pid_file(data)[1:2] == [str(data)]
