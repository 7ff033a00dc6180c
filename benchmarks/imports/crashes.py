"""What is lost when an import is killed, or its server: nothing. The same command again ends with the same directory.

    .venv/bin/python -m benchmarks.imports.crashes --rows 60000 --kills 200 --stops 20

On a PostgreSQL of its own, removed at the end. A file is loaded into the empty directory (first load), and one with
one address in ten changed over it (reload): once to the end, then again and again, each time interrupted at a random
moment by `kill -9` of the command or `pg_ctl stop -m immediate` of the server, and typed a second time. Exits 1 where
the content is then not that of an uninterrupted run, a table of the import is left, an index is missing, rejected
records are lost or there twice, or the ledger does not say done.
"""

import argparse
import csv
import json
import os
import random
import re
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import psycopg

from benchmarks import command
from benchmarks.command import CHECKOUT, FOLDER
from foxreviews.localdb import binaries
from foxreviews.localdb.cluster import Cluster

IMPORT = "import_entreprises_bulk"
TABLE = "enterprise_entreprise"
COMMAND_LIMIT = 600  # seconds
EACH_BROKEN, EACH_CHANGED = 500, 10  # lines
FIRST_MOMENT = 0.2  # of the time that a run takes; before it Python is being started
STAGES = ("starting", "reading", "merging", "indexes", "ended")
TITLES = {"reading": "Reading, checking, staging", "merging": "Merging", "indexes": "Building indexes"}
SAID_AT_THE_END = "records/s\n"
CONTINUING = "Continuing run "

CONTENT = f"""
    SELECT count(*) || ' ' || coalesce(md5(string_agg(
        (to_jsonb(e) - 'id' - 'created_at' - 'updated_at')::text, '' ORDER BY siren)), 'companies')
    FROM {TABLE} AS e
"""
INDEXES = f"""
    SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = '{TABLE}'::regclass AND indisvalid
"""
LEFT_OVER = r"""
    SELECT relname FROM pg_class
    WHERE relkind IN ('r', 'v') AND relname LIKE 'importing\_%' AND relname NOT LIKE 'importing\_import%'
"""
LEDGER = """
    SELECT status, (SELECT count(*) FROM importing_importreject WHERE run_id = run.id)
    FROM importing_importrun AS run ORDER BY id DESC
"""
TERMINATE_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Directory:
    """A directory in a database that has its tables, and the commands that are run on it."""

    def __init__(self, environment: dict[str, str], logs: Path) -> None:
        self.url, self.logs = environment["DATABASE_URL"], logs
        self.environment = environment | {"LOG_DIR": str(logs)}

    def start(self, *arguments: object, stdin: IO[bytes] | int | None = None) -> "Run":
        """Start a command."""
        return Run(self, *arguments, stdin=stdin)

    def launch(
        self, *arguments: object, stdin: IO[bytes] | int, stdout: IO[bytes]
    ) -> "subprocess.Popen[bytes]":
        """The process of a command, whose errors go where its output goes."""
        command = [sys.executable, "manage.py", *map(str, arguments)]
        return subprocess.Popen(
            command, cwd=CHECKOUT, env=self.environment, stdin=stdin, stdout=stdout, stderr=subprocess.STDOUT
        )

    def finish(self, *arguments: object, stdin: IO[bytes] | int | None = None) -> str:
        """Run a command to its end; what it said. Raises RuntimeError where it fails."""
        run = self.start(*arguments, stdin=stdin)
        if code := run.wait():
            raise RuntimeError(f"{arguments[0]} exits {code}: {run.said}")
        return run.said

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """The rows of a query."""
        with psycopg.connect(self.url, autocommit=True) as session:
            cursor = session.execute(query)
            return cursor.fetchall() if cursor.description else []

    def content(self) -> str:
        """How many companies there are, and a fingerprint of all that a file gives to them."""
        return str(self.ask(CONTENT)[0][0])

    def empty(self) -> None:
        """Remove all companies."""
        self.ask(f"TRUNCATE {TABLE}")


class OwnDirectory(Directory):
    """A directory on a server of its own, which can be stopped."""

    def __init__(self, cluster: Cluster, logs: Path) -> None:
        super().__init__(
            os.environ | {"DATABASE_URL": cluster.url, "SECRET_KEY": secrets.token_urlsafe(50)}, logs
        )
        self.cluster = cluster
        cluster.start()
        self.finish("migrate", "--verbosity", "0")

    def stop_server(self) -> None:
        """As a power cut does it: no session is closed, nothing is cleaned up."""
        stop = [binaries.newest().program("pg_ctl"), "stop", "-m", "immediate", "-D"]
        subprocess.run(
            [*stop, str(self.cluster.data)],
            cwd=self.cluster.home, check=True, capture_output=True, **self.cluster.account.process_options,
        )  # fmt: skip


