"""What a web worker does before its first client: it loads what first requests load, and tidies up for good.

Python looks through all that is alive each time a quarter as much has come to stay, and every thread waits meanwhile:
docs/decisions/0013-warm-workers.md.
"""

import gc
from contextlib import suppress
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.urls import resolve

from foxreviews.search.version import version

ADDRESSES = (
    "/api/entreprises/?q=boulangerie+lyon",
    "/api/suggestions/?q=boul",
    "/api/villes/?q=lyon",
    "/api/entreprises/",
    "/",
    "/recherche?q=boulangerie+lyon",
    "/departement/75-paris",
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
    environ = {
        "PATH_INFO": url.path,
        "QUERY_STRING": url.query,
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": _host(),
    }
    setup_testing_defaults(environ)
    view, arguments, parameters = resolve(url.path)
    # The view itself, which api.public stands around: an answer from the cache loads nothing.
    response = view.__wrapped__(WSGIRequest(environ), *arguments, **parameters)
    if hasattr(response, "render"):  # of the API; a page is rendered
        response.render()
    status: int = response.status_code
    return status


def _host() -> str:
    """A name that the site is called by: pages have their own address in them."""
    allowed = settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else "localhost"
    return "localhost" if allowed == "*" else allowed.removeprefix(".")
