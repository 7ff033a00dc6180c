"""Facts of the domain: identifiers, nomenclatures, territory, and the keys under which names meet.

Pure functions and tables: no Django, no database, no network. Facts too long for code are CSV tables in data/.
"""

import csv
from pathlib import Path

_DATA = Path(__file__).parent / "data"


def rows(name: str) -> list[dict[str, str]]:
    """Every row of the table `data/<name>.csv`, by column name."""
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))
