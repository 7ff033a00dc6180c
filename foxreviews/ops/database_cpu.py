"""The processor time of the database server, where it runs on this machine: PostgreSQL itself does not tell."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.db import connection

PROC = Path("/proc")


def cpu_seconds() -> float | None:
    """Of all its processes since it started; None where it is on another machine, or hidden.

    A session's process tells the postmaster that it is a child of, and that one all others; it has the time of those
    that have ended.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    processes = dict(_processes())
    postmaster = processes.get(pid, (0, 0.0, 0.0))[0]
    if postmaster not in processes:
        return None
    _, own, ended = processes[postmaster]
    return own + ended + sum(used for parent, used, _ in processes.values() if parent == postmaster)


def cores() -> int:
    """Of this machine that may be used."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processes() -> Iterator[tuple[int, tuple[int, float, float]]]:
    """PostgreSQL's processes: parent, seconds used, seconds that its ended children used (proc(5))."""
    tick = os.sysconf("SC_CLK_TCK")
    for file in PROC.glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            head, _, tail = file.read_text().rpartition(")")
            if head.endswith("(postgres"):
                fields = tail.split()
                own, ended = (int(fields[n]) + int(fields[n + 1]) for n in (11, 13))
                yield int(file.parent.name), (int(fields[1]), own / tick, ended / tick)
