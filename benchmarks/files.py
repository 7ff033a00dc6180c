"""The files that benchmarks load: fictional companies and towns, each made once and kept in var/bench."""

import csv
from pathlib import Path

from benchmarks.command import FOLDER, manage


def companies(rows: int, seed: int) -> Path:
    """So many companies in the scaling plan's CSV."""
    file = FOLDER / f"entreprises-{rows}-{seed}.csv"
    if not file.exists():
        manage({}, "generate_entreprises", file, "--rows", rows, "--seed", seed)
    return file


def changed_companies(rows: int, seed: int) -> Path:
    """The same with 1 % of their addresses changed."""
    changed = FOLDER / f"entreprises-{rows}-{seed}-changed.csv"
    if not changed.exists():
        change_addresses(companies(rows, seed), changed)
    return changed


def stock(rows: int, seed: int) -> tuple[Path, Path]:
    """So many companies in the two stock files of the official register, as parquet."""
    folder = FOLDER / f"sirene-{rows}-{seed}"
    files = folder / "StockUniteLegale_utf8.parquet", folder / "StockEtablissement_utf8.parquet"
    if not files[1].exists():
        options = ("--format", "sirene", "--parquet", "--rows", rows, "--seed", seed)
        manage({}, "generate_entreprises", folder, *options)
    return files


def towns() -> tuple[Path, Path]:
    """The towns of these companies, and their populations."""
    villes, population = FOLDER / "villes.csv", FOLDER / "population.csv"
    if not villes.exists():
        manage({}, "generate_villes", villes, "--population", population)
    return villes, population


def change_addresses(file: Path, changed: Path) -> None:
    """Write the file again with one address in a hundred changed."""
    with file.open(newline="") as read, changed.open("w", newline="") as write:
        rows, writer = csv.reader(read), csv.writer(write, lineterminator="\n")
        header = next(rows)
        writer.writerow(header)
        address = header.index("adresse")
        for number, row in enumerate(rows):
            if number % 100 == 0 and len(row) == len(header):
                row[address] += " BIS"
            writer.writerow(row)
