"""The statements of this room, by name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foxreviews.core import sql
from foxreviews.core.sql import value

__all__ = ["rows", "value"]
FOLDER = Path(__file__).parent / "sql"


def rows(name: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """What sql/`name`.sql finds, a dictionary of its columns for each row."""
    return sql.rows(FOLDER / f"{name}.sql", parameters)
