"""What is wrong with the database: what this version of the program needs, its queries and indexes, its maintenance."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from foxreviews.core.findings import Finding, Severity, guarded
from foxreviews.core.sql import leaves, value
from foxreviews.enterprise.partitions import is_partitioned_now
from foxreviews.ops import cache, indexes, maintain, partition, replicas, server
from foxreviews.ops.query_plans import check_queries
from foxreviews.ops.search_cluster import search_cluster
from foxreviews.workers import status

Trigger = tuple[str, str]  # its table and its name

EVENTS = ("insert", "update", "delete", "truncate")
COMPANIES, ESTABLISHMENTS, FORMER = (
    "enterprise_entreprise",
    "enterprise_etablissement",
    "enterprise_anciennom",
)
LOGGED = (COMPANIES, ESTABLISHMENTS, FORMER, "location_ville")
COUNTED = (
    *LOGGED,
    "enterprise_succession",
    "enterprise_doublon",
)  # whose changes make another version of the dataset
# The triggers of companies in partitions (sql/partition_triggers.sql)
IN_PARTITIONS = ("siren_insert", "siren_update", "siren_delete", "siren_truncate", "withhold_when_moved")
WITHHOLD = ("withhold_insert", "withhold_update")
# The triggers of privacy by table, and the migration of enterprise to go back to, so that they are made again.
MASKING = {
    (COMPANIES, (*WITHHOLD, "note_removed")): "0005",
    (ESTABLISHMENTS, WITHHOLD): "0010",
    (COMPANIES, ("withhold_etablissements", "remove_etablissements")): "0010",
    (FORMER, WITHHOLD): "0012",
    (COMPANIES, ("forget_hidden", "remove_anciens_noms", "truncate_anciens_noms")): "0012",
}


def examine() -> Iterator[Finding]:
    """Every check, in order. What the database refuses is noted, and the rest goes on."""
    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        "migrations": migrations,
        "extensions": extensions,
        "indexes": indexes.check_all,
        "maintenance": maintain.check,
        "replicas": replicas.check,
        "workers": status.check,
        "cache": cache.check,
    }
    if not missing_columns():
        checks |= {"partitions": partitions, "privacy": privacy, "change log": change_log}
        checks |= {"dataset version": dataset_version, "queries": check_queries}
    if settings.SEARCH_ENGINE == "opensearch":
        checks["search cluster"] = lambda: [search_cluster()]
    for subject, check in checks.items():
        yield from guarded(subject, check)


def migrations() -> Iterator[Finding]:
    """Those that were not applied, those that this program does not know, and tables that are not as they say."""
    subject = "migrations"
    executor = MigrationExecutor(connection)
    loader = executor.loader
    planned = [migration for migration, _ in executor.migration_plan(loader.graph.leaf_nodes())]
    left = [str(migration) for migration in planned]
    yield from (lost := _lost_records({(each.app_label, each.name) for each in planned}, loader))
    ours = {app.label for app in apps.get_app_configs()}
    later = sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in ours and (app, name) not in loader.disk_migrations
    )
    if left:
        yield Finding(
            subject, Severity.ERROR, f"{len(left)} are not applied: {', '.join(left[:3])}{' …' * (len(left) > 3)}",
            "The program expects tables that the database does not have yet.", "manage.py migrate", {"left": left},
        )  # fmt: skip
    if later:
        yield Finding(
            "later migrations", Severity.ERROR, f"{len(later)} that this program does not know: {', '.join(later[:3])}",
            "The database is of a later version. Start that version, or restore a backup of this one.",
            figures={"later": later},
        )  # fmt: skip
    missing = missing_columns()
    if missing and not left:
        yield Finding(
            "tables and columns", Severity.ERROR, f"{len(missing)} missing: {', '.join(missing[:4])}",
            "The migrations say that they were made: one was interrupted, or they were removed since.",
            "manage.py restore", {"missing": missing},
        )  # fmt: skip
    if not (left or lost or later or missing):
        yield Finding(
            subject, Severity.OK, f"all {len(loader.applied_migrations)} applied, every column is there"
        )


def _lost_records(planned: set[tuple[str, str]], loader: MigrationLoader) -> list[Finding]:
    """Migrations behind which others are applied: migrate neither applies nor passes them."""
    record = "INSERT INTO django_migrations (app, name, applied) VALUES ('{}', '{}', now())"
    return [
        Finding(
            f"migration {app}.{name}", Severity.ERROR, "is not recorded as applied, and later ones are",
            "manage.py migrate refuses to run. Where no table or column is missing it was applied: record it again.",
            server.psql_statement(record.format(app, name)), {"left": [f"{app}.{name}"]},
        )
        for app, name in sorted(set(loader.graph.nodes) - planned - loader.applied_migrations.keys())
    ]  # fmt: skip


def missing_columns() -> list[str]:
    """The tables and columns of the models that the database does not have."""
    there = {row["name"]: set(row["columns"]) for row in server.rows("columns")}
    missing: list[str] = []
    for model in apps.get_models():
        options = model._meta
        if not options.managed or options.proxy:
            continue
        if options.db_table not in there:
            missing.append(options.db_table)
            continue
        columns = (field.column for field in options.concrete_fields)
        missing += [f"{options.db_table}.{name}" for name in columns if name not in there[options.db_table]]
    return missing


def extensions() -> Iterator[Finding]:
    """pg_trgm finds part of a name; pg_stat_statements knows what is slow."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname, extversion FROM pg_extension")
        there = dict(cursor.fetchall())
    for name, severity, why in (
        ("pg_trgm", Severity.ERROR, "Its index finds part of a name; without it the whole table is read."),
        ("pg_stat_statements", Severity.WARNING, "It counts which statements take the time."),
    ):
        fix = server.psql_statement(f"CREATE EXTENSION {name}")
        if name in there:
            yield Finding(name, Severity.OK, f"version {there[name]}")
        else:
            yield Finding(name, severity, "is not installed", why, fix)


