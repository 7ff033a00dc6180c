"""Whether a broker is configured and answers, whether a worker does, and what of their tasks failed last."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast

from django.conf import settings

from foxreviews.core import clock, sql
from foxreviews.core.findings import Finding, Severity
from foxreviews.workers.models import TaskRun
from foxreviews.workers.schedule import QUEUE

BROKER_SECONDS = 1.0  # for one answer
WORKER_SECONDS = 2.0  # a worker that answers does so at once; one that is being started does not yet
QUEUE_THRESHOLD = 10  # tasks: each is due once a day at most


def queue_length() -> int | None:
    """Tasks that no worker has taken; None where the broker does not answer."""
    import redis  # noqa: PLC0415 - only where there is a broker

    client = redis.Redis.from_url(
        settings.CELERY_BROKER_URL, socket_timeout=BROKER_SECONDS, socket_connect_timeout=BROKER_SECONDS
    )
    with suppress(redis.RedisError), client:
        return cast("int", client.llen(QUEUE))  # it is not the asynchronous client
    return None


def workers() -> list[str]:
    """The names of the nodes that answer."""
    from foxreviews.workers.app import app  # noqa: PLC0415 - only where there is a broker

    with app.connection_for_read() as connection:
        answers: list[dict[str, Any]] = app.control.ping(timeout=WORKER_SECONDS, connection=connection)
    return sorted(name for answer in answers for name in answer)


def counts() -> list[dict[str, Any]]:
    """name, state, runs, seconds."""
    return sql.rows(sql.load(__file__, "counts"))


def check() -> Iterator[Finding]:
    """Nothing where no broker is configured: commands and timers do all."""
    if not settings.CELERY_BROKER_URL:
        return
    waiting = queue_length()
    if waiting is None:
        yield Finding(
            "broker", Severity.ERROR, "does not answer", "Nothing that is due is run, and nothing can be queued.",
            "sudo systemctl start redis-server",
        )  # fmt: skip
    else:
        yield _queue(waiting)
        yield _workers(workers())
    yield from _failed()


def _queue(waiting: int) -> Finding:
    found = f"answers, {waiting:,} tasks wait"
    if waiting <= QUEUE_THRESHOLD:
        return Finding("broker", Severity.OK, found, figures={"waiting": waiting})
    why = "No worker takes them, or each takes long."
    return Finding(
        "broker", Severity.WARNING, found, why, "celery -A config inspect active", {"waiting": waiting}
    )


def _workers(names: list[str]) -> Finding:
    if names:
        return Finding("workers", Severity.OK, f"{', '.join(names)} answers", figures={"workers": names})
    why = "What is due waits in the queue, and is dropped when it is due again."
    return Finding("workers", Severity.WARNING, "none answers", why, "sudo systemctl start foxreviews-worker")


def _failed() -> Iterator[Finding]:
    """Of each task whose last run has failed."""
    ended = TaskRun.objects.exclude(state=TaskRun.State.RUNNING).exclude(state=TaskRun.State.LOCKED)
    for run in ended.order_by("name", "-started_at").distinct("name"):
        if run.state == TaskRun.State.FAILED:
            found = f"failed, {clock.local(run.started_at)}: {run.message}"
            words = " ".join(["manage.py", run.name, *map(str, run.arguments)])
            fix = "sh deploy/reload" if run.name == "reload" else words
            yield Finding(
                f"task {run.name}", Severity.WARNING, found, "It is tried again when it is next due.", fix
            )