class Run:
    """A command under way on a directory, with what it says."""

    def __init__(self, directory: Directory, *arguments: object, stdin: IO[bytes] | int | None) -> None:
        self.directory = directory
        self._output = directory.logs / f"said-{secrets.token_hex(4)}.log"
        with self._output.open("wb") as output:
            self.process = directory.launch(*arguments, stdin=stdin or subprocess.DEVNULL, stdout=output)

    def wait(self, limit: float = COMMAND_LIMIT) -> int:
        """Until it ends; its exit code. Raises RuntimeError where it does not end within `limit` seconds."""
        try:
            return self.process.wait(limit)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise RuntimeError(f"{self.process.args!r} has not ended after {limit} s: {self.said}") from None

    @property
    def said(self) -> str:
        """What it has printed so far."""
        return self._output.read_text()

    def has_ended(self, stage: str) -> bool:
        """Whether it has said so of the stage. While a stage goes on, there are lines of counts."""
        return re.search(rf"^ *[0-9.]+ s  {TITLES[stage]}\b", self.said, re.MULTILINE) is not None

    def stage(self) -> str:
        """What an import was doing, options once it has ended and its server runs."""
        if SAID_AT_THE_END in self.said:
            return "ended"
        if ended := [stage for stage in TITLES if self.has_ended(stage)]:
            return STAGES[STAGES.index(ended[-1]) + 1]
        under_way = self.directory.ask("SELECT 1 FROM importing_importrun WHERE status = 'running'")
        return "reading" if under_way else "starting"


@dataclass(frozen=True)
class Whole:
    """What an uninterrupted import of a file comes to."""

    file: Path
    seconds: float
    content: str
    indexes: set[object]
    rejects: object

    @classmethod
    def load(cls, directory: Directory, file: Path) -> "Whole":
        """Import the file, and look."""
        started = time.monotonic()
        directory.finish(IMPORT, file)
        seconds = time.monotonic() - started
        (_, rejects), *_ = directory.ask(LEDGER)
        return cls(file, seconds, directory.content(), _indexes(directory), rejects)

    def problems(self, directory: Directory) -> list[str]:
        """In what the directory differs from that, a sentence each."""
        found = []
        if (content := directory.content()) != self.content:
            found.append(f"The directory holds {content}, not {self.content}.")
        if left := directory.ask(LEFT_OVER):
            found.append(f"Tables are left: {left}.")
        if (indexes := _indexes(directory)) != self.indexes:
            found.append(f"Indexes are missing: {self.indexes - indexes}.")
        ledger = directory.ask(LEDGER)
        status, rejects = ledger[0]
        if rejects != self.rejects:
            found.append(f"{rejects} rejected records are kept, not {self.rejects}.")
        if status != "done" or "running" in {status for status, _ in ledger}:
            found.append(f"The ledger says {status}.")
        return found

    def moments(self, count: int, chance: random.Random) -> list[float]:
        """So many moments of the run in random order, each somewhere in a part of its time of its own."""
        parts = [
            FIRST_MOMENT + (1 - FIRST_MOMENT) * (part + chance.random()) / count for part in range(count)
        ]
        chance.shuffle(parts)
        return [self.seconds * part for part in parts]


def _indexes(directory: Directory) -> set[object]:
    return {name for (name,) in directory.ask(INDEXES)}


@dataclass(frozen=True)
class Trial:
    """An import interrupted and typed again: in which stage, whether the second run went on, what is wrong then."""

    stage: str
    resumed: bool
    problems: list[str]


Interrupt = Callable[[Run], None]


def kill(run: Run) -> None:
    """kill -9 of the command."""
    run.process.kill()
    run.wait()


def stop_server(run: Run) -> None:
    """pg_ctl stop -m immediate, and a start. Raises RuntimeError where the command does not end with a sentence."""
    directory = run.directory
    assert isinstance(directory, OwnDirectory)
    directory.stop_server()
    code = run.wait()
    directory.cluster.start()
    if "Traceback" in run.said or (code != 1 and run.stage() != "ended"):
        raise RuntimeError(f"The command exits {code} when its server stops: {run.said}")


def interrupted(directory: Directory, whole: Whole, interrupt: Interrupt, *moments: float) -> Trial:
    """Import the file, interrupted after so many seconds, once for each moment; import it again and look."""
    before, problems = directory.content(), []
    for moment in moments:
        run = directory.start(IMPORT, whole.file)
        time.sleep(moment)
        interrupt(run)
        if (between := directory.content()) not in {before, whole.content}:
            problems.append(f"Between the runs the directory held {between}.")
    stage = run.stage()
    said = directory.finish(IMPORT, whole.file)
    return Trial(stage, CONTINUING in said, problems + whole.problems(directory))


