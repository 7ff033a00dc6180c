"""How fast an import is, compared with what the machine can do at all and with the scaling plan's way.

    make bench-import                                     4,000,000 rows; ROWS=1000000 for fewer
    .venv/bin/python -m benchmarks.imports.speed --rows 1000000

In one run, on databases of its own that are dropped at the end:

* ours: the real command into an empty directory, every index at the end; the same file again; 1 % of it changed;
* the floor: psql's \\copy of the same clean rows into the same table definition, the same CREATE INDEX statements one
  after the other, ANALYZE;
* the scaling plan's way: Django's bulk_create by 1,000 with the indexes in place, on a sample of 200,000 rows.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import command, files
from benchmarks.command import CHECKOUT, FOLDER, watched
from benchmarks.database import import_towns, psql, scratch_database

SAMPLE = 200_000
BATCH = 1_000
IMPORT = ("import_entreprises_bulk", "--batch-size", BATCH)
TABLE = "enterprise_entreprise"


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--rows", type=int, default=4_000_000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    options = parser.parse_args()
    file, changed = (make(options.rows, options.seed) for make in (files.companies, files.changed_companies))
    figures: dict[str, float] = {"rows": options.rows}
    with scratch_database("bench_import") as database:
        import_towns(database)
        figures["ours"], figures["memory"] = watched(database, *IMPORT, file)
        figures["floor copy"], figures["floor indexes"] = floor(database)
        figures["again"], _ = watched(database, *IMPORT, file)
        figures["written again"] = written(database)
        figures["1 % changed"], _ = watched(database, *IMPORT, changed)
        figures["rewritten"] = written(database) - figures["written again"]
    with scratch_database("bench_plan") as database:
        figures["scaling plan rows/s"] = scaling_plan(database, file)
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 0


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


def scaling_plan(database: dict[str, str], file: Path) -> float:
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
    shell = [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", script]
    done = subprocess.run(
        shell, cwd=CHECKOUT, env=os.environ | database, check=True, stdout=subprocess.PIPE, text=True
    )
    return float(done.stdout.split()[-1])


def show(figures: dict[str, float]) -> None:
    rows, ours = figures["rows"], figures["ours"]
    base = figures["floor copy"] + figures["floor indexes"]
    plan_seconds = rows / figures["scaling plan rows/s"]
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
            f"scaling plan, from {SAMPLE:,} rows",
            plan_seconds,
            f"ours {plan_seconds / ours:.1f} x faster (limit 6)",
        ),
    ):
        print(f"{name:34}{seconds:9.1f}{rows / seconds:10,.0f}   {ratio}")
    print(
        f"\nrows rewritten: {figures['written again']:,.0f} by the same file, {figures['rewritten']:,.0f} by 1 %"
    )


if __name__ == "__main__":
    command.run(main)
