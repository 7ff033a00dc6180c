"""The builds of indexes, when they are interrupted."""

import signal
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.db import OperationalError, connection

from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.load import secondary_indexes as indexes

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 15.0  # seconds
WAITING = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'CREATE INDEX%'
"""


def connect() -> psycopg.Connection:
    parameters = {k: v for k, v in connection.get_connection_params().items() if k not in {"pool", "context"}}
    return psycopg.connect(**parameters, autocommit=True)


@pytest.fixture
def observer() -> Iterator[psycopg.Connection]:
    """A session that looks on while another one writes and does not commit, which the builds wait for."""
    with connection.cursor() as cursor:
        for index in Entreprise._meta.indexes:
            cursor.execute(f'DROP INDEX "{index.name}"')
    with connect() as observer, connect() as writer:
        writer.execute(f"SET idle_in_transaction_session_timeout = '{PATIENCE:.0f} s'")
        with writer.transaction():
            writer.execute("LOCK TABLE enterprise_entreprise IN ROW EXCLUSIVE MODE")
            yield observer
    indexes.build(indexes.missing(), lambda _: None)


def wait_for_builders(observer: psycopg.Connection) -> int:
    """The process id of one of them, once both wait."""
    limit = time.monotonic() + PATIENCE
    while len(waiting := observer.execute(WAITING).fetchall()) < indexes.BUILDERS:
        assert time.monotonic() < limit
        time.sleep(0.02)
    return int(waiting[0][0])


def test_ctrl_c_ends_them_at_once(observer: psycopg.Connection) -> None:
    def press_ctrl_c() -> None:
        wait_for_builders(observer)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    signal.siginterrupt(signal.SIGINT, True)  # as every command does
    started = time.monotonic()
    threading.Thread(target=press_ctrl_c).start()
    with pytest.raises(KeyboardInterrupt):
        indexes.build(indexes.missing(), lambda _: None)
    assert time.monotonic() - started < PATIENCE / 2
    assert observer.execute(WAITING).fetchall() == []


def test_a_lost_session_is_an_error_of_the_database_like_any_other(observer: psycopg.Connection) -> None:
    def terminate() -> None:
        observer.execute("SELECT pg_terminate_backend(%s)", [wait_for_builders(observer)])

    threading.Thread(target=terminate).start()
    with pytest.raises(OperationalError, match="terminating connection"):
        indexes.build(indexes.missing(), lambda _: None)
    assert observer.execute(WAITING).fetchall() == []
