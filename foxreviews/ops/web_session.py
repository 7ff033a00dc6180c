"""The session of a web worker, for a while: what it asks of PostgreSQL changes which plan a query gets."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.conf import settings
from django.db import connection
from psycopg import sql


def asked() -> dict[str, str]:
    """The settings in WEB_SESSION."""
    return dict(re.findall(r"-c (\w+)=(\S+)", settings.WEB_SESSION))


@contextmanager
def web_session(also: Mapping[str, str] | None = None) -> Iterator[None]:
    """Let our session have the settings of a web worker's, and `also` these, while the block runs."""
    chosen = asked() | dict(also or {})
    with connection.cursor() as cursor:
        for name, value in chosen.items():
            cursor.execute("SELECT set_config(%s, %s, false)", [name, value])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for name in chosen:
                cursor.execute(sql.SQL("RESET {}").format(sql.Identifier(name)))
