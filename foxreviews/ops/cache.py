"""Whether the Redis of CACHE_URL is fit to be one: for preflight, verify and doctor."""

from collections.abc import Iterator
from typing import Any, cast

from django.conf import settings

from foxreviews.core.files import format_bytes
from foxreviews.core.findings import Finding, Severity
from foxreviews.core.redis_server import AwayError, redis_server


def check() -> Iterator[Finding]:
    """Whether it forgets what nobody asks for, before it is full. Nothing without CACHE_URL."""
    if (server := redis_server(settings.CACHE_URL)) is None:
        return
    try:
        memory = cast("dict[str, Any]", server.ask(lambda client: client.info("memory")))
    except AwayError:
        yield Finding(
            "cache", Severity.WARNING, "Redis does not answer",
            "Everything is answered, by each process and host alone.", "See docs/howto/cache.md",
        )  # fmt: skip
        return
    limit, policy = int(memory["maxmemory"]), str(memory["maxmemory_policy"])
    if limit and policy.endswith(("lru", "lfu")):
        yield Finding("cache", Severity.OK, f"Redis answers, {format_bytes(limit)}, {policy}")
        return
    yield Finding(
        "cache", Severity.WARNING, f"Redis has maxmemory {format_bytes(limit)}, {policy}",
        "Without a limit it takes all memory; without a policy that forgets, it keeps nothing new once it is full.",
        "redis-cli config set maxmemory 256mb, redis-cli config set maxmemory-policy volatile-lru, config rewrite",
    )  # fmt: skip
