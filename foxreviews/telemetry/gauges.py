"""What /metrics says of the directory as it is now: the database, the index, the last import, the disks.

Read at each scrape by the worker that answers it, in 10 ms.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import Error
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from foxreviews.backup.manifest import list_backups
from foxreviews.core import files, sql
from foxreviews.core.postgresql import replicas
from foxreviews.importing.models import ImportRun
from foxreviews.search.lag import read_lag
from foxreviews.telemetry.health import pending_migrations, reach_database
from foxreviews.workers import status as workers
from foxreviews.workers.models import TaskRun

Status = ImportRun.Status
RESULTS = (TaskRun.State.DONE, TaskRun.State.FAILED, TaskRun.State.LOCKED)
OUTCOMES = ("created", "updated", "unchanged", "duplicates", "rejected", "blank", "skipped")


@dataclass(frozen=True)
class DatabaseState:
    """Rows as the server's statistics estimate them, sizes with indexes in bytes, sessions of the whole server.

    `data_directory` is None where the account may not see it.
    """

    entreprises: int | None
    villes: int | None
    entreprises_bytes: int | None
    villes_bytes: int | None
    database_bytes: int
    connections: int
    max_connections: int
    data_directory: str | None


def read_database_state() -> DatabaseState:
    """As it is now, in a few milliseconds: no row is counted."""
    return DatabaseState(**sql.rows(sql.load(__file__, "state"))[0])


class Gauges(Collector):
    """Read at each scrape. Where the database does not answer, database_up is 0 and what is in it is left out."""

    def collect(self) -> Iterator[Metric]:
        data_directory = None
        try:
            reach_database()
            found = list(_of_database(state := read_database_state()))
            data_directory = state.data_directory
        except Error:
            found = []
        yield _gauge("database_up", "Whether the database answers.", bool(found))
        yield from found
        yield from _replicas()
        yield from _backups()
        yield from _disks(data_directory)


def _of_database(state: DatabaseState) -> Iterator[Metric]:
    yield from _sizes(state)
    pending = pending_migrations()
    yield _gauge("migrations_pending", "Migrations that the database has not seen.", pending)
    if not pending:
        yield from _index()
        yield from _last_import()
        yield from _tasks()


def _sizes(state: DatabaseState) -> Iterator[Metric]:
    rows = {"enterprise_entreprise": state.entreprises, "location_ville": state.villes}
    size = {"enterprise_entreprise": state.entreprises_bytes, "location_ville": state.villes_bytes}
    yield _labelled("rows", "Rows, as the server's statistics estimate them.", "table", rows)
    yield _labelled("table_bytes", "Size of a table with its indexes.", "table", size)
    yield _gauge("database_bytes", "Size of the database.", state.database_bytes)
    yield _gauge("database_connections", "Sessions of the database server.", state.connections)
    yield _gauge("database_max_connections", "Sessions that it accepts.", state.max_connections)


def _replicas() -> Iterator[Metric]:
    """As the worker that answers knows them, from its last looks."""
    if (guard := replicas.guard) is None:
        return
    known = guard.replicas
    is_read = {each.alias: int(not guard.why_out(each)) for each in known}
    behind = {each.alias: max(0.0, each.look.began - guard.as_of(each)) for each in known if each.look.row}
    position = guard.primary.look.position
    lacking = {each.alias: max(0, position - each.look.position) for each in known if each.look.row}
    yield _labelled("replica_up", "Whether requests are sent to it.", "replica", is_read)
    yield _labelled("replica_lag_seconds", "How old what it shows is at most.", "replica", behind)
    yield _labelled("replica_lag_bytes", "What it lacks of the primary's log.", "replica", lacking)


def _index() -> Iterator[Metric]:
    if settings.SEARCH_ENGINE == "postgres":
        return
    lag = read_lag()
    yield _gauge("search_index_ready", "Whether the index answers searches.", not lag.why)
    yield _gauge("indexer_up", "Whether a process keeps the index in sync.", lag.indexer_up)
    yield _gauge("search_index_documents", "Companies in the index.", lag.documents)
    yield _gauge("search_index_lag_changes", "Changes that are not in the index yet.", lag.changes)
    yield _gauge("search_index_lag_seconds", "Age of the oldest of these changes.", lag.seconds)
    if settings.SEARCH_ENGINE == "opensearch":
        yield _gauge(
            "search_cluster_nodes", "Nodes of the search cluster, 0 where it does not answer.", lag.nodes
        )
        colours = {colour: int(colour == lag.colour) for colour in ("green", "yellow", "red")}
        text = "Its word for the state of the index that answers."
        yield _labelled("search_cluster_status", text, "colour", colours)


def _last_import() -> Iterator[Metric]:
    ended = ImportRun.objects.exclude(status=Status.RUNNING).order_by("-id").first()
    if ended is None:
        return
    yield _gauge("last_import_failed", "Whether the last import failed.", ended.status == Status.FAILED)
    done = ImportRun.objects.filter(status=Status.DONE).order_by("-id").first()
    if done and done.finished_at:
        at = done.finished_at.timestamp()
        yield _gauge("last_import_timestamp_seconds", "When an import last succeeded.", at)
        counts = {outcome: done.report.get(outcome) for outcome in OUTCOMES}
        yield _labelled("last_import_records", "What became of its records.", "outcome", counts)


def _tasks() -> Iterator[Metric]:
    """Of Celery, where there is a broker. Runs and their time are those of the ledger."""
    if not settings.CELERY_BROKER_URL:
        return
    waiting = workers.queue_length()
    yield _gauge("broker_up", "Whether the broker of the workers answers.", waiting is not None)
    if waiting is not None:
        yield _gauge("tasks_waiting", "Tasks that no worker has taken.", waiting)
    runs = CounterMetricFamily("foxreviews_tasks", "Tasks that have ended.", labels=["task", "result"])
    seconds = CounterMetricFamily("foxreviews_task_seconds", "How long they took.", labels=["task"])
    running = GaugeMetricFamily("foxreviews_tasks_running", "Tasks that run.", labels=["task"])
    ended: dict[str, dict[str, int]] = {}
    taken: Counter[str] = Counter()
    for row in workers.counts():
        results = ended.setdefault(row["name"], dict.fromkeys(RESULTS, 0))  # a rate needs a first 0
        if row["state"] == TaskRun.State.RUNNING:
            running.add_metric([row["name"]], row["runs"])
        else:
            results[row["state"]] = row["runs"]
        taken[row["name"]] += row["seconds"]
    for name, results in ended.items():
        seconds.add_metric([name], taken[name])
        for result, count in results.items():
            runs.add_metric([name, result], count)
    yield from (runs, seconds, running)


def _backups() -> Iterator[Metric]:
    """In BACKUP_DIR on this machine."""
    backups = list_backups(settings.BACKUP_DIR)
    if complete := next((backup for backup in backups if backup.is_complete), None):
        at = complete.made_at.timestamp()
        yield _gauge("last_backup_timestamp_seconds", "The moment that the newest complete backup shows.", at)
        yield _gauge("last_backup_bytes", "Its size.", complete.bytes)
    proven = [backup.drill.at for backup in backups if backup.drill and backup.drill.held]
    if proven:
        at = max(map(datetime.fromisoformat, proven)).timestamp()
        yield _gauge(
            "last_restore_drill_timestamp_seconds", "When a backup was last proven by a restore.", at
        )


def _disks(data_directory: str | None) -> Iterator[Metric]:
    """Of the folders that this machine has; the database's may be on another one."""
    folders = {"search_index": settings.SEARCH_INDEX_DIR, "logs": settings.LOG_DIR}
    if data_directory and Path(data_directory).is_dir():
        folders["database"] = Path(data_directory)
    disks = {name: files.disk_space(folder) for name, folder in folders.items()}
    free = {name: disk.free for name, disk in disks.items()}
    total = {name: disk.total for name, disk in disks.items()}
    yield _labelled("disk_free_bytes", "Free space of the disk with this volume.", "volume", free)
    yield _labelled("disk_bytes", "Size of the disk with this volume.", "volume", total)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"foxreviews_{name}", text, value=float(value))


def _labelled(name: str, text: str, label: str, values: Mapping[str, float | None]) -> Metric:
    """Values that are not known are left out."""
    metric = GaugeMetricFamily(f"foxreviews_{name}", text, labels=[label])
    for key, value in values.items():
        if value is not None:
            metric.add_metric([key], float(value))
    return metric
