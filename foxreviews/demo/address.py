"""The address that a web server listens on, and asking it something."""

import errno
import ipaddress
import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

from foxreviews.core.errors import UsageError


@dataclass(frozen=True)
class Address:
    """Where the server listens."""

    host: str
    port: int

    @property
    def bind(self) -> str:
        return f"{bracketed(self.host)}:{self.port}"

    @property
    def is_everywhere(self) -> bool:
        """Whether it listens on every address of the machine."""
        with suppress(ValueError):
            return ipaddress.ip_address(self.host).is_unspecified
        return False

    @property
    def near(self) -> str:
        """The host by which this machine reaches it."""
        if not self.is_everywhere:
            return self.host
        return "::1" if ":" in self.host else "127.0.0.1"

    @property
    def url(self) -> str:
        return f"http://{bracketed(self.near)}:{self.port}"

    def check_free(self) -> None:
        """Raises UsageError where the server could not listen there."""
        try:
            family, kind, _, _, place = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(place)
        except OSError as error:
            raise UsageError(self._why_not(error)) from error

    def get(self, path: str) -> Any:
        """The JSON that the server answers at `path`; raises OSError where it does not answer with 200."""
        connection = HTTPConnection(self.near, self.port, timeout=30)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                raise OSError(
                    f"{self.url}{path} answers {response.status}: {body[:300].decode(errors='replace')}"
                )
            return json.loads(body)
        except HTTPException as error:
            raise OSError(f"{self.url}{path} does not answer in HTTP") from error
        finally:
            connection.close()

    def _why_not(self, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            return f"Port {self.port} is in use. Choose another: make demo PORT={self.port + 1}"
        if error.errno == errno.EACCES:
            return f"Port {self.port} is reserved for root. Choose one above 1023: make demo PORT=8001"
        return f"HOST={self.host} is not an address of this machine ({error.strerror})."


def bracketed(host: str) -> str:
    """The host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host
