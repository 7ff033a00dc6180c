"""How large the directory is, and how busy its database: read in a few milliseconds, counting no row."""

from dataclasses import dataclass
from pathlib import Path

from foxreviews.core import sql

STATE = Path(__file__).parent / "sql" / "state.sql"


@dataclass(frozen=True)
class DatabaseState:
    """Rows as the server's statistics estimate them, sizes with indexes, in bytes.

    `active_seconds` is what all sessions have spent on statements since the statistics were reset; `connections` is
    of the whole server. `data_directory` is None where the account may not know it.
    """

    entreprises: int | None
    villes: int | None
    entreprises_bytes: int | None
    villes_bytes: int | None
    database_bytes: int
    connections: int
    max_connections: int
    active_seconds: float
    data_directory: str | None


def read_database_state() -> DatabaseState:
    """As it is now."""
    return DatabaseState(**sql.rows(STATE)[0])
