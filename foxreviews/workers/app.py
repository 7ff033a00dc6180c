"""Celery's settings, and the log of its processes."""

import logging

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

from foxreviews.core.progress import open_log
from foxreviews.workers.schedule import QUEUE, beat_schedule

MAX_HOURS = 12  # of a task: a reload of the whole register
# A task that no worker has acknowledged for so long is delivered again: longer than the longest may take, so that one
# that still runs is not. What a killed worker has left comes back sooner: workers.tasks.hand_back.
VISIBILITY_SECONDS = (MAX_HOURS + 1) * 3600
AT_ONCE = (
    2  # tasks of a worker: a backup does not wait for an import. Commands that exclude each other have locks.
)

app = Celery("foxreviews")
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": VISIBILITY_SECONDS},
    task_default_queue=QUEUE,
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,  # the ledger has it
    # Delivered until it has ended: a worker that is killed loses nothing.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_cancel_long_running_tasks_on_connection_loss=False,  # the locks hold, and the ledger says that it has ended
    worker_prefetch_multiplier=1,
    worker_concurrency=AT_ONCE,
    worker_max_tasks_per_child=1,  # an import's memory goes back to the machine
    worker_redirect_stdouts=False,
    timezone=settings.TIME_ZONE,
    beat_schedule=beat_schedule(),
)


def _set_up_logging(**_signal: object) -> None:
    """To logs/celery.log, and to stderr as Django's LOGGING has it."""
    log = logging.getLogger("celery")
    log.setLevel(logging.INFO)
    for handler in open_log(settings.LOG_DIR, "celery").handlers:
        log.addHandler(handler)


setup_logging.connect(_set_up_logging, weak=False)  # so Celery sets up none itself