def first_loads(
    directory: Directory, whole: Whole, interrupt: Interrupt, moments: Iterable[float]
) -> Iterator[Trial]:
    """Interrupt loads of an empty directory, one at each moment."""
    for moment in moments:
        directory.empty()
        yield interrupted(directory, whole, interrupt, moment)


def reloads(
    directory: Directory, one: Whole, other: Whole, interrupt: Interrupt, moments: Iterable[float]
) -> Iterator[Trial]:
    """Interrupt loads of one file over the other, by turns, one at each moment. The directory holds `other`."""
    for moment, whole in zip(moments, cycle((one, other)), strict=False):
        yield interrupted(directory, whole, interrupt, moment)


def write_files(folder: Path, rows: int, seed: int) -> tuple[Path, Path]:
    """A file of fictional companies, and the same changed, as `broken` gives them."""
    generated = folder / "generated.csv"
    command = ["manage.py", "generate_entreprises", generated, "--rows", rows, "--seed", seed]
    subprocess.run([sys.executable, *map(str, command)], cwd=CHECKOUT, check=True, capture_output=True)
    try:
        return broken(generated, folder)
    finally:
        generated.unlink()


def broken(generated: Path, folder: Path) -> tuple[Path, Path]:
    """The file with a broken record here and there, and the same with other addresses here and there."""
    file, changed = (folder / f"{name}.csv" for name in ("entreprises", "changed"))
    with generated.open(newline="") as read, file.open("w") as one, changed.open("w") as other:
        records = csv.reader(read)
        header = next(records)
        address = header.index("adresse")
        writers = [csv.writer(each, lineterminator="\n") for each in (one, other)]
        for writer in writers:
            writer.writerow(header)
        for number, record in enumerate(records):
            for writer in writers:
                writer.writerow(record[:3] if number % EACH_BROKEN == 0 else record)
                if number % EACH_CHANGED == 0:
                    record[address] += " BIS"
    return file, changed


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--stops", type=int, default=20)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=90, help="stop after so many (default 90)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    options = parser.parse_args()
    with TemporaryDirectory(dir=FOLDER, prefix="crashes-") as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "postgres")
        try:
            results = measure(OwnDirectory(cluster, Path(folder)), options)
        finally:
            cluster.destroy()
    if options.json:
        figures = {name: [asdict(trial) for trial in trials] for name, trials in results.items()}
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    return show(results, options)


def measure(directory: Directory, options: argparse.Namespace) -> dict[str, list[Trial]]:
    """All trials, by what was done to which load."""
    chance = random.Random(options.seed)
    file, changed = write_files(directory.logs, options.rows, options.seed)
    first = Whole.load(directory, file)
    over, back = Whole.load(directory, changed), Whole.load(directory, file)
    print(
        f"uninterrupted: first load {first.seconds:.1f} s, reload {over.seconds:.1f} s, seed {options.seed}",
        flush=True,
    )
    if over.content == first.content or back.content != first.content:
        raise SystemExit("The files do not differ, or the file over the other one is not the file alone.")
    limit = time.monotonic() + options.minutes * 60
    results = {}
    for name, count, interrupt in (
        ("kill -9", options.kills, kill),
        ("immediate stop", options.stops, stop_server),
    ):
        reload_moments = over.moments(count // 2, chance)
        results[f"{name}, reload"] = until(limit, reloads(directory, over, back, interrupt, reload_moments))
        load_moments = first.moments(count - count // 2, chance)
        results[f"{name}, first load"] = until(limit, first_loads(directory, first, interrupt, load_moments))
        directory.finish(IMPORT, file)
    return results


def until(limit: float, trials: Iterator[Trial]) -> list[Trial]:
    """Those of the trials that are over before the limit."""
    done = []
    for trial in trials:
        done.append(trial)
        for problem in trial.problems:
            print(f"{trial.stage}: {problem}", flush=True)
        if time.monotonic() > limit:
            break
    return done


def show(results: dict[str, list[Trial]], options: argparse.Namespace) -> int:
    """Print how many were interrupted in which stage; 1 where something is wrong or not done."""
    print(f"\n{options.rows:,} rows, interrupted while\n")
    print(f"{'':28}" + "".join(f"{stage:>12}" for stage in (*STAGES, "in all", "went on", "same after")))
    for name, trials in results.items():
        stages = Counter(trial.stage for trial in trials)
        counts = [*(stages[stage] for stage in STAGES), len(trials)]
        counts += [sum(trial.resumed for trial in trials), sum(not trial.problems for trial in trials)]
        print(f"{name:28}" + "".join(f"{count:12,}" for count in counts))
    every = [trial for trials in results.values() for trial in trials]
    missing = options.kills + options.stops - len(every)
    if missing:
        print(f"\nThe time was over before {missing} of them.")
    return int(bool(missing) or any(trial.problems for trial in every))


if __name__ == "__main__":
    command.run(main)
