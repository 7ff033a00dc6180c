"""The statements of this room, by name."""

from collections.abc import Mapping
from typing import Any

from foxreviews.core import sql
from foxreviews.core.sql import value

__all__ = ["rows", "value"]


def rows(name: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """What sql/`name`.sql finds, a dictionary of its columns for each row."""
    return sql.rows(sql.load(__file__, name), parameters)
