"""All that the doctor looks at, in order. What cannot be looked at is told, and the rest goes on."""

from collections.abc import Callable, Iterable, Iterator

from foxreviews.core.findings import Finding, guarded
from foxreviews.ops.doctor import index_use, sessions, statements, structure, upkeep

Check = Callable[[], Iterable[Finding]]

OF_THE_DATABASE: dict[str, Check] = {
    "migrations": structure.migrations,
    "extensions": structure.extensions,
    "safety": upkeep.safety,
    "transaction numbers": upkeep.wraparound,
    "sessions": sessions.sessions,
    "indexes": index_use.worth,
    "tables": upkeep.tables,
    "slowest statements": statements.slowest,
}
OF_THE_DIRECTORY: dict[str, Check] = {
    "change log": structure.change_log,
    "queries": index_use.queries,
}


def examine() -> Iterator[Finding]:
    """Everything that this database can be examined for."""
    for subject, check in OF_THE_DATABASE.items():
        yield from guarded(subject, check)
    if structure.is_up_to_date():
        for subject, check in OF_THE_DIRECTORY.items():
            yield from guarded(subject, check)
