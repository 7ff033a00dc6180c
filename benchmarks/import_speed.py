"""How fast an import is, beside what the machine can do at all and what the scaling plan does.

    make bench-import            4,000,000 rows; ROWS=1000000 for fewer

In one run, on databases of its own that are dropped at the end:

* ours: the real command into an empty directory, every index at the end; the same file again; 1 % of it changed;
* the floor: psql's \\copy of the same clean rows into the same table definition, the same CREATE INDEX statements one
  after the other, ANALYZE;
* the plan's way: Django's bulk_create by 1,000 with the indexes in place, on a sample of 200,000 rows.
"""

import argparse
import csv
import json
import os
import re
import resource
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

CHECKOUT = Path(__file__).resolve().parent.parent
FOLDER = CHECKOUT / "var" / "bench"
SAMPLE = 200_000
BATCH = 1_000
TABLE = "enterprise_entreprise"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=4_000_000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    asked = parser.parse_args()
    sys.path.insert(0, str(CHECKOUT))
    FOLDER.mkdir(parents=True, exist_ok=True)
    file, changed, villes, population = files(asked.rows, asked.seed)
    figures: dict[str, float] = {"rows": asked.rows}
    with scratch_database("bench_import") as database:
        manage(database, "import_villes", villes, "--population", population)
        figures["ours"], figures["memory"] = import_file(database, file)
        figures["floor copy"], figures["floor indexes"] = floor(database)
        figures["again"], _ = import_file(database, file)
        figures["written again"] = written(database)
        figures["1 % changed"], _ = import_file(database, changed)
        figures["rewritten"] = written(database) - figures["written again"]
    with scratch_database("bench_plan") as database:
        figures["plan rows/s"] = plan(database, file)
    show(figures)
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2) + "\n")


def files(rows: int, seed: int) -> tuple[Path, Path, Path, Path]:
    """A file of companies, the same with 1 % of its rows changed, the towns and their populations; made once."""
    file, changed = (
        FOLDER / f"entreprises-{rows}-{seed}.csv",
        FOLDER / f"entreprises-{rows}-{seed}-changed.csv",
    )
    villes, population = FOLDER / "villes.csv", FOLDER / "population.csv"
    if not file.exists():
        manage({}, "generate_entreprises", file, "--rows", rows, "--seed", seed)
    if not changed.exists():
        _change_one_in_a_hundred(file, changed)
    if not villes.exists():
        manage({}, "generate_villes", villes, "--population", population)
    return file, changed, villes, population


def _change_one_in_a_hundred(file: Path, changed: Path) -> None:
    with file.open(newline="") as read, changed.open("w", newline="") as write:
        rows, writer = csv.reader(read), csv.writer(write, lineterminator="\n")
        header = next(rows)
        writer.writerow(header)
        address = header.index("adresse")
        for number, row in enumerate(rows):
            if number % 100 == 0:
                row[address] += " BIS"
            writer.writerow(row)


def import_file(database: dict[str, str], file: Path) -> tuple[float, float]:
    """Seconds and MiB of the real command."""
    seconds = manage(database, "import_entreprises_bulk", file, "--batch-size", BATCH)
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def manage(environment: dict[str, str], *arguments: object) -> float:
    started = time.monotonic()
    command = [sys.executable, "manage.py", *map(str, arguments)]
    subprocess.run(command, cwd=CHECKOUT, env=os.environ | environment, check=True, stdout=sys.stderr)
    return time.monotonic() - started


def floor(database: dict[str, str]) -> tuple[float, float]:
    """Seconds of \\copy, and of the indexes with ANALYZE."""
    rows = FOLDER / "clean.copy"
    psql(database, f"\\copy {TABLE} to '{rows}'")
    psql(
        database,
        f"CREATE TABLE floor (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING IDENTITY)",
    )
    definitions = psql(database, f"SELECT indexdef FROM pg_indexes WHERE tablename = '{TABLE}'").splitlines()
    started = time.monotonic()
    psql(database, f"\\copy floor from '{rows}'")
    copied = time.monotonic()
    for number, definition in enumerate(definitions):
        psql(database, re.sub(r"INDEX \S+ ON \S+", f"INDEX floor_{number} ON floor", definition))
    psql(database, "ANALYZE floor")
    ended = time.monotonic()
    psql(database, "DROP TABLE floor")
    rows.unlink()
    return copied - started, ended - copied


