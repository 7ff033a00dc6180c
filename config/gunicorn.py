"""The production server: gunicorn --config config/gunicorn.py --bind 127.0.0.1:8000 config.wsgi

Threads share a worker's interpreter and its pool of connections; a second worker uses the second core and
answers while the first one restarts.
"""

import fcntl
import multiprocessing
import os
import shutil
import sys
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import Any

from config.worker import CONNECTIONS, GONE, WORKERS
from foxreviews.core import rate_table

worker_class = "config.worker.ArrivalWorker"
workers = max(2, os.cpu_count() or 1)
threads = 4  # as many as a worker's pool has connections, see config/wsgi.py

timeout = 30  # seconds; no request of the API takes one
graceful_timeout = 10  # seconds after the signal to stop, for what is being answered
worker_connections = 500  # of each worker: below the 1,024 files that an account may open
keepalive = 5  # seconds; a proxy in front uses its connections again

# Each worker proves that it lives by touching a file: on a disk busy with a load, that can stall for seconds.
_memory = Path("/dev/shm")  # noqa: S108 - where Linux keeps files in memory
worker_tmp_dir = str(_memory) if os.access(_memory, os.W_OK) else None

control_socket_disable = True  # signals do all that is needed, and several servers may share a home folder

forwarder_headers = (
    ""  # a client's own SCRIPT_NAME or PATH_INFO would be believed, and be an error where it is wrong
)

limit_request_line = 0  # config/worker.py refuses what is longer than 1,000 numbers need

accesslog = (
    None  # the application writes a line for each request, with what was done for it (telemetry.middleware)
)


# Workers add up their figures for /metrics in files: in memory, in a folder of this server's own, so that the server
# that takes over from it begins with others.
_FIGURES = "foxreviews-metrics-"
_LOCK = "lock"


def on_starting(_server: Any) -> None:
    _check_settings()
    parent = Path(worker_tmp_dir or gettempdir())
    for other in parent.glob(f"{_FIGURES}*"):
        if _is_left(other):
            shutil.rmtree(other, ignore_errors=True)
    folder = Path(mkdtemp(prefix=f"{_FIGURES}{os.getpid()}-", dir=parent))
    # A number that nobody closes: a reload forgets this module, and the lock must outlive it. No worker inherits it.
    fcntl.lockf(os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR), fcntl.LOCK_EX)
    os.environ.update(PROMETHEUS_MULTIPROC_DIR=str(folder))
    rate_table.shared()  # the workers inherit it


def _is_left(folder: Path) -> bool:
    """Whether its server was killed. The number in its name may be one of another container's processes."""
    try:
        with (folder / _LOCK).open("r+") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _check_settings() -> None:
    """End here where a setting is wrong: workers that end as they begin make gunicorn show tracebacks.

    In a process of its own, since what this one has loaded, workers after a reload would not load anew.
    """
    check = multiprocessing.get_context("fork").Process(target=_load_settings)
    check.start()
    check.join()
    if check.exitcode:
        sys.exit(check.exitcode)


def _load_settings() -> None:
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 - see above

    try:
        import config.settings  # noqa: F401, PLC0415
    except ImproperlyConfigured as error:
        sys.exit(str(error))


def post_worker_init(_worker: Any) -> None:
    from config.warm_up import warm_up  # noqa: PLC0415 - it needs Django, which the master does not load

    warm_up()


def child_exit(_server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess  # noqa: PLC0415 - as it is imported, it looks where the folder is

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
    CONNECTIONS[worker.age % WORKERS] = GONE


def on_exit(_server: Any) -> None:
    shutil.rmtree(os.environ.pop("PROMETHEUS_MULTIPROC_DIR"), ignore_errors=True)
