"""The connections that the threads of a web worker share."""

from typing import Any, cast

from django.db import connection
from psycopg_pool import ConnectionPool


def connection_pool() -> "ConnectionPool[Any] | None":
    """Django's own pool; None in a command, which has one connection."""
    return cast("ConnectionPool[Any] | None", getattr(connection, "pool", None))
