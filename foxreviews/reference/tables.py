"""The CSV tables of `foxreviews/reference/data/`: facts too long to be written as code."""

import csv
from pathlib import Path

FOLDER = Path(__file__).parent / "data"


def rows(name: str) -> list[dict[str, str]]:
    """Every row of the table `data/<name>.csv`, by column name."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))
