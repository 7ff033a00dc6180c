"""How many requests one client may send."""

from ipaddress import ip_address
from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

if TYPE_CHECKING:  # rest_framework.views reads the settings, which name this module
    from rest_framework.views import APIView


class ClientThrottle(SimpleRateThrottle):
    """The rate `THROTTLE_RATE` for each client address; counted in each web process by itself.

    Behind proxies the client is the address that the outermost trusted one saw (`TRUSTED_PROXIES`): what a
    client writes into X-Forwarded-For itself is not believed. Whoever comes directly from this machine is not
    limited: the operator's own scripts and checks do.
    """

    scope = "client"

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:  # noqa: ARG002 - DRF's signature
        address = _normal(self.get_ident(request)) or _normal(request.META.get("REMOTE_ADDR"))
        if "HTTP_X_FORWARDED_FOR" not in request.META and address and ip_address(address).is_loopback:
            return None
        return f"throttle.client.{address or 'unknown'}"


def _normal(address: str | None) -> str | None:
    """The one spelling of an IP address, None for what is not one (::ffff:192.0.2.1 is 192.0.2.1)."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return None
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
