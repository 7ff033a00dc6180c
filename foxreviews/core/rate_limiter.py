"""How often each client came: with CACHE_URL for all hosts together, in Redis, else for the processes of this server.

A client has the same bucket in both (core.rate_table). While Redis is away, each server counts for itself.
"""

import hmac
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings

from foxreviews.core import rate_table
from foxreviews.core.rate_table import Rate
from foxreviews.core.redis_server import AwayError, RedisServer, redis_server


class Taken(NamedTuple):
    """What became of a request."""

    wait: float  # seconds until it would be counted; 0.0 where it was
    left: int  # how many more would be counted now
    full: float  # seconds until as many as ever would be


def take(client: str, rate: Rate, count: int = 1) -> Taken:
    """Count a request of the client, or one that is worth `count` of them: all or none."""
    wait, full = _fill(client, rate, count)
    return Taken(wait, max(0, int((rate.seconds - full) * rate.count / rate.seconds + 1e-6)), full)


def give_back(client: str, rate: Rate) -> None:
    """What was taken does not count."""
    _fill(client, rate, -1)


def _fill(client: str, rate: Rate, count: int) -> tuple[float, float]:
    if server := redis_server(settings.CACHE_URL):
        with suppress(AwayError):
            wait, full = _script(server)(keys=[_key(client)], args=[rate.count, rate.seconds, count])
            return float(wait), float(full)
    return rate_table.shared().fill(client, rate, count)


@cache
def _script(server: RedisServer) -> Callable[..., Any]:
    return server.script("take")


def _key(client: str) -> str:
    """Redis learns no address, and nobody can find out whose a key is."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), client.encode(errors="replace"), "sha256")
    return f"foxreviews:rate:{digest[:16].hex()}"