def written(database: dict[str, str]) -> int:
    """How many rows of the directory were updated since it was made."""
    time.sleep(1.5)  # the server's counters lag
    return int(
        psql(database, f"SELECT n_tup_upd + n_tup_del FROM pg_stat_user_tables WHERE relname = '{TABLE}'")
    )


def plan(database: dict[str, str], file: Path) -> float:
    """Rows a second of bulk_create by 1,000 with the indexes in place."""
    script = (
        "import csv, time\n"
        "from itertools import islice\n"
        "from foxreviews.enterprise.models import Entreprise\n"
        "fields = ['siren', 'siret', 'nom', 'nom_commercial', 'adresse', 'code_postal', 'ville_nom', 'naf_code',\n"
        "          'naf_libelle', 'telephone', 'email', 'site_web', 'tranche_effectif', 'categorie_juridique']\n"
        "started = time.monotonic()\n"
        f"with open({str(file)!r}, newline='') as read:\n"
        f"    rows = islice(csv.DictReader(read), {SAMPLE})\n"
        f"    while batch := [Entreprise(**{{f: row[f] for f in fields}}) for row in islice(rows, {BATCH})]:\n"
        "        Entreprise.objects.bulk_create(batch, ignore_conflicts=True)\n"
        f"print({SAMPLE} / (time.monotonic() - started))\n"
    )
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", script]
    done = subprocess.run(
        command, cwd=CHECKOUT, env=os.environ | database, check=True, stdout=subprocess.PIPE, text=True
    )
    return float(done.stdout.split()[-1])


@contextmanager
def scratch_database(name: str) -> Iterator[dict[str, str]]:
    """The environment of a migrated, empty database, dropped at the end."""
    environment = {"DATABASE_URL": _server() + name, "SECRET_KEY": secrets.token_urlsafe(50)}
    administration = {"DATABASE_URL": _server() + "postgres"}
    psql(administration, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    psql(administration, f"CREATE DATABASE {name}")
    try:
        manage(environment, "migrate", "--verbosity", "0")
        yield environment
    finally:
        psql(administration, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _server() -> str:
    """The address of the configured server, up to the database's name."""
    if url := os.environ.get("DATABASE_URL"):
        return url.rsplit("/", 1)[0] + "/"
    from foxreviews import localdb

    localdb.ensure_running()
    found = localdb.connection_settings()
    parts = {key: quote(str(found.get(key) or ""), safe="") for key in ("USER", "HOST", "PORT")}
    return "postgresql://{USER}@{HOST}:{PORT}/".format(**parts)


def psql(database: dict[str, str], statement: str) -> str:
    command = [
        "psql",
        "-X",
        "-q",
        "-A",
        "-t",
        "-v",
        "ON_ERROR_STOP=1",
        database["DATABASE_URL"],
        "-c",
        statement,
    ]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def show(figures: dict[str, float]) -> None:
    rows, ours = figures["rows"], figures["ours"]
    base = figures["floor copy"] + figures["floor indexes"]
    plan_seconds = rows / figures["plan rows/s"]
    print(f"\n{rows:,.0f} rows, {figures['memory']:,.0f} MiB at most (limit 1,024)\n")
    print(f"{'':34}{'seconds':>9}{'rows/s':>10}   ratio")
    for name, seconds, ratio in (
        (f"floor (copy {figures['floor copy']:.1f}, indexes {figures['floor indexes']:.1f})", base, ""),
        ("ours, first load", ours, f"{ours / base:.2f} x floor (limit 1.15)"),
        (
            "ours, the same file again",
            figures["again"],
            f"{figures['again'] / ours:.2f} x first (limit 0.50)",
        ),
        (
            "ours, 1 % changed",
            figures["1 % changed"],
            f"{figures['1 % changed'] / ours:.2f} x first (limit 0.60)",
        ),
        (
            f"the plan's way, from {SAMPLE:,} rows",
            plan_seconds,
            f"ours {plan_seconds / ours:.1f} x faster (limit 6)",
        ),
    ):
        print(f"{name:34}{seconds:9.1f}{rows / seconds:10,.0f}   {ratio}")
    print(
        f"\nrows rewritten: {figures['written again']:,.0f} by the same file, {figures['rewritten']:,.0f} by 1 %"
    )


if __name__ == "__main__":
    main()
