"""The directory's indexes: each that it must have is there, whole, and how large."""

from collections.abc import Iterator

from django.db.models import UniqueConstraint

from foxreviews.core import files
from foxreviews.core.findings import Finding, Severity
from foxreviews.enterprise.models import Entreprise
from foxreviews.ops import indexes, psql
from foxreviews.ops.indexes import TABLE, FoundIndex


def index_findings() -> Iterator[Finding]:
    """The missing ones, then each with its size: the plan's third question."""
    found = {index.name: index for index in indexes.of_companies()}
    for name in indexes.required():
        if name not in found:
            yield _missing(name)
    for index in found.values():
        yield _state(index)


def _missing(name: str) -> Finding:
    short = name.removeprefix(f"{TABLE}_")
    if indexes.required()[name] is None:
        why = "This key keeps a company from being there twice, and finds it by its number."
        return Finding(short, Severity.ERROR, "missing", why, psql.statement(_add_key(name)))
    why = "What it serves reads the whole table instead."
    return Finding(short, Severity.ERROR, "missing", why, psql.build_indexes())


def _add_key(name: str) -> str:
    unique = (each for each in Entreprise._meta.constraints if isinstance(each, UniqueConstraint))
    fields = {each.name: ", ".join(each.fields) for each in unique}
    key = f"UNIQUE ({fields[name]})" if name in fields else "PRIMARY KEY (id)"
    return f"ALTER TABLE {TABLE} ADD CONSTRAINT {name} {key}"


def _state(index: FoundIndex) -> Finding:
    size = f"{files.format_bytes(index.bytes)} on {index.columns}"
    figures = {"bytes": index.bytes}
    if index.valid:
        return Finding(index.short_name, Severity.OK, size, figures=figures)
    if index.being_built:
        return Finding(
            index.short_name, Severity.NOTE, f"{size}, being built by another session", figures=figures
        )
    return Finding(
        index.short_name, Severity.ERROR, f"{size}, invalid",
        "Its build was interrupted: every write pays for it and no query uses it.", psql.build_indexes(), figures,
    )  # fmt: skip