def privacy() -> Iterator[Finding]:
    """The triggers that mask what is hidden, and remove what belongs to it, whoever writes."""
    wanted = {
        (table, f"enterprise_{name}"): before for (table, names), before in MASKING.items() for name in names
    }
    silent = _silent(wanted)
    if not silent:
        yield Finding("privacy", Severity.OK, "what is hidden is masked as it is written")
        return
    before = min(wanted[each] for each in silent)
    yield Finding(
        "privacy", Severity.ERROR, f"silent: {_named(silent)}",
        "Names of persons who asked not to be shown may be stored. After the repair, load the register again.",
        _repair(silent, f"manage.py migrate enterprise {before} && manage.py migrate"),
    )  # fmt: skip


def partitions() -> Iterator[Finding]:
    """Whether a SIREN is in one partition only, and whether a change of the shape is under way."""
    subject, undo = "partitions", "manage.py partition_entreprises --undo"
    if partition.is_begun():
        yield Finding(
            f"{subject} begun", Severity.WARNING, "a change of the table of companies is under way, or was interrupted",
            "Every write to the table is noted for it. Where none runs, go on, or remove what was begun (--undo).",
            "manage.py partition_entreprises",
        )  # fmt: skip
    if not is_partitioned_now():
        return
    silent = _silent((COMPANIES, f"enterprise_{name}") for name in IN_PARTITIONS)
    companies, noted = (
        value(f"SELECT count(*) FROM {table}")  # noqa: S608 - constants
        for table in (COMPANIES, "enterprise_siren")
    )
    if silent or companies != noted:
        found = (
            f"silent: {_named(silent)}" if silent else f"{companies:,} companies, and {noted:,} SIREN of them"
        )
        yield Finding(
            subject, Severity.ERROR, found, "One SIREN may be in two départements.",
            f"{undo} && manage.py partition_entreprises",
        )  # fmt: skip
    else:
        yield Finding(subject, Severity.OK, f"{len(leaves(COMPANIES))}, each SIREN in one of them")


def change_log() -> Iterator[Finding]:
    """The triggers that log changes for search indexes."""
    wanted = [(table, f"search_change_{event}") for table in LOGGED for event in EVENTS]
    silent = _silent(wanted)
    if not silent:
        yield Finding("change log", Severity.OK, f"all {len(wanted)} triggers fire")
        return
    yield Finding(
        "change log", Severity.ERROR, f"silent: {_named(silent)}",
        "The search index does not see changes. After the repair, rebuild it: manage.py search_rebuild",
        _repair(silent, "manage.py migrate search zero && manage.py migrate"),
    )  # fmt: skip


def dataset_version() -> Iterator[Finding]:
    """The triggers that count changes: caches ask by that number."""
    silent = _silent((table, "dataset_change") for table in COUNTED)
    if not silent:
        yield Finding("dataset version", Severity.OK, f"all {len(COUNTED)} triggers fire")
        return
    yield Finding(
        "dataset version", Severity.ERROR, f"silent: {_named(silent)}",
        "Caches answer with what was before a change, for an hour or longer.",
        _repair(silent, "manage.py migrate enterprise 0016 && manage.py migrate"),
    )  # fmt: skip


def _silent(wanted: Iterable[Trigger]) -> dict[Trigger, bool]:
    """Those that do not fire, and whether they are there."""
    fires = {(row["table"], row["name"]): row["fires"] for row in server.rows("triggers")}
    return {each: each in fires for each in wanted if not fires.get(each)}


def _named(silent: Iterable[Trigger]) -> str:
    return ", ".join(f"{name} of {table}" for table, name in silent)


def _repair(silent: Mapping[Trigger, bool], again: str) -> str:
    """Turn them on again, where all are there; else make them `again`."""
    if not all(silent.values()):
        # Those of a table are made by migrations, those of partitions when they are.
        return f"manage.py partition_entreprises --undo && {again}" if is_partitioned_now() else again
    return server.psql_statement(
        "; ".join(f"ALTER TABLE {table} ENABLE TRIGGER {name}" for table, name in silent)
    )
