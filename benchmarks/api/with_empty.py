"""The application with one more address, /api/empty/: what Django, the middleware and the web server cost alone.

A server loads `application` from here in place of config.wsgi. Whoever starts it sets DATABASE_POOL_SIZE: the settings
are read before config.wsgi can.
"""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import path

from benchmarks.api.servers import EMPTY
from config.urls import urlpatterns
from config.warm_up import warm_up
from config.wsgi import application

__all__ = ["application"]


def empty(_request: HttpRequest, *_arguments: Any) -> JsonResponse:
    """No query, no parameter, no serializer."""
    return JsonResponse({})


urlpatterns[:0] = [path(EMPTY.removeprefix("/"), empty)]  # type: ignore[list-item]  # the others are includes
warm_up()  # also for servers that do not read config/gunicorn.py
