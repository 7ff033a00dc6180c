"""What is due when, as the timers of deploy/systemd have it, for Celery's beat.

Beat keeps when each was last sent, so what was due while it was away is sent when it is back, once. What no worker has
taken when the next one is nearly due is dropped.
"""

from typing import Any

from django.conf import settings

QUEUE = "foxreviews"
PREFIX = "foxreviews."  # of the names of tasks
HOUR = 3600
DAY = 24 * HOUR


def beat_schedule() -> dict[str, dict[str, Any]]:
    """By the name of the task; times are those of the site's zone."""
    from celery.schedules import crontab  # noqa: PLC0415 - status.py needs the names above, and no Celery

    due: dict[str, tuple[Any, list[str], int]] = {
        "backup": (crontab(hour=3, minute=30), [], 20 * HOUR),
        "restore_drill": (crontab(day_of_week="sun", hour=4, minute=30), [], 6 * DAY),
        "maintain": (crontab(day_of_week="sun", hour=5, minute=30), [], 6 * DAY),
        "reload": (crontab(day_of_month=3, hour=2, minute=0), [], 20 * DAY),
    }
    if settings.DESCRIPTION_URL:
        due["describe"] = (crontab(hour=6, minute=30), ["--fill"], 20 * HOUR)
    return {
        name: {"task": PREFIX + name, "schedule": when, "args": arguments, "options": {"expires": expires}}
        for name, (when, arguments, expires) in due.items()
    }
