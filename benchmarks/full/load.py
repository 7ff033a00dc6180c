"""Stages 2 to 5: the load, the floor of each table, the same month again, 1 % changed."""

import json
import re
import shlex
import subprocess
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

from benchmarks.command import watched
from benchmarks.database import import_towns, psql, scratch_database
from benchmarks.full import register
from benchmarks.full.stages import Figures

TABLES = ("enterprise_entreprise", "enterprise_etablissement")
LINKS = ("enterprise_succession", "enterprise_doublon", "enterprise_anciennom")
READING = dict(
    zip((*TABLES, *LINKS), ("Legal units", "Establishments", "Succession", "Doublon", "Historique"), strict=True)
)  # fmt: skip
REPORT = "report.json"
BUILDERS = 2
# What an administrator sets for a load, once for each of two builders.
BUILDER_SETTINGS = "SET maintenance_work_mem = '1GB'; SET max_parallel_maintenance_workers = 0"
GB, MIB = 1e9, 1 << 20

Environment = Mapping[str, str]
NOTHING: Mapping[str, Path] = MappingProxyType({})


def load(database: Environment, folder: Path) -> Figures:
    """All files into the empty database, with the towns before them."""
    import_towns(database)
    seconds, peak = _import(database, folder)
    stages = json.loads((folder / REPORT).read_text())["stages"]
    rows = {table: int(psql(dict(database), f"SELECT count(*) FROM {table}")) for table in (*TABLES, *LINKS)}
    return {"seconds": seconds, "peak_mib": peak, "rows": rows, "stages": stages, "tables": by_table(stages)}


def by_table(stages: Mapping[str, float]) -> dict[str, float]:
    """Seconds of each table: its file read, checked and staged, the merge, its indexes, of which two are built at once.

    The companies have what is left of the merge.
    """
    merged = {table: stages[table] for table in (TABLES[1], *LINKS)}
    merged[TABLES[0]] = stages["Merging"] - sum(merged.values())
    indexes = {
        table: sum(seconds for name, seconds in stages.items() if name.startswith(f"{table}_")) / BUILDERS
        for table in TABLES
    }
    return {table: stages[title] + merged[table] + indexes.get(table, 0) for table, title in READING.items()}


def rows(database: Environment, folder: Path) -> Figures:
    """What a floor copies: the rows of both tables, compressed."""
    for table in TABLES:
        file = shlex.quote(str(_rows(folder, table)))
        psql(dict(database), f"\\copy {table} to program {_quoted(f'gzip -1 > {file}')}")
    return {"gb": sum(_rows(folder, table).stat().st_size for table in TABLES) / GB}


def _rows(folder: Path, table: str) -> Path:
    return folder / f"{table}.copy.gz"


def _quoted(argument: str) -> str:
    """As psql's commands read it."""
    return "'" + argument.replace("'", "''") + "'"


def floor(folder: Path, table: str) -> Figures:
    """`\\copy` of the table's rows, then its keys and indexes by two builders, in a database that is dropped."""
    rows = _rows(folder, table).with_suffix("")
    with rows.open("wb") as file:  # not while it is timed: both cores are the load's
        subprocess.run(["gzip", "-dc", str(_rows(folder, table))], stdout=file, check=True)
    try:
        with scratch_database("bench_full_floor") as scratch:
            definitions = psql(
                scratch, f"SELECT indexdef FROM pg_indexes WHERE tablename = '{table}'"
            ).splitlines()
            like = "INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING IDENTITY"
            psql(scratch, f"CREATE TABLE floor (LIKE {table} {like})")
            started = time.monotonic()
            psql(scratch, f"\\copy floor from {_quoted(str(rows))}")
            copied = time.monotonic()
            _build(scratch, definitions)
            psql(scratch, "ANALYZE floor")
            ended = time.monotonic()
    finally:
        rows.unlink()
    return {"seconds": ended - started, "copy": copied - started, "indexes": ended - copied}


def _build(database: Environment, definitions: list[str]) -> None:
    """The trigram index first: it takes longest."""
    ordered = sorted(definitions, key=lambda definition: "trgm" not in definition)
    statements = [
        re.sub(r"INDEX \S+ ON \S+", f"INDEX floor_{number} ON floor", definition)
        for number, definition in enumerate(ordered)
    ]

    def build(statement: str) -> None:
        command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", database["DATABASE_URL"]]
        subprocess.run([*command, "-c", BUILDER_SETTINGS, "-c", statement], check=True)

    with ThreadPoolExecutor(BUILDERS) as pool:
        list(pool.map(build, statements))


def again(database: Environment, folder: Path) -> Figures:
    """The same files once more: nothing is written."""
    return _timed(database, folder)


def one_percent(database: Environment, folder: Path, *, was_interrupted: bool) -> Figures:
    """With some addresses changed. After an interruption the directory is first what it was."""
    if was_interrupted:
        _import(database, folder)
    figures = _timed(database, folder, {register.ESTABLISHMENTS: register.change(folder)})
    register.changed(folder).unlink()
    return figures


def _timed(database: Environment, folder: Path, instead: Mapping[str, Path] = NOTHING) -> Figures:
    before = psql(dict(database), "SELECT pg_snapshot_xmax(pg_current_snapshot())")
    seconds, peak = _import(database, folder, instead)
    written = {table: _written(database, table, before) for table in (*TABLES, *LINKS)}
    return {"seconds": seconds, "peak_mib": peak, "written": written}


def _written(database: Environment, table: str, before: str) -> int:
    """How many rows a transaction has written that began after so many others (a row keeps 32 bits of its number)."""
    age = f"age('{int(before) % 2**32}'::xid)"
    return int(psql(dict(database), f"SELECT count(*) FROM {table} WHERE age(xmin) <= {age}"))


def _import(
    database: Environment, folder: Path, instead: Mapping[str, Path] = NOTHING
) -> tuple[float, float]:
    """Seconds and MiB of an import of all files, some of which may be others."""
    files = {**register.paths(folder), **instead}
    options = {**files, "--report": folder / REPORT}
    return watched(database, "import_sirene", *(each for option in options.items() for each in option))


def disk(database: Environment) -> Figures:
    """Bytes of each table and index, and bytes per row of each column."""
    found: Figures = {
        "total_gb": int(psql(dict(database), "SELECT pg_database_size(current_database())")) / GB
    }
    for table in (*TABLES, *LINKS):
        relations = psql(
            dict(database),
            f"SELECT relname, pg_table_size(oid) FROM pg_class WHERE oid = '{table}'::regclass OR oid IN "
            f"(SELECT indexrelid FROM pg_index WHERE indrelid = '{table}'::regclass) ORDER BY 2 DESC",
        )
        found[table] = {
            name: int(size) for name, size in (line.split("|") for line in relations.splitlines())
        }
        found[f"{table} columns"] = _columns(database, table)
    return found


def _columns(database: Environment, table: str) -> dict[str, float]:
    """Bytes per row of each column, from one row in a hundred; of NULL nothing is stored."""
    names = psql(
        dict(database),
        f"SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped",
    ).splitlines()
    sizes = ", ".join(f"round(avg(coalesce(pg_column_size({name}), 0)), 1)" for name in names)
    rows = psql(dict(database), f"SELECT {sizes} FROM {table} TABLESAMPLE SYSTEM (1) REPEATABLE (1)")
    if not rows.strip("|"):  # a small table has no block in the sample
        rows = psql(dict(database), f"SELECT {sizes} FROM {table}")
    return {name: float(size or 0) for name, size in zip(names, rows.split("|"), strict=True)}
