"""Generate the whole register, load it and measure it, in stages that are not run twice.

    make bench-full                                       30,000,000 companies, in the background; ROWS=300000 for fewer
    .venv/bin/python -m benchmarks.full --rows 300000

The result of each stage stands in var/bench/full-ROWS/, with table.md. After an interruption the same command goes on
with the stage that was interrupted. To measure a stage again, remove its file; from the load to the search, also
those of the load and of all stages after it, because the database bench_full_ROWS goes before the floors.
"""

import fcntl
import json
import os
import secrets
import subprocess
import sys
from functools import partial
from pathlib import Path

from benchmarks import command
from benchmarks.command import CHECKOUT, FOLDER, watched
from benchmarks.database import psql, server_address
from benchmarks.full import load, register
from benchmarks.full.stages import Figures, Folder
from benchmarks.full.table import holds, table
from foxreviews.core.errors import FoxreviewsError

OF_THE_DATABASE = ("again", "changed", "pages", "near", "disk", "search")  # stages
POSTGRES_SECONDS = 5  # for each class of queries


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--rows", type=int, default=30_000_000, help="companies (default: 30,000,000)")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument(
        "--background", action="store_true", help="return at once; the output goes to log.txt"
    )
    parser.add_argument("--drop", action="store_true", help="remove the database and the generated files")
    options = parser.parse_args()
    folder = FOLDER / f"full-{options.rows}"
    folder.mkdir(parents=True, exist_ok=True)
    if options.background:
        return _start(folder, options.rows, options.seed)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FoxreviewsError(f"This is being measured already; see {folder / 'log.txt'}.") from error
        if options.drop:
            _drop(folder, options.rows)
            return 0
        return _measure(Folder(folder), options.rows, options.seed)


def _start(folder: Path, rows: int, seed: int) -> int:
    """Measure in a process that outlives this one."""
    log = folder / "log.txt"
    arguments = ("-m", "benchmarks.full", "--rows", str(rows), "--seed", str(seed))
    with log.open("a") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    print(f"Measuring (process {process.pid}). Its output: tail -f {log}. The result: {folder / 'table.md'}.")
    return 0


def _measure(stages: Folder, rows: int, seed: int) -> int:
    folder, database = stages.path, _database(rows)
    stages.run("generate", lambda _: register.generate(folder, rows, seed))
    stages.run("load", lambda _: _load(database, folder, rows))
    if stages.figures("rows"):
        stages.require(
            *OF_THE_DATABASE, retry_hint="The database has gone: remove also load.json and rows.json."
        )
    stages.run("again", lambda _: load.again(database, folder))
    stages.run("changed", lambda was: load.one_percent(database, folder, was_interrupted=was))
    for name in ("pages", "near"):
        stages.run(name, partial(_requests, database, name))
    stages.run("disk", lambda _: load.disk(database))
    stages.run("search", lambda _: _search(database, folder))
    stages.run("rows", lambda _: load.rows(database, folder))
    _drop_database(rows)  # there is no room for both
    for table_ in load.TABLES:
        stages.run(f"floor-{table_}", lambda _, name=table_: load.floor(folder, name))  # type: ignore[misc]
    text = table(stages.all())
    (folder / "table.md").write_text(text)
    print(text)
    return 0 if holds(stages.all()) else 1


def _load(database: dict[str, str], folder: Path, rows: int) -> Figures:
    _drop_database(rows)
    psql(_administration(), f"CREATE DATABASE {_name(rows)}")
    watched(database, "migrate", "--verbosity", "0")
    return load.load(database, folder)


def _requests(database: dict[str, str], name: str, _was_interrupted: bool) -> Figures:
    output, status = _run(database, "benchmarks.full.pages", name)
    if status:
        raise FoxreviewsError(f"The requests of {name} failed; see the output above.")
    found: Figures = json.loads(output.splitlines()[-1])[name]
    return found


def _search(database: dict[str, str], folder: Path) -> Figures:
    """All that make bench-search measures, with the establishments in the index."""
    file = folder / "search.figures"
    file.unlink(missing_ok=True)
    options = ("--loaded", "--postgres-seconds", str(POSTGRES_SECONDS), "--json", str(file))
    output, status = _run(database, "benchmarks.search.speed", *options)
    print(output, flush=True)
    if status not in (0, 1):  # 1: a target is missed
        raise FoxreviewsError("The search was not measured; see the output above.")
    found: Figures = json.loads(file.read_text())
    file.unlink()
    return found


def _run(database: dict[str, str], module: str, *arguments: str) -> tuple[str, int]:
    """What a measurement in a process of its own prints, and its exit code."""
    started = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(
        started, cwd=CHECKOUT, env=os.environ | database, stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            output, _ = running.communicate()
        except BaseException:
            running.terminate()  # killed, it would leave its web server behind
            raise
    return output, running.returncode


def _database(rows: int) -> dict[str, str]:
    return {
        "DATABASE_URL": server_address() + _name(rows),
        "SECRET_KEY": secrets.token_urlsafe(50),
    }


def _name(rows: int) -> str:
    return f"bench_full_{rows}"


def _administration() -> dict[str, str]:
    return {"DATABASE_URL": f"{server_address()}postgres"}


def _drop(folder: Path, rows: int) -> None:
    _drop_database(rows)
    for file in (*folder.glob("**/*.parquet"), *folder.glob("*.copy*")):
        file.unlink()


def _drop_database(rows: int) -> None:
    psql(_administration(), f"DROP DATABASE IF EXISTS {_name(rows)} WITH (FORCE)")


if __name__ == "__main__":
    command.run(main)
