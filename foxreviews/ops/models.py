"""What the service did, a sample every few minutes: what `manage.py scaling` judges by."""

from django.db import models


class Sample(models.Model):
    """The `seconds` before `taken_at`. Old samples are merged, so that a year is some hundred rows (ops.samples)."""

    taken_at = models.DateTimeField(unique=True)
    seconds = models.FloatField(help_text="How long it is of; 0 for a first sample.")
    pages = models.JSONField(
        default=dict, help_text="ops.latency.Latency of requests to the API and its pages."
    )
    searches = models.JSONField(default=dict, help_text="The same of searches, by engine.")
    fallbacks = models.PositiveIntegerField(
        default=0, help_text="Searches PostgreSQL answered for the index."
    )
    cpu = models.FloatField(
        null=True, help_text="The database server's share of this machine's cores, 0 to 1."
    )
    cpu_peak = models.FloatField(null=True, help_text="The highest of the samples that were merged.")
    active = models.FloatField(null=True, help_text="Statements at work at once, on average.")
    connections = models.PositiveIntegerField(help_text="The most sessions of the database server.")
    rows = models.BigIntegerField(help_text="Companies, as the server's statistics estimate them.")
    bytes = models.BigIntegerField(help_text="Size of the database.")
    counters = models.JSONField(
        default=dict, help_text="Of the newest sample: what the next one is counted from."
    )

    class Meta:
        ordering = ["taken_at"]

    def __str__(self) -> str:
        return f"{self.seconds:.0f} s before {self.taken_at:%Y-%m-%d %H:%M}"
