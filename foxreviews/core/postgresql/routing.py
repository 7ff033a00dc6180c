"""Which server a request reads from: the primary, or a replica where it only reads (core.postgresql.replicas).

It reads from one server, whole: meanwhile `connections["default"]`, which the ORM and every statement use, is the
connection to a replica. What fails there is answered again, by another replica or by the primary.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, OperationalError, connection, connections
from django.http import HttpRequest, HttpResponse

from foxreviews.core import sql
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.postgresql import replicas
from foxreviews.core.trace import ANSWERED, BEHIND, FAILED_THERE, asked_replica

READS, POSTED_READS = {"GET", "HEAD", "OPTIONS"}, {"api-lots", "api-appariements", "api-reconciliation"}
REPLAYED, FLUSHED = "SELECT pg_last_wal_replay_lsn() - '0/0'", "SELECT pg_current_wal_flush_lsn() - '0/0'"
Answer = TypeVar("Answer")


class ReplicaBehindError(FoxreviewsError):
    """The replica has not come to where the client was, or the search index is: another server answers."""


class ReadReplicas:
    """The innermost middleware: a request that only reads is answered by a replica."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        replicas.watch()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """The answer of a replica; None where the primary must answer."""
        for replica in _readable() if _only_reads(request) else ():
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


def _readable() -> list[replicas.Server]:
    return replicas.guard.readable() if replicas.guard else []


@contextmanager
def _reading_from(replica: replicas.Server) -> Iterator[None]:
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
    return None if replicas.guard is None else int(sql.value(REPLAYED if reads_replica() else FLUSHED))


def require(position: int | None) -> None:
    """Raises ReplicaBehindError where this request reads from a replica that may lack what lies before the position."""
    if reads_replica() and replicas.guard:
        known = max(each.look.position for each in replicas.guard.replicas if each.alias == connection.alias)
        if position is None or (known < position and int(sql.value(REPLAYED)) < position):
            raise ReplicaBehindError("The replica is behind what the client has seen.")


def ask(question: Callable[[], Answer]) -> Answer:
    """The primary's answer; a replica's where the primary does not answer."""
    try:
        return question()
    except OperationalError:
        for replica in _readable():
            with _reading_from(replica):
                return question()
        raise
