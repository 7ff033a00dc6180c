"""The statements of this room: each in a file of its own in sql/, its rows as dictionaries."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import connection

FOLDER = Path(__file__).parent / "sql"


def rows(name: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """What sql/`name`.sql finds, a dictionary of its columns for each row."""
    with connection.cursor() as cursor:
        cursor.execute((FOLDER / f"{name}.sql").read_text(), parameters)
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def value(statement: str, *parameters: Any) -> Any:
    """The one value that a short statement finds."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchone()[0]
