"""Celery, where CELERY_BROKER_URL is set: `celery -A config worker`, `celery -A config beat`.

Nothing else of the project imports it: without a broker Celery is not loaded.
"""

import os

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

if not settings.CELERY_BROKER_URL:
    raise SystemExit(
        "CELERY_BROKER_URL is not set: see docs/howto/workers.md. Without a broker, timers do the same."
    )

import foxreviews.workers.tasks  # noqa: E402, F401 - the models are loaded now
from foxreviews.workers.app import app  # noqa: E402

__all__ = ["app"]
