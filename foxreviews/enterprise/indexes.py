"""Indexes under the names that the scaling plan gives them.

Django refuses names over 30 characters, for a database that the project does not use; PostgreSQL takes 63.
"""

from django.contrib.postgres.indexes import GinIndex
from django.db import models

POSTGRES_NAME_LENGTH = 63


class BTreeIndex(models.Index):
    """A b-tree index with a name of up to 63 characters."""

    max_name_length = POSTGRES_NAME_LENGTH


class TrigramIndex(GinIndex):
    """A GIN index over the trigrams of one text column, with a name of up to 63 characters.

    fastupdate is off: pending lists move the cost of a write onto the next reader.
    """

    max_name_length = POSTGRES_NAME_LENGTH

    def __init__(
        self, *, fields: list[str], name: str, opclasses: list[str] | None = None, fastupdate: bool = False
    ) -> None:
        super().__init__(
            fields=fields, name=name, opclasses=opclasses or ["gin_trgm_ops"], fastupdate=fastupdate
        )
