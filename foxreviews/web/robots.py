"""robots.txt: search engines read pages, not answers for programs, and find all of them by the sitemap."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

RULES = """\
User-agent: *
Disallow: /admin/
Disallow: /api/
Disallow: /suggestions
Disallow: /en/suggestions

Sitemap: {sitemap}
"""


def robots(request: HttpRequest) -> HttpResponse:
    """The same for all of them."""
    sitemap = request.build_absolute_uri(reverse("sitemap"))
    return HttpResponse(RULES.format(sitemap=sitemap), content_type="text/plain; charset=utf-8")
