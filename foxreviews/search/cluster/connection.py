"""The cluster as this process reaches it: its addresses, its errors, and how long it is waited for.

Every call is one that Elasticsearch 8 and 9 have, too.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson
from django.conf import settings

from foxreviews.core.breaker import CircuitBreaker
from foxreviews.search.errors import BusyError, IndexFailedError, UnusableIndexError

SEARCH_SECONDS = 2.0  # for all that one search asks; then another engine answers
CALL_SECONDS = 1.0  # for one call of a search: a node that hangs leaves time to ask another one
WRITE_SECONDS = 60.0  # for a call of those who write
MAX_FAILURES = 3  # in a row, after which the cluster is left alone
REST_SECONDS = 2.0  # in which it is; then one call tries again, behind the requests
DEAD_SECONDS = 2.0  # for which a node that failed is asked last, twice as long when it fails again
PORT = 9200
BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


@dataclass(frozen=True)
class Access:
    """How the cluster is reached. A user and a password may also stand in the addresses."""

    addresses: tuple[str, ...]
    user: str = ""
    password: str = ""
    api_key: str = ""
    ca_file: str = ""

    @classmethod
    def configured(cls) -> "Access":
        """By the settings."""
        return cls(
            tuple(settings.OPENSEARCH_URL),
            settings.OPENSEARCH_USER,
            settings.OPENSEARCH_PASSWORD,
            settings.OPENSEARCH_API_KEY,
            settings.OPENSEARCH_CA_FILE,
        )

    @property
    def shown(self) -> str:
        """The addresses without what is secret."""
        parts = map(urlsplit, self.addresses)
        return ", ".join(f"{each.scheme}://{each.netloc.rpartition('@')[2]}{each.path}" for each in parts)

    def nodes(self) -> list[dict[str, Any]]:
        """What the client makes a connection from, for each address."""
        return [self._node(address) for address in self.addresses]

    def _node(self, address: str) -> dict[str, Any]:
        parts = urlsplit(address)
        is_secure = parts.scheme == "https"
        node: dict[str, Any] = {
            "host": parts.hostname or "localhost",
            "port": parts.port or PORT,
            "url_prefix": parts.path.strip("/"),
            "use_ssl": is_secure,
        }
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if self.user or user:
            node["http_auth"] = (self.user or user, self.password or password)
        if is_secure and self.ca_file:
            node["ca_certs"] = self.ca_file
        return node


class Cluster:
    """Raises BusyError, UnusableIndexError where what is asked for is not there, IndexFailedError."""

    def __init__(self, access: Access) -> None:
        from opensearchpy import Transport  # noqa: PLC0415 - 0.2 s and 20 MB, for those who have a cluster

        self.access = access
        self.breaker = CircuitBreaker(MAX_FAILURES, REST_SECONDS)
        headers = {"authorization": f"ApiKey {access.api_key}"} if access.api_key else {}
        self._transport = Transport(
            access.nodes(),
            headers=headers,
            http_compress=False,
            pool_maxsize=8,
            max_retries=1 if len(access.addresses) > 1 else 0,
            retry_on_timeout=True,
            retry_on_status=(502, 503, 504),
            dead_timeout=DEAD_SECONDS,
            timeout_cutoff=1,
        )

    def deadline(self) -> "Deadline":
        """Of a search that begins now."""
        return Deadline(len(self.access.addresses))

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        seconds: float = WRITE_SECONDS,
        **parameters: object,
    ) -> Any:
        """The answer of the first node that gives one; a body is an object, or text."""
        text = body if body is None or isinstance(body, str) else orjson.dumps(body).decode()
        headers = {"content-type": "application/x-ndjson" if isinstance(body, str) else "application/json"}
        named = {
            name: str(value).lower() if isinstance(value, bool) else value
            for name, value in parameters.items()
        }
        from opensearchpy import exceptions  # noqa: PLC0415

        try:
            answer = self._transport.perform_request(
                method, path, params=named, body=text, timeout=seconds, headers=headers if text else None
            )
        except exceptions.NotFoundError as error:
            self.breaker.succeeded()
            raise UnusableIndexError(f"The cluster has no {path.strip('/')}.") from error
        except exceptions.TransportError as error:
            raise self._failure(error) from error
        except exceptions.OpenSearchException as error:
            self.breaker.failed()
            raise IndexFailedError(f"The cluster's answer cannot be read: {error}") from error
        self.breaker.succeeded()
        return answer

    def _failure(self, error: Any) -> IndexFailedError:
        """What is raised. A refusal of one call says nothing about the next one."""
        status = error.status_code
        if status in (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT):
            self.breaker.succeeded()
        else:
            self.breaker.failed()
        if not isinstance(status, int):
            return IndexFailedError(f"The cluster does not answer at {self.access.shown}: {error.error}")
        kind = BusyError if status in BUSY else IndexFailedError
        return kind(f"The cluster answers {status}: {_reason(error)}")


class Deadline:
    """What is left of the time of one search. Raises IndexFailedError where nothing is."""

    def __init__(self, addresses: int) -> None:
        self._end = time.monotonic() + SEARCH_SECONDS
        self._call = CALL_SECONDS if addresses > 1 else SEARCH_SECONDS  # time to ask another node

    @property
    def seconds(self) -> float:
        """For the next call."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise IndexFailedError(f"The cluster took longer than {SEARCH_SECONDS:.0f} s.")
        return min(left, self._call)


def _reason(error: Any) -> str:
    found = error.info.get("error") if isinstance(error.info, dict) else None
    if not isinstance(found, dict):
        return str(found or error.error)
    causes: Sequence[Mapping[str, Any]] = found.get("root_cause") or [found]
    return str(causes[0].get("reason") or found.get("reason") or found.get("type"))


@cache
def cluster(access: Access) -> Cluster:
    """The one connection of this process to a cluster."""
    return Cluster(access)


def configured_cluster() -> Cluster:
    """That of the settings."""
    return cluster(Access.configured())
