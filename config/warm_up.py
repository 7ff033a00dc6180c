"""What a web worker does before its first client: it loads what first requests load, and tidies up for good.

Python looks through all that is alive each time a quarter as much has come to stay, and every thread waits meanwhile:
docs/decisions/0013-warm-workers.md.
"""

import gc
from contextlib import suppress
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.urls import resolve

from foxreviews.search.version import version

ADDRESSES = (
    "/api/entreprises/?q=boulangerie+lyon",
    "/api/suggestions/?q=boul",
    "/api/villes/?q=lyon",
    "/api/entreprises/",
)


def warm_up() -> None:
    """Ask for a page of each kind, beneath the middleware: nobody has asked for it, so it stands in no figure."""
    with suppress(Exception):  # clients are answered with what is wrong
        for address in ADDRESSES:
            if status_of(address) >= 500:
                break
        version()
    connection.close()  # back into the pool
    gc.collect()
    gc.freeze()


def status_of(address: str) -> int:
    """The status of the answer to a GET."""
    url = urlsplit(address)
    environ = {"PATH_INFO": url.path, "QUERY_STRING": url.query, "REMOTE_ADDR": "127.0.0.1"}
    setup_testing_defaults(environ)
    view, arguments, parameters = resolve(url.path)
    # The view itself, which api.public stands around: an answer from the cache loads nothing.
    response = view.__wrapped__(WSGIRequest(environ), *arguments, **parameters)
    response.render()
    status: int = response.status_code
    return status
