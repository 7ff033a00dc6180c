"""The session of a web worker, for a while: what it asks of PostgreSQL changes which plan a query gets."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.signals import connection_created
from psycopg import sql


def asked() -> dict[str, str]:
    """The settings in WEB_SESSION."""
    return dict(re.findall(r"-c (\w+)=(\S+)", settings.WEB_SESSION))


@contextmanager
def web_session(also: Mapping[str, str] | None = None) -> Iterator[None]:
    """Let our session have the settings of a web worker's, and `also` these, while the block runs."""
    chosen = asked() | dict(also or {})

    def ask(**_signal: Any) -> None:
        with connection.cursor() as cursor:
            for name, value in chosen.items():
                cursor.execute("SELECT set_config(%s, %s, false)", [name, value])

    ask()
    connection_created.connect(ask)  # also of a server that is started anew meanwhile
    try:
        yield
    finally:
        connection_created.disconnect(ask)
        with connection.cursor() as cursor:
            for name in chosen:
                cursor.execute(sql.SQL("RESET {}").format(sql.Identifier(name)))
