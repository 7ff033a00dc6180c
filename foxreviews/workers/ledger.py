"""What became of each task. It is in the database, so it outlives a broker that forgets.

Celery delivers a task at least once. A second delivery finds here whether the first has ended; and a worker that starts
finds what the one before it, which was killed, has left running.
"""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from psycopg.types.json import Jsonb

from foxreviews.core import sql
from foxreviews.workers.models import TaskRun

State = TaskRun.State


def begin(task_id: str, name: str, arguments: list[Any], worker: str) -> int | None:
    """How often the task has been delivered, this time included; None where it has ended before."""
    parameters = {"id": task_id, "name": name, "arguments": Jsonb(arguments), "worker": worker}
    found = sql.rows(sql.load(__file__, "begin"), parameters)
    return int(found[0]["deliveries"]) if found else None


def has_ended(task_id: str) -> bool:
    """Whether a delivery of it has come to its end meanwhile."""
    return TaskRun.objects.filter(pk=task_id, state__in=[State.DONE, State.FAILED]).exists()


def end(task_id: str, state: TaskRun.State, message: str = "") -> None:
    """Note how it ended."""
    TaskRun.objects.filter(pk=task_id).update(state=state, message=message, finished_at=timezone.now())


def orphans(worker: str) -> QuerySet[TaskRun]:
    """What a node of that name, which is starting, was running when it was killed."""
    return TaskRun.objects.filter(worker=worker, state=State.RUNNING).order_by("started_at")
