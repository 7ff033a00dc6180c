"""The command line of a benchmark, and the commands of the project that benchmarks run."""

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from django.db import DatabaseError

from foxreviews.core import database_errors
from foxreviews.core.commands import INTERRUPTED
from foxreviews.core.errors import FoxreviewsError, as_typed
from foxreviews.localdb import ensure_running

CHECKOUT = Path(__file__).resolve().parent.parent
FOLDER = CHECKOUT / "var" / "bench"
PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


def parser(about: str | None) -> argparse.ArgumentParser:
    """A parser whose --help is the module's docstring, with its examples as they stand there."""
    spec = sys.modules["__main__"].__spec__
    return argparse.ArgumentParser(
        prog=f"python -m {spec.name}" if spec else None,
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def run(main: Callable[[], int]) -> NoReturn:
    """Exit with what `main` returns: 0 all limits hold, 1 one does not, 2 wrong usage.

    An expected error ends as one sentence and the exit code of its class, as in manage.py's commands.
    """
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # databases and servers are cleaned up as after Ctrl-C
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        sys.exit(main())
    except FoxreviewsError as error:
        print(as_typed(str(error)), file=sys.stderr)
        sys.exit(error.exit_code)
    except DatabaseError as error:
        if (sentence := database_errors.sentence(error)) is None:
            raise
        print(as_typed(sentence), file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        sys.exit(INTERRUPTED)


def start_configured_database() -> None:
    """Start the project's own PostgreSQL where DATABASE_URL names no other."""
    if not os.environ.get("DATABASE_URL"):
        ensure_running()


def manage(environment: Mapping[str, str], *arguments: object) -> float:
    """Seconds of a command of the project; its output goes to stderr."""
    return watched(environment, *arguments)[0]


def watched(
    environment: Mapping[str, str], *arguments: object, checkout: Path = CHECKOUT
) -> tuple[float, float]:
    """Seconds of a command, and MiB that it held at most. Raises FoxreviewsError where it fails."""
    started, peak = time.monotonic(), 0
    command = [*python(checkout), "manage.py", *map(str, arguments)]
    with subprocess.Popen(command, cwd=checkout, env=os.environ | environment, stdout=sys.stderr) as running:
        while True:
            peak = max(peak, _peak(running.pid))
            try:
                running.wait(0.1)
                break
            except subprocess.TimeoutExpired:
                continue
    if running.returncode:
        raise FoxreviewsError(
            f"{arguments[0]} exits {running.returncode} in {checkout}; see its output above."
        )
    return time.monotonic() - started, peak / 1024


def python(checkout: Path) -> Sequence[str]:
    """The Python of a checkout: this one for ours, its own for another. Raises FoxreviewsError where it has none."""
    if checkout == CHECKOUT:
        return [sys.executable]
    program = checkout / ".venv" / "bin" / "python"
    if not program.exists():
        raise FoxreviewsError(f"{checkout} has no .venv. First: make -C {checkout} setup")
    return [str(program)]


def _peak(pid: int) -> int:
    """KiB; 0 where /proc does not say."""
    try:
        found = PEAK.search(Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0
