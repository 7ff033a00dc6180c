"""What every page has: its language, its place among the others, errors in the same design, a limit for clients."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language, override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from foxreviews.api.errors import NotFoundError
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.postgresql import routing
from foxreviews.core.postgresql.routing import ReplicaBehindError
from foxreviews.web import errors
from foxreviews.web.language import address, alternates, translations

View = Callable[..., HttpResponse]


class ForeignFormError(FoxreviewsError):
    """A page of another site has sent a form."""

    status = 403
    code = "not-allowed"


def page(view: View) -> View:
    """A page, in the language of its address. Answers GET and HEAD."""
    return require_safe(_spoken(view))


def action(view: View) -> View:
    """A page for staff that does something when it is sent by POST, with Django's token; GET and HEAD show it."""
    return require_http_methods(["GET", "HEAD", "POST"])(_spoken(view))


def form(*, back: str, rate: str = "page") -> Callable[[View], View]:
    """What a form of the page `back` is sent to, by POST; whoever opens its address goes back there.

    `rate` is one of settings.RATES. Visitors have no cookie, so there is nothing that a token could be compared with,
    and nothing that another site could do in their name; that it could spend their rate is why forms are taken from
    this site alone (decision 24).
    """

    def decorated(view: View) -> View:
        @wraps(view)
        def posted(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
            if request.method != "POST":
                return HttpResponseRedirect(address(back))
            if not is_from_here(request):
                raise ForeignFormError
            return view(request, *arguments, **named)

        answer = _spoken(posted)
        answer.rate = rate  # type: ignore[attr-defined]  # api.rate_limit
        return csrf_exempt(answer)

    return decorated


def is_from_here(request: HttpRequest) -> bool:
    """Whether a page of this site sends the request, as its browser says. What says nothing is no browser."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in {"same-origin", "none"}  # none: the visitor, by loading a page again
    origin = request.headers.get("Origin")
    return origin is None or _host(origin) == _host(f"//{request.get_host()}")


def _host(address: str) -> str | None:
    """Without its port, which a proxy leaves out."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return ""


def _spoken(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *arguments: Any, language: str, **named: Any) -> HttpResponse:
        with override(language):
            try:
                response = view(request, *arguments, **named)
            except (FoxreviewsError, OperationalError) as error:
                if routing.reads_replica() and isinstance(error, (OperationalError, ReplicaBehindError)):
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
    } | dict(context)
    return render(request, template, around | {"alternates": alternates(around["canonical"])})
