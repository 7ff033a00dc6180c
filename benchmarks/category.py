"""What `categorie_entreprise` and `est_employeur` take on disk for each company: in the table, and in the search index.

    .venv/bin/python -m benchmarks.category      the configured directory, which import_sirene has loaded

The companies are written to two temporary tables, with these columns and without; and to two search indexes, with their
values and without any. What is printed is the difference. A value in the table may cost nothing where the row had room
up to a multiple of 8 bytes, or 8 bytes where it had none.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from django.db import connection

from benchmarks import command
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.sql import columns, compose, value
from foxreviews.enterprise.blocks import companies, count_companies
from foxreviews.enterprise.models import Entreprise
from foxreviews.search.index.builder import IndexBuilder
from foxreviews.search.index.document import COLUMNS, documents

MEASURED = ("categorie_entreprise", "est_employeur")


def main() -> int:
    command.parser(__doc__).parse_args()
    command.start_configured_database()
    total = count_companies()
    known = value("SELECT count(*) FROM enterprise_entreprise WHERE categorie_entreprise <> ''")
    if not known:
        raise FoxreviewsError("No company has a category: load the register first, with import_sirene.")
    names = [field.column for field in Entreprise._meta.concrete_fields]
    table = _table(names) - _table([name for name in names if name not in MEASURED])
    index = _index(total)
    print(f"{total:,} companies, of which {known:,} have a category\n")
    print("| | bytes per company |\n|---|---|")
    print(f"| table | {table / total:.2f} |\n| search index | {index / total:.2f} |")
    return 0


def _table(names: list[str]) -> int:
    """Bytes of a table with these columns of all companies."""
    made = "CREATE TEMPORARY TABLE bench_category AS SELECT {columns} FROM enterprise_entreprise"
    with connection.cursor() as cursor:
        cursor.execute(compose(made, columns=columns(names)))
        size = value("SELECT pg_relation_size('bench_category')")
        cursor.execute("DROP TABLE bench_category")
    return int(size)


def _index(total: int) -> int:
    """Bytes by which an index grows with the values."""
    with TemporaryDirectory(dir=command.FOLDER) as folder:
        made = {name: IndexBuilder(Path(folder) / name, total) for name in ("with", "without")}
        for _, frame in companies(COLUMNS):
            nothing = frame.with_columns(pl.lit("").alias(name) for name in MEASURED)
            made["with"].add(frame["siren"], documents(frame))
            made["without"].add(frame["siren"], documents(nothing))
        sizes = {}
        for name, builder in made.items():
            builder.merge()
            builder.count()  # waits until it is whole
            sizes[name] = sum(file.stat().st_size for file in builder.generation.rglob("*") if file.is_file())
            builder.close()
    return sizes["with"] - sizes["without"]


if __name__ == "__main__":
    command.run(main)
