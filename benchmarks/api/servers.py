"""The web servers that benchmarks.api.speed compares: that of config/gunicorn.py, with other threads, and others.

Those that the project does not use are installed into var/bench/web-servers, for this alone.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.command import FOLDER
from benchmarks.server import GUNICORN

APPLICATION = "benchmarks.api.with_empty:application"
EMPTY = "/api/empty/"  # its view
INSTALLED = FOLDER / "web-servers"
FREE_THREADED = ("python3.14t", "python3.13t")
PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class Model:
    """A server and how it is started; `missing` says why it cannot be."""

    name: str
    program: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    missing: str = ""


def models() -> Iterator[Model]:
    """The project's own first."""
    for workers, threads in ((2, 4), (2, 2), (2, 8), (4, 2)):
        shipped = " (as shipped)" if (workers, threads) == (2, 4) else ""
        yield _gunicorn(f"our worker, {workers} × {threads}{shipped}", workers, threads)
    yield _gunicorn("gunicorn's gthread, 2 × 4", 2, 4, "--worker-class", "gthread")
    yield _gunicorn("gunicorn's sync, 4 × 1", 4, 1, "--worker-class", "sync")
    yield _granian(2, 4)
    yield Model("our worker, free-threaded Python", missing=_free_threaded())


def memory(pid: int) -> float:
    """MiB of a process, what it shares with others counted by halves (PSS)."""
    try:
        found = PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


def _pool(threads: int) -> dict[str, str]:
    return {"DATABASE_POOL_SIZE": str(threads)}  # one connection for each thread


def _gunicorn(name: str, workers: int, threads: int, *options: str) -> Model:
    size = ("--workers", str(workers), "--threads", str(threads))
    program = (*GUNICORN, *size, *options, "--bind", "127.0.0.1:{port}", APPLICATION)
    return Model(name, program, _pool(threads))


def _granian(workers: int, threads: int) -> Model:
    name = f"granian, {workers} × {threads}"
    if missing := _install("granian"):
        return Model(name, missing=missing)
    size = ("--workers", str(workers), "--blocking-threads", str(threads))
    options = (
        "--interface",
        "wsgi",
        "--no-ws",
        "--log-level",
        "warning",
        "--host",
        "127.0.0.1",
        "--workers-kill-timeout",
        "5",
    )
    program = ("-m", "granian", *size, *options, "--port", "{port}", APPLICATION)
    path = os.pathsep.join(filter(None, (str(INSTALLED), os.environ.get("PYTHONPATH", ""))))
    return Model(name, program, _pool(threads) | {"PYTHONPATH": path})


def _install(package: str) -> str:
    """Why it cannot be had; empty where it is there."""
    if (INSTALLED / package).is_dir():
        return ""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(INSTALLED), package]
    done = subprocess.run(pip, check=False, capture_output=True, text=True)
    return "" if done.returncode == 0 else f"cannot be installed: {done.stderr.strip()[-200:]}"


def _free_threaded() -> str:
    found = next(filter(None, map(shutil.which, FREE_THREADED)), "")
    return f"not tried: {found} has none of the packages" if found else "not on this machine"
