"""How long the official register takes to load, beside the plan's CSV of as many companies, in one run.

    .venv/bin/python benchmarks/import_sirene.py --rows 500000        4,000,000 rows unless said

On databases of its own that are dropped at the end, with fictional companies in the fictional towns: the CSV into an
empty directory, both stock files into another empty one, and the stock files again. Memory is that of the command.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from import_speed import CHECKOUT, FOLDER, manage, psql, scratch_database

LIMIT = 2.0  # times the CSV
LIMIT_MEMORY = 1024  # MiB
PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


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
    plan, stock, villes, population = _files(asked.rows, asked.seed)
    register = (
        "import_sirene",
        "--unites-legales",
        stock / "StockUniteLegale_utf8.csv",
        "--etablissements",
        stock / "StockEtablissement_utf8.csv",
    )
    figures: dict[str, tuple[float, float]] = {}
    with scratch_database("bench_sirene_plan") as database:
        manage(database, "import_villes", villes, "--population", population)
        figures["the plan's CSV"] = watched(database, "import_entreprises_bulk", plan)
    with scratch_database("bench_sirene") as database:
        manage(database, "import_villes", villes, "--population", population)
        figures["the register"] = watched(database, *register)
        companies = int(psql(database, "SELECT count(*) FROM enterprise_entreprise"))
        figures["the register again"] = watched(database, *register)
    assert companies == asked.rows
    show(figures, asked.rows)
    if asked.json:
        asked.json.write_text(json.dumps({"rows": asked.rows, **figures}, indent=2) + "\n")


def _files(rows: int, seed: int) -> tuple[Path, Path, Path, Path]:
    plan, stock = FOLDER / f"entreprises-{rows}-{seed}.csv", FOLDER / f"sirene-{rows}-{seed}"
    villes, population = FOLDER / "villes.csv", FOLDER / "population.csv"
    if not plan.exists():
        manage({}, "generate_entreprises", plan, "--rows", rows, "--seed", seed)
    if not (stock / "StockEtablissement_utf8.csv").exists():
        manage({}, "generate_entreprises", stock, "--format", "sirene", "--rows", rows, "--seed", seed)
    if not villes.exists():
        manage({}, "generate_villes", villes, "--population", population)
    return plan, stock, villes, population


def watched(environment: dict[str, str], *arguments: object) -> tuple[float, float]:
    """Seconds of a command, and MiB that it held at most."""
    started = time.monotonic()
    command = [sys.executable, "manage.py", *map(str, arguments)]
    peak = 0
    with subprocess.Popen(command, cwd=CHECKOUT, env=os.environ | environment, stdout=sys.stderr) as running:
        while running.poll() is None:
            try:
                found = PEAK.search(Path(f"/proc/{running.pid}/status").read_text())
            except OSError:
                break
            peak = max(peak, int(found[1]) if found else 0)
            time.sleep(0.1)
    if running.returncode:
        raise SystemExit(f"{arguments[0]} failed")
    return time.monotonic() - started, peak / 1024


def show(figures: dict[str, tuple[float, float]], rows: int) -> None:
    plan, _ = figures["the plan's CSV"]
    print(f"\n{rows:,} companies\n\n{'':22}{'seconds':>9}{'rows/s':>10}{'MiB':>7}   ratio")
    for name, (seconds, memory) in figures.items():
        print(f"{name:22}{seconds:9.1f}{rows / seconds:10,.0f}{memory:7,.0f}   {seconds / plan:.2f}")
    print(f"\nlimits: the register {LIMIT} x the CSV, {LIMIT_MEMORY:,} MiB")


if __name__ == "__main__":
    main()
