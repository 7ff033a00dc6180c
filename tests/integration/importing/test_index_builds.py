"""The builds of indexes, when they are interrupted."""

import signal
import threading
from collections.abc import Iterator

import psycopg
import pytest
from django.db import OperationalError, connection

from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.load import secondary_indexes
from tests.waiting import DEADLINE, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'CREATE INDEX%'
"""


WRITING = """
    SELECT count(*) FROM pg_locks
    WHERE relation = 'enterprise_entreprise'::regclass AND mode = 'RowExclusiveLock'
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
        writer.execute(f"SET idle_in_transaction_session_timeout = '{DEADLINE:.0f} s'")
        with writer.transaction():
            writer.execute("LOCK TABLE enterprise_entreprise IN ROW EXCLUSIVE MODE")
            yield observer
    secondary_indexes.build(secondary_indexes.missing(), lambda *_: None)


def wait_for_builders(observer: psycopg.Connection) -> int:
    """The process id of one of them, once both wait."""

    def waiting() -> list[tuple[int]]:
        return observer.execute(WAITING).fetchall()

    wait_until(lambda: len(waiting()) >= secondary_indexes.BUILDERS, "the builders do not wait")
    return waiting()[0][0]


def test_ctrl_c_ends_them_while_they_wait(observer: psycopg.Connection) -> None:
    def press_ctrl_c() -> None:
        wait_for_builders(observer)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    signal.siginterrupt(signal.SIGINT, True)  # as every command does
    threading.Thread(target=press_ctrl_c).start()
    with pytest.raises(KeyboardInterrupt):
        secondary_indexes.build(secondary_indexes.missing(), lambda *_: None)
    assert observer.execute(WRITING).fetchone() == (1,), "what they wait for is still there"
    assert observer.execute(WAITING).fetchall() == []


def test_a_lost_session_is_an_error_of_the_database_like_any_other(observer: psycopg.Connection) -> None:
    def terminate() -> None:
        observer.execute("SELECT pg_terminate_backend(%s)", [wait_for_builders(observer)])

    threading.Thread(target=terminate).start()
    with pytest.raises(OperationalError, match="terminating connection"):
        secondary_indexes.build(secondary_indexes.missing(), lambda *_: None)
    assert observer.execute(WAITING).fetchall() == []
