"""Statements in files of their own: each room keeps them in a folder sql/ beside their users."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import connection


def rows(path: Path, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """What the statement in the file finds, a dictionary of its columns for each row."""
    with connection.cursor() as cursor:
        cursor.execute(path.read_text(), parameters)
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def value(statement: str, *parameters: Any) -> Any:
    """The one value that a short statement finds."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchone()[0]
