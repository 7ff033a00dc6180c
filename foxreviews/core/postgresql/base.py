"""Django looks for the class by this name, in a module of this name."""

import select
import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg_pool import PoolTimeout

from foxreviews.core.server_watch import ServerWatch
from foxreviews.core.trace import waited_for_connection


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks for no connection while the server hangs: a request fails at once, where the pool would let it wait.

    A connection that the server has ended is replaced. Its socket is looked at for that: to ask the server each time
    (CONN_HEALTH_CHECKS) took a fifth of all that the answer to a SIREN costs.
    """

    @property
    def watch(self) -> ServerWatch:
        """Of this server: a replica has another than the primary."""
        watch: ServerWatch = self.settings_dict["OPTIONS"]["pool"]["connection_class"].watch
        return watch

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self.watch.require_answer()
        self.watch.parameters = conn_params
        started = time.perf_counter()
        try:
            made = super().get_new_connection(conn_params)
            while _is_ended(made):
                made.close()
                self.pool.putconn(made)  # type: ignore[attr-defined]  # django-stubs leave it out
                made = super().get_new_connection(conn_params)
        except PoolTimeout:
            self.watch.look()
            raise
        finally:
            waited_for_connection(time.perf_counter() - started)
        return made


def _is_ended(connection: Any) -> bool:
    """Whether the server is gone. It is asked only if it has said something without being asked."""
    said = select.poll()
    said.register(connection.fileno(), select.POLLIN)
    if not said.poll(0):
        return False
    try:
        connection.execute("")
    except psycopg.OperationalError:
        return True
    return False
