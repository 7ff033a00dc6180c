"""Django looks for the class by this name, in a module of this name."""

import time
from typing import Any

from django.db.backends.postgresql import base
from psycopg_pool import PoolTimeout

from foxreviews.core.server_watch import watch
from foxreviews.core.trace import waited_for_connection


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks for no connection while the server hangs: a request fails at once, where the pool would let it wait."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        watch.require_answer()
        watch.parameters = conn_params
        started = time.perf_counter()
        try:
            return super().get_new_connection(conn_params)
        except PoolTimeout:
            watch.look()
            raise
        finally:
            waited_for_connection(time.perf_counter() - started)
