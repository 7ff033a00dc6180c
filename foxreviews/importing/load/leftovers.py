"""Tables of an import that was killed, and that no import can go on with."""

from django.db import connection

from foxreviews.importing.load import checkpoint
from foxreviews.importing.load.staging import COMPANIES, HEAD_OFFICES, LEGAL_UNITS


def remove() -> None:
    """Remove them. The caller holds the lock of imports, so they are nobody's.

    The companies of a CSV file stay beside their checkpoint: the same command goes on with them.
    """
    tables = [LEGAL_UNITS, HEAD_OFFICES]
    if checkpoint.load() is None:
        tables += [COMPANIES, checkpoint.TABLE]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(tables)}")
