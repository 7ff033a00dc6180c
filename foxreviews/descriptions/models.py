"""What an endpoint has written, and how often it was asked. All of it can be thrown away and made again."""

from django.db import models
from django.db.models.functions import Now


class Description(models.Model):
    """An endpoint's answer about one company, town or trade: a text that holds, or why it does not."""

    pk = models.CompositePrimaryKey("kind", "key")
    kind = models.CharField(max_length=10, db_collation="C", help_text="entreprise, ville, activite.")
    key = models.CharField(max_length=9, db_collation="C", help_text="SIREN, INSEE code, NAF code.")
    facts = models.CharField(max_length=32, db_collation="C", help_text="Hash of the facts it was made from.")
    text = models.TextField(default="", db_default="", blank=True)
    refused = models.CharField(
        max_length=12, default="", db_default="", blank=True, help_text="Why the answer was thrown away."
    )
    model = models.CharField(max_length=100, default="", db_default="", blank=True)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "description"

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Day(models.Model):
    """How often the endpoint was asked on a day."""

    day = models.DateField(primary_key=True)
    requests = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = "day of descriptions"

    def __str__(self) -> str:
        return f"{self.day}: {self.requests}"
