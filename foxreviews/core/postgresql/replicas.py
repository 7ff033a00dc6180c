"""Reads of the API and of pages from streaming replicas, by weight: settings.DATABASE_REPLICA_URLS.

A request reads from one server, whole: meanwhile `connections["default"]`, which the ORM and every statement use, is
the connection to a replica. What fails there is answered again, by another replica or by the primary.
docs/decisions/0019-read-replicas.md says what is promised.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from random import random
from threading import Thread
from time import monotonic, sleep
from typing import Any, NamedTuple, TypeVar

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, OperationalError, connection, connections
from django.http import HttpRequest, HttpResponse
from psycopg.rows import namedtuple_row

from foxreviews.core import sql
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.trace import ANSWERED, BEHIND, FAILED_THERE, asked_replica

logger = logging.getLogger(__name__)
LOOK = sql.load(__file__, "look")
LOOK_SECONDS, SILENT_SECONDS = 1.0, 3.0  # between two looks; without a look that was answered
READS, POSTED_READS = {"GET", "HEAD", "OPTIONS"}, {"api-lots", "api-appariements", "api-reconciliation"}
REPLAYED, FLUSHED = "SELECT pg_last_wal_replay_lsn() - '0/0'", "SELECT pg_current_wal_flush_lsn() - '0/0'"
Answer = TypeVar("Answer")


class ReplicaBehindError(FoxreviewsError):
    """The replica has not come to where the client was, or the search index is: another server answers."""


class Look(NamedTuple):
    """When a look began and ended (monotonic), and its row (sql/look.sql)."""

    began: float = -inf
    ended: float = -inf
    row: Any = None

    @property
    def position(self) -> int:
        return int(self.row.position) if self.row else 0


class Server:
    """The primary or a replica, looked at once a second by a thread of its own: one that hangs delays no other look."""

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
                self.look, self.why = Look(began, row=self._ask())._replace(ended=monotonic()), ""
            except psycopg.Error as error:
                self.why, self._session = f"does not answer: {type(error).__name__}", None
            # A primary that does not answer is taken to stand still where it was last.
            self.history.append((began, self.look.position))
            sleep(LOOK_SECONDS)

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

    def as_of(self, replica: Server) -> float:
        """A moment (monotonic): the replica has everything that the primary had committed by then."""
        history = reversed(list(self.primary.history))
        return next((at for at, position in history if position <= replica.look.position), -inf)

    def why_out(self, replica: Server) -> str:  # noqa: PLR0911 - a reason after the other
        """Why it is not read; "" where it is."""
        look, primary = replica.look, self.primary.look
        if replica.why:
            return replica.why
        if monotonic() - look.began > SILENT_SECONDS:
            return "does not answer"
        if not look.row.is_standby:
            return "is no standby: it was promoted"
        if not self.primary.why:
            if look.row.system != primary.row.system or look.row.timeline > primary.row.timeline:
                return "is of another cluster or a later timeline"
            if look.ended <= primary.began and look.position > primary.position:
                replica.rejected = look.row.started
            if replica.rejected == look.row.started:
                return "has what the primary has not"
        if not self.primary.history:
            return "cannot be compared with the primary yet"
        now, heard = monotonic(), self.primary.history[-1][0]
        # A look at the primary that takes long is not yet one that failed: no replica is older for that.
        behind = (now if now - heard < SILENT_SECONDS else heard) - self.as_of(replica)
        return f"is {behind:,.0f} s behind" if behind > settings.MAX_REPLICA_LAG else ""


guard: Guard | None = None  # of a web worker where replicas are set


class ReadReplicas:
    """The innermost middleware: a request that only reads is answered by a replica."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        global guard
        self.get_response, guard = get_response, guard or Guard()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """The answer of a replica; None where the primary must answer."""
        for replica in guard.readable() if guard and _only_reads(request) else ():
            try:
                with _reading_from(replica):
                    response = view(request, *args, **kwargs)
                    response = response.render() if hasattr(response, "render") else response
            except ReplicaBehindError:
                asked_replica(replica.alias, BEHIND)
            except Error as error:
                asked_replica(replica.alias, FAILED_THERE)
                if isinstance(error, OperationalError):  # also a conflict with recovery; until the next look
                    replica.why = f"has failed: {type(error.__cause__ or error).__name__}"
            else:
                asked_replica(replica.alias, ANSWERED)
                return response
        return None


def _only_reads(request: HttpRequest) -> bool:
    """Whether it cannot be about what the same person has just written: staff have a session or a token."""
    match = request.resolver_match
    if match is None or "admin" in match.app_names or settings.SESSION_COOKIE_NAME in request.COOKIES:
        return False
    if "HTTP_AUTHORIZATION" in request.META:
        return False
    return request.method in READS or (match.view_name in POSTED_READS and request.body is not None)  # kept


@contextmanager
def _reading_from(replica: Server) -> Iterator[None]:
    primary, other = connections[DEFAULT_DB_ALIAS], connections[replica.alias]
    other.execute_wrappers = primary.execute_wrappers
    connections[DEFAULT_DB_ALIAS] = other
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = primary
        other.close()  # back into its pool


def reads_replica() -> bool:
    """Whether this request reads from one."""
    return connection.alias != DEFAULT_DB_ALIAS


def position() -> int | None:
    """What was read so far lies before it in the log, in bytes; None where there are no replicas."""
    return None if guard is None else int(sql.value(REPLAYED if reads_replica() else FLUSHED))


def require(position: int | None) -> None:
    """Raises ReplicaBehindError where this request reads from a replica that may lack what lies before the position."""
    if reads_replica() and guard:
        known = max(each.look.position for each in guard.replicas if each.alias == connection.alias)
        if position is None or (known < position and int(sql.value(REPLAYED)) < position):
            raise ReplicaBehindError("The replica is behind what the client has seen.")


def ask(question: Callable[[], Answer]) -> Answer:
    """The primary's answer; a replica's where the primary does not answer."""
    try:
        return question()
    except OperationalError:
        for replica in guard.readable() if guard else ():
            with _reading_from(replica):
                return question()
        raise
