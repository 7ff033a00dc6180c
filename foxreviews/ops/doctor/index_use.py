"""Whether the named queries use their indexes, and whether the indexes are worth having."""

from collections.abc import Iterator

from foxreviews.core import files
from foxreviews.core.findings import Finding, Severity
from foxreviews.ops import indexes, psql, sizes, statement
from foxreviews.ops.doctor.explain import explained
from foxreviews.ops.doctor.queries import TOWNS, Query, named_queries
from foxreviews.ops.indexes import TABLE, FoundIndex
from foxreviews.ops.web_session import web_session

PATIENCE = "5s"  # for one statement: its plan is known, whether it ends or not
MOST_BLOAT = 2.0  # times what it would take if it were just built
WORTH_IT = 10_000_000  # bytes: less is not worth a line
DAYS_TO_JUDGE = 30.0


def queries() -> Iterator[Finding]:
    """Explain every named query with the settings of a web worker's session."""
    if (rows := sizes.estimate(TABLE)) < sizes.ENOUGH_ROWS:
        yield Finding(
            "queries", Severity.NOTE, f"not judged on {rows:,} companies",
            f"So few are read whole, rightly, whatever index there is. From {sizes.ENOUGH_ROWS:,} on they are.",
        )  # fmt: skip
        return
    well: dict[str, list[str]] = {}
    for query in named_queries():
        used, finding = _judge(query)
        if finding:
            yield finding
        else:
            well[query.name] = sorted(used)
    shown = f"{len(well)} use their index: lists, filters, searches, one company, towns, the plan's three"
    yield Finding("queries", Severity.OK, shown, figures=dict(well))


def _judge(query: Query) -> tuple[set[str], Finding | None]:
    """The indexes that it uses, and what is wrong with that."""
    with web_session({"statement_timeout": PATIENCE}):
        plans = explained(query.ask)
    used = {index for plan in plans for index in plan.indexes}
    whole = {table for plan in plans for table in plan.whole} & {TABLE, TOWNS}
    figures = {"uses": sorted(used), "reads_whole": sorted(whole)}
    if not plans:
        return used, Finding(query.name, Severity.NOTE, "asked PostgreSQL nothing", figures=figures)
    if whole:
        return used, Finding(
            query.name, Severity.ERROR, f"reads all of {', '.join(sorted(whole))}",
            f"It should use {' or '.join(query.indexes)}; with each company more it gets slower.",
            _fix(query), figures,
        )  # fmt: skip
    if not used & query.index_names:
        return used, Finding(
            query.name, Severity.WARNING, f"uses {', '.join(sorted(used)) or 'no index'}",
            f"It should use {' or '.join(query.indexes)}. Stale statistics mislead the planner, or one is missing.",
            _fix(query), figures,
        )  # fmt: skip
    return used, None


def _fix(query: Query) -> str:
    """Build the index where it is not there; otherwise fresh statistics."""
    there = {index.name for index in indexes.found() if index.valid}
    if query.index_names <= there:
        return psql.statement(f"ANALYZE {query.table}")
    return psql.build_indexes() if query.table == TABLE else "manage.py migrate"


def worth() -> Iterator[Finding]:
    """Invalid, double, bloated and unused indexes; one line where there are none."""
    found = indexes.found()
    ailing = [*_invalid(found), *_double(found), *_bloated(found), *_unused(found)]
    yield from ailing
    if not any(each.severity > Severity.NOTE for each in ailing):
        total = files.format_bytes(sum(index.bytes for index in found))
        yield Finding("indexes", Severity.OK, f"{len(found)}, {total}: valid, none double or bloated")


def _invalid(found: list[FoundIndex]) -> Iterator[Finding]:
    for index in found:
        if not index.valid and not index.being_built:
            fix = psql.build_indexes() if index.table == TABLE else "manage.py maintain"
            yield Finding(
                f"invalid index {index.short_name}", Severity.ERROR,
                f"{files.format_bytes(index.bytes)} on {index.table}",
                "Its build was interrupted: every write pays for it and no query uses it.", fix,
            )  # fmt: skip


def _double(found: list[FoundIndex]) -> Iterator[Finding]:
    first: dict[str, FoundIndex] = {}
    # The one that enforces a key stays, then one of ours.
    for index in sorted(
        found, key=lambda each: (not each.unique, each.name not in indexes.required(), each.name)
    ):
        other = first.setdefault(index.likeness, index)
        if other is not index:
            yield Finding(
                f"double index {index.short_name}", Severity.WARNING,
                f"{files.format_bytes(index.bytes)}, the same as {other.name}", "Every write pays twice.",
                psql.statement(f"DROP INDEX CONCURRENTLY {index.name}"),
                {"bytes": index.bytes},
            )  # fmt: skip


def _bloated(found: list[FoundIndex]) -> Iterator[Finding]:
    """B-trees that are much larger than their entries. Shared entries hide some: what is told is so."""
    for index in found:
        new = index.bytes_when_new
        if (
            index.method != "btree"
            or not new
            or index.bytes - new < WORTH_IT
            or index.bytes < MOST_BLOAT * new
        ):
            continue
        yield Finding(
            f"bloated index {index.short_name}", Severity.WARNING,
            f"{files.format_bytes(index.bytes)}; just built it would have {files.format_bytes(new)}",
            "Deleted entries have left room that is read and kept in memory for nothing.",
            "manage.py maintain", {"bytes": index.bytes, "bytes_when_new": new},
        )  # fmt: skip


def _unused(found: list[FoundIndex]) -> Iterator[Finding]:
    """Large indexes that no query has used for long. One that enforces a key is in use all the same."""
    idle = [index for index in found if not (index.scans or index.unique) and index.bytes >= WORTH_IT]
    if not idle:
        return
    days = float(statement.value(
        "SELECT extract(epoch FROM now() - coalesce(stats_reset, pg_postmaster_start_time())) / 86400 "
        "FROM pg_stat_database WHERE datname = current_database()"
    ))  # fmt: skip
    if days < DAYS_TO_JUDGE:
        names = ", ".join(index.short_name for index in idle)
        yield Finding(
            "unused indexes", Severity.NOTE, f"{names}: not used in the {days:.1f} days that were counted",
            f"Too early to judge: ask again after {DAYS_TO_JUDGE:.0f} days of real requests.",
        )  # fmt: skip
        return
    for index in idle:
        ours = index.name in indexes.required()
        yield Finding(
            f"unused index {index.short_name}", Severity.NOTE if ours else Severity.WARNING,
            f"{files.format_bytes(index.bytes)}, not used for {days:.0f} days",
            "It serves a list that nobody has asked for." if ours else "Every write pays for it.",
            "" if ours else psql.statement(f"DROP INDEX CONCURRENTLY {index.name}"), {"bytes": index.bytes},
        )  # fmt: skip
