"""The ledger of imports: what was run, and what became of every record."""

from django.db import models
from django.db.models.functions import Now

LOCK = "import_entreprises"  # the advisory lock of imports, of either kind: one at a time
REJECT_COLUMNS = ("line", "reason", "column", "raw", "offset")  # of a file of rejects


class ImportRun(models.Model):
    """One import that wrote to the database (a dry run leaves no trace)."""

    class Status(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    source = models.CharField(max_length=500, help_text="The file as named on the command line.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RUNNING)
    started_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    report = models.JSONField(default=dict, help_text="What --report writes.")

    class Meta:
        verbose_name = "import run"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"import {self.pk} of {self.source}: {self.status}"


class RegisterBlock(models.Model):
    """Which SIREN the last full file of the register had, and which only earlier ones: see load.last_register."""

    number = models.PositiveSmallIntegerField(primary_key=True, help_text="Of a block of 1,048,576 SIREN.")
    last = models.BinaryField(help_text="The bits of those in the last full file, deflated.")
    gone = models.BinaryField(help_text="The bits of those that an earlier one had, deflated.")

    class Meta:
        db_table = "register_block"  # what is named importing_… and is no ledger is left over from an import
        verbose_name = "part of the register"

    def __str__(self) -> str:
        return f"register, block {self.number}"


class ImportReject(models.Model):
    """A record that was not loaded, and why."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rejects", db_index=False)  # see Meta
    line = models.PositiveBigIntegerField(
        help_text="The number of the record's first line in the file; the header is line 1."
    )
    offset = models.PositiveBigIntegerField(help_text="Bytes of text before the record.")
    reason = models.CharField(max_length=40)
    column = models.CharField(max_length=40, blank=True, default="")
    raw = models.TextField(help_text="The record as it stands in the file.")

    class Meta:
        verbose_name = "rejected record"
        ordering = ["id"]
        indexes = [
            # the admin's list of a run, the rejects file of a resumed one
            models.Index(fields=["run", "id"], name="importing_reject_run_idx"),
            # the same list, of one reason
            models.Index(fields=["run", "reason", "id"], name="importing_reject_reason_idx"),
        ]

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"
