"""Which streaming replicas of settings.DATABASE_REPLICA_URLS may be read: each server is looked at once a second.

docs/decisions/0019-read-replicas.md says what is promised; core.postgresql.routing sends requests to them.
"""

import logging
from collections import deque
from math import inf
from random import random
from threading import Thread
from time import monotonic, sleep
from typing import Any, NamedTuple

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.rows import namedtuple_row

from foxreviews.core import sql

logger = logging.getLogger(__name__)
LOOK = sql.load(__file__, "look")
LOOK_SECONDS, SILENT_SECONDS = 1.0, 3.0  # between two looks; without a look that was answered


class Look(NamedTuple):
    """When a look began and ended (monotonic), and its row (sql/look.sql)."""

    began: float = -inf
    row: Any = None
    ended: float = -inf

    @property
    def position(self) -> int:
        return int(self.row.position) if self.row else 0


class Server:
    """The primary or a replica, looked at by a thread of its own: one that hangs delays no other look."""

    def __init__(self, alias: str, weight: int = 0) -> None:
        self.alias, self.weight = alias, weight
        self.look, self.why, self.is_out = Look(), "was not looked at yet", True
        self.history: deque[tuple[float, int]] = deque(maxlen=settings.MAX_REPLICA_LAG + 60)
        self.rejected: Any = None  # the start of a server that had what the primary has not
        self._session: psycopg.Connection[Any] | None = None

    def look_on(self) -> None:
        while True:
            began = monotonic()
            try:
                self.look, self.why = Look(began, self._ask(), monotonic()), ""
            except psycopg.Error as error:
                self.why, self._session = f"does not answer: {type(error).__name__}", None
            # A primary that does not answer is taken to stand still where it was last.
            self.history.append((began, self.look.position))
            sleep(LOOK_SECONDS)

    def why_silent(self) -> str:
        return self.why or ("does not answer" if monotonic() - self.look.began > SILENT_SECONDS else "")

    def _ask(self) -> Any:
        if self._session is None:  # not from the pool, whose connections are for requests
            wrapper = connections[self.alias]
            kind = wrapper.settings_dict["OPTIONS"]["pool"]["connection_class"]
            kind.watch.parameters = parameters = wrapper.get_connection_params()
            wrapper.pool.open()  # type: ignore[attr-defined]  # it fills meanwhile; django-stubs leave it out
            self._session = kind.connect(**parameters, autocommit=True)
        return self._session.cursor(row_factory=namedtuple_row).execute(LOOK).fetchone()


class Guard:
    """Which replicas may be read, by the last look at each server."""

    def __init__(self) -> None:
        self.primary = Server(DEFAULT_DB_ALIAS)
        self.replicas = [Server(alias, weight) for alias, weight in settings.REPLICA_WEIGHTS.items()]
        for server in (self.primary, *self.replicas):
            Thread(target=server.look_on, name=f"look-{server.alias}", daemon=True).start()

    def readable(self) -> list[Server]:
        """In an order by weight and chance."""
        whys = {replica: self.why_out(replica) for replica in self.replicas}
        for replica, why in whys.items():
            if replica.is_out != bool(why):
                replica.is_out = bool(why)
                logger.warning("%s %s", replica.alias, why or "is read")
        there = [replica for replica, why in whys.items() if not why]
        return sorted(there, key=lambda each: random() ** (1 / each.weight), reverse=True)  # noqa: S311

    def why_out(self, replica: Server) -> str:
        """Why it is not read; "" where it is."""
        return replica.why_silent() or self._why_foreign(replica) or self._why_old(replica)

    def as_of(self, replica: Server) -> float:
        """A moment (monotonic): the replica has everything that the primary had committed by then."""
        history = reversed(list(self.primary.history))
        return next((at for at, position in history if position <= replica.look.position), -inf)

    def _why_foreign(self, replica: Server) -> str:
        """Why it is no standby of the primary, as far as that answers."""
        look, primary = replica.look, self.primary.look
        if not look.row.is_standby:
            return "is no standby: it was promoted"
        if self.primary.why:
            return ""
        if look.row.system != primary.row.system or look.row.timeline > primary.row.timeline:
            return "is of another cluster or a later timeline"
        if look.ended <= primary.began and look.position > primary.position:
            replica.rejected = look.row.started
        return "has what the primary has not" if replica.rejected == look.row.started else ""

    def _why_old(self, replica: Server) -> str:
        if not self.primary.history:
            return "cannot be compared with the primary yet"
        now, heard = monotonic(), self.primary.history[-1][0]
        # A look at the primary that takes long is not yet one that failed: no replica is older for that.
        behind = (now if now - heard < SILENT_SECONDS else heard) - self.as_of(replica)
        return f"is {behind:,.0f} s behind" if behind > settings.MAX_REPLICA_LAG else ""


guard: Guard | None = None  # of a web worker where replicas are set


def watch() -> None:
    """Look at the servers from now on, once in a process."""
    global guard  # noqa: PLW0603 - one for the process
    guard = guard or Guard()
