"""robots.txt: search engines read pages, not answers for programs."""

from django.http import HttpRequest, HttpResponse

RULES = """\
User-agent: *
Disallow: /admin/
Disallow: /api/
"""


def robots(_request: HttpRequest) -> HttpResponse:
    """The same for all of them."""
    return HttpResponse(RULES, content_type="text/plain; charset=utf-8")
