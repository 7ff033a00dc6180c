"""What web workers have ready: connections to the database, and what first requests load."""

import select
from collections.abc import Iterator

import pytest
from django.db import connection

from config.warm_up import ADDRESSES, status_of
from foxreviews.core.postgresql.base import DatabaseWrapper
from foxreviews.core.server_watch import WatchedConnection
from tests.waiting import wait_until


@pytest.fixture
def web(db: None) -> Iterator[DatabaseWrapper]:
    pool = {"connection_class": WatchedConnection, "min_size": 1, "max_size": 1, "timeout": 30}
    options = {**connection.settings_dict["OPTIONS"], "pool": pool}
    made = DatabaseWrapper({**connection.settings_dict, "OPTIONS": options})
    yield made
    made.close()
    made.close_pool()


def backend(web: DatabaseWrapper) -> int:
    """The process of the server that answers, as a request finds it."""
    with web.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid: int = cursor.fetchone()[0]
    return pid


def end_request(web: DatabaseWrapper, *statements: str) -> None:
    """Give the connection back; wait until the server has said something on it because of the statements."""
    socket = web.connection.fileno()
    web.close()
    other = connection.copy()
    with other.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    other.close()
    if statements:
        wait_until(lambda: select.select([socket], [], [], 0)[0], "the server says nothing")


def test_a_connection_is_kept(web: DatabaseWrapper) -> None:
    kept = backend(web)
    end_request(web)
    assert backend(web) == kept


def test_a_connection_that_the_server_has_ended_is_replaced(web: DatabaseWrapper) -> None:
    ended = backend(web)
    end_request(web, f"SELECT pg_terminate_backend({ended})")
    assert backend(web) != ended


def test_a_connection_on_which_the_server_has_said_something_is_kept(web: DatabaseWrapper) -> None:
    kept = backend(web)
    with web.cursor() as cursor:
        cursor.execute("LISTEN something")
    end_request(web, "NOTIFY something")
    assert backend(web) == kept


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_worker_warms_up_with_pages_that_are_there(db: None, address: str) -> None:
    assert status_of(address) == 200
