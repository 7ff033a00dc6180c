"""What every page has: its language, its place among the others, errors in the same design, a limit for clients."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe

from foxreviews.api.errors import NotFoundError
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.postgresql import replicas
from foxreviews.core.postgresql.replicas import ReplicaBehindError
from foxreviews.web import errors
from foxreviews.web.language import translations

View = Callable[..., HttpResponse]


def page(view: View) -> View:
    """A page, in the language of its address. Answers GET and HEAD."""

    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, *arguments: Any, language: str, **named: Any) -> HttpResponse:
        with override(language):
            try:
                response = view(request, *arguments, **named)
            except (FoxreviewsError, OperationalError) as error:
                if replicas.reads_replica() and isinstance(error, (OperationalError, ReplicaBehindError)):
                    raise  # another server answers
                response = errors.of(request, error)
            except Http404:
                response = errors.of(request, NotFoundError())
        response.headers.setdefault("Content-Language", language)
        return response

    answer.refuse = errors.too_many  # type: ignore[attr-defined]  # api.rate_limit
    return answer


def shown(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """The template, with its address in each language. `canonical` is the path that search engines keep."""
    paths = translations(request)
    language = get_language() or ""
    root = request.build_absolute_uri("/").rstrip("/")
    around: dict[str, Any] = {
        "language": language,
        "root": root,
        "translations": paths,
        "canonical": request.path,
        "q": "",
    }
    return render(request, template, around | dict(context))
