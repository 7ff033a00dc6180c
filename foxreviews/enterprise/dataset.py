"""The state of the directory that a session sees, as a number: how many statements have changed it so far.

The triggers of migrations/0017_dataset_change.sql count. A number is given once in the life of a database; another
database, such as one that was restored, has its own.
"""

from typing import NamedTuple

from django.db import connection

from foxreviews.core import sql

VERSION = sql.load(__file__, "dataset_version")


class DatasetState(NamedTuple):
    """What was counted, and the newest transaction that changed anything."""

    statements: int
    transaction: int


def state(position: str | None = None) -> DatasetState:
    """As the current statement sees the directory, or as a position of the change log (a snapshot) did."""
    return DatasetState(*sql.aside(VERSION, {"position": position}))


def note_change() -> None:
    """What is shown has changed, though no table of the directory has: an import has ended, say."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO dataset_change DEFAULT VALUES")
