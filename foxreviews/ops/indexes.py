"""The indexes of the database, and those that companies and establishments must have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Index, UniqueConstraint

from foxreviews.core import files
from foxreviews.core.findings import Finding, Severity
from foxreviews.enterprise.models import Entreprise, Etablissement
from foxreviews.enterprise.partitions import is_partitioned_now
from foxreviews.ops import server

TABLE = Entreprise._meta.db_table
# The tables whose indexes SCALING_4M_ENTREPRISES.sql builds
MODELS: Mapping[str, type[Entreprise] | type[Etablissement]] = {
    model._meta.db_table: model for model in (Entreprise, Etablissement)
}
INTERRUPTED = "Its build was interrupted: every write pays for it and no query uses it."


@dataclass(frozen=True)
class FoundIndex:
    """An index that the database has."""

    name: str
    table: str
    method: str
    bytes: int
    valid: bool
    definition: str
    being_built: bool
    partitioned: bool = False  # made of those of the partitions, which are found, too

    @property
    def short_name(self) -> str:
        """Without the name of the companies' table; of other tables it is whole, since they have keys of one name."""
        return self.name.removeprefix(f"{TABLE}_")

    @property
    def columns(self) -> str:
        """What stands in the brackets of its definition."""
        return self.definition.partition(" USING ")[2].partition("(")[2].partition(")")[0]


def found() -> list[FoundIndex]:
    """Every index of the schema, the largest first."""
    return [FoundIndex(**row) for row in server.rows("indexes")]


def required(table: str = TABLE) -> dict[str, Index | None]:
    """The names of the indexes that the table must have; with the Index that SCALING_4M_ENTREPRISES.sql builds."""
    meta = MODELS[table]._meta
    keys = dict.fromkeys((f"{table}_pkey", *(each.name for each in meta.constraints)))
    return {**keys, **{index.name: index for index in meta.indexes}}


def check_companies() -> Iterator[Finding]:
    """The missing ones, then each with its size: the scaling plan's verification query 3."""
    there = {index.name: index for index in found() if index.table == TABLE}
    for name in required():
        if name not in there:
            yield _missing(TABLE, name)
    yield from map(_state, there.values())


def check_all() -> Iterator[Finding]:
    """What companies and establishments lack, and the invalid ones of every table; one line where all is well."""
    every = found()
    wanted = {(table, name) for table in MODELS for name in required(table)}
    missing = wanted - {(index.table, index.name) for index in every}
    yield from (_missing(*each) for each in sorted(missing))
    invalid = [index for index in every if not index.valid and not index.being_built]
    yield from map(_state, invalid)
    if not (missing or invalid):
        stored = [index for index in every if not index.partitioned]
        total = files.format_bytes(sum(index.bytes for index in stored))
        yield Finding("indexes", Severity.OK, f"{len(stored)}, {total}: all valid")


def _missing(table: str, name: str) -> Finding:
    short = name.removeprefix(f"{TABLE}_")
    if required(table)[name] is None:
        why = "This key keeps a row from being there twice, and finds it by its number."
        return Finding(short, Severity.ERROR, "missing", why, server.psql_statement(_add_key(table, name)))
    why = "What it serves reads the whole table instead."
    return Finding(short, Severity.ERROR, "missing", why, server.build_indexes())


def _add_key(table: str, name: str) -> str:
    meta = MODELS[table]._meta
    unique = (each for each in meta.constraints if isinstance(each, UniqueConstraint))
    fields = {each.name: ", ".join(each.fields) for each in unique}
    # A key of partitions must have in it what they are divided by.
    also = ", departement" if table == TABLE and is_partitioned_now() else ""
    key = f"UNIQUE ({fields[name]}{also})" if name in fields else f"PRIMARY KEY ({meta.pk.column}{also})"
    return f"ALTER TABLE {table} ADD CONSTRAINT {name} {key}"


def _state(index: FoundIndex) -> Finding:
    size = f"{files.format_bytes(index.bytes)} on {index.columns}"
    figures = {"bytes": index.bytes}
    if index.valid:
        return Finding(index.short_name, Severity.OK, size, figures=figures)
    if index.being_built:
        return Finding(
            index.short_name, Severity.NOTE, f"{size}, being built by another session", figures=figures
        )
    fix = server.build_indexes() if index.table in MODELS else "manage.py maintain"
    return Finding(index.short_name, Severity.ERROR, f"{size}, invalid", INTERRUPTED, fix, figures)
