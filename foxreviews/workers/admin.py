"""The ledger of tasks in Django's admin, read-only."""

from django.contrib import admin

from foxreviews.importing.admin import ReadOnly
from foxreviews.workers.models import TaskRun


@admin.register(TaskRun)
class TaskRunAdmin(ReadOnly):
    """The tasks, the last delivered first."""

    list_display = ["name", "state", "started_at", "finished_at", "deliveries", "worker", "message"]
    list_filter = ["state", "name"]
    fields = ["name", "arguments", "state", "message", "started_at", "finished_at", "deliveries", "worker"]
