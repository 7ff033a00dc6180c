"""The ledger of tasks: what was delivered, how often, and what became of it."""

from django.db import models
from django.db.models.functions import Now


class TaskRun(models.Model):
    """One task, by Celery's id of it; delivered again it is the same row."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        LOCKED = "locked"  # another run was doing the same, which is no failure

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=40, db_collation="C")
    arguments = models.JSONField(default=list, help_text="As on the command line.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING, db_collation="C")
    deliveries = models.PositiveSmallIntegerField(default=1)
    worker = models.CharField(max_length=255, default="", blank=True, help_text="The name of its node.")
    message = models.TextField(default="", blank=True, help_text="Why it failed.")
    started_at = models.DateTimeField(db_default=Now(), help_text="When it was last delivered.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "task"
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"
