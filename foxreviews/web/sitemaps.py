"""The sitemap of millions of pages: an index, and shards of at most 50,000 addresses, each by a range of the key.

A shard is made when it is asked for, and read by its key alone: it costs the same at any place.
"""

import gzip
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.http import require_safe

from foxreviews.core import sql
from foxreviews.enterprise.privacy import HIDDEN_SQL
from foxreviews.location.models import Ville
from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.reference.naf import DIVISIONS, NAF, NAF25
from foxreviews.web import errors, slugs
from foxreviews.web.activite import division_url
from foxreviews.web.language import DEFAULT, address

SHARD = 50_000  # addresses: the most that a sitemap may have
COMPANIES = sql.load(__file__, "companies").format(hidden=HIDDEN_SQL)
SHARDS = sql.load(__file__, "shards").format(hidden=HIDDEN_SQL)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'

Entry = tuple[str, datetime | None]


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The index: the shards that there are."""
    root = request.build_absolute_uri("/").rstrip("/")
    names = ["pages", *(["villes"] if Ville.objects.exists() else [])]
    names += [f"entreprises-{row['shard']}" for row in sql.rows(SHARDS, {"size": SHARD})]
    lines = (
        f"<sitemap><loc>{root}{reverse('sitemap-shard', args=[name])}</loc></sitemap>\n" for name in names
    )
    text = f"{HEAD}<sitemapindex {NAMESPACE}>\n{''.join(lines)}</sitemapindex>\n"
    return HttpResponse(text, content_type="application/xml; charset=utf-8")


@require_safe
def shard(request: HttpRequest, name: str) -> HttpResponse:
    """One shard, compressed: a file, not an encoding of the answer."""
    root = request.build_absolute_uri("/").rstrip("/")
    with override(DEFAULT):
        lines = [_line(root, *entry) for entry in _entries(name)]
    if not lines:
        raise Http404
    text = f"{HEAD}<urlset {NAMESPACE}>\n{''.join(lines)}</urlset>\n"
    return HttpResponse(gzip.compress(text.encode(), 6, mtime=0), content_type="application/gzip")


sitemap.refuse = shard.refuse = errors.too_many  # type: ignore[attr-defined]  # api.rate_limit


def _line(root: str, path: str, changed: datetime | None) -> str:
    """No path has a sign that XML would take for its own."""
    when = f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" if changed else ""
    return f"<url><loc>{root}{path}</loc>{when}</url>\n"


def _entries(name: str) -> Iterable[Entry]:
    kind, _, number = name.partition("-")
    if name == "pages":
        return _pages()
    if name == "villes":
        return _towns()
    if kind == "entreprises" and number.isascii() and number.isdigit() and len(number) < 10:
        return _companies(int(number))
    return ()


def _pages() -> Iterator[Entry]:
    for path in (address("home"), address("activites"), address("statistiques"), address("match")):
        yield path, None
    yield from ((slugs.departement(code), None) for code in DEPARTEMENTS)
    yield from ((division_url(code), None) for code in DIVISIONS)
    yield from ((slugs.activite(code), None) for code in (*NAF, *NAF25))


def _towns() -> Iterator[Entry]:
    """All of them: there are fewer than a shard has."""
    before = _before("ville")
    for code, slug in Ville.objects.order_by("code_insee").values_list("code_insee", "slug")[:SHARD]:
        yield f"{before}{code}-{slug}", None


def _companies(number: int) -> Iterator[Entry]:
    before = _before("entreprise")
    limits = {"first": number * SHARD, "last": (number + 1) * SHARD}
    for row in sql.rows(COMPANIES, limits):
        yield before + slugs.key(row["siren"], row["nom"]), row["updated_at"]


def _before(name: str) -> str:
    """What all addresses of these pages begin with: reverse() for each takes longer than all else."""
    return address(name, "-").removesuffix("-")
