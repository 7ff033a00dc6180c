"""The page of a département: its towns, what its companies do, and all of them by name."""

from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.translation import gettext as _

from foxreviews.api.errors import NotFoundError
from foxreviews.enterprise.filters import Filters
from foxreviews.location.models import Ville
from foxreviews.reference.geography import DEPARTEMENTS, REGIONS
from foxreviews.web import lists, slugs, structured
from foxreviews.web.language import address
from foxreviews.web.page import page, shown
from foxreviews.web.statistiques import of_establishments
from foxreviews.web.tiles import tiles

MAX_TOWNS = 12
FACETS = ("code_commune", "naf_code", "tranche_effectif", "categorie_juridique")


@page
def departement(request: HttpRequest, key: str) -> HttpResponse:
    """One département or overseas collectivity."""
    code = slugs.code_of(key).upper()
    if code not in DEPARTEMENTS:
        raise NotFoundError(f"{code[:50]} is not the code of a département.")
    path = slugs.departement(code)
    if request.path != path:
        return HttpResponsePermanentRedirect(path)
    values = {"departement": code}
    filters = Filters(departements=(code,))
    found = lists.counted(filters, *FACETS)
    counts = found.get("counts", {})
    establishments = of_establishments({"departement": (code,)})
    way = [(_("Companies"), address("home"))]
    root = request.build_absolute_uri("/").rstrip("/")
    nom = DEPARTEMENTS[code].nom
    context = {
        "code": code,
        "title": nom,
        "way": way,
        "active": found.get("active"),
        "ceased": found.get("ceased"),
        "region": REGIONS.get(DEPARTEMENTS[code].region, ""),
        "tiles": tiles(None),
        "months": establishments.months if establishments else None,
        "largest": [(town.nom, slugs.ville(town.code_insee, town.slug)) for town in _largest(code)],
        "towns": lists.towns(counts.get("code_commune", {}), values),
        "trades": lists.trades(counts.get("naf_code", {}), values),
        "bands": lists.bands_of(counts.get("tranche_effectif", {}), values),
        "forms": lists.forms(counts.get("categorie_juridique", {}), values),
        "years": found.get("years"),
        "structured": structured.script(structured.breadcrumbs(root, [*way, (nom, path)])),
    }
    return shown(request, "web/departement.html", context | lists.companies(request, filters, values))


def _largest(departement: str) -> list[Ville]:
    """Its most populous towns, by name."""
    towns = Ville.objects.filter(departement=departement, commune=None)
    some = towns.annotate(inhabitants=Coalesce("population", 0)).order_by("-inhabitants", "code_insee")
    return sorted(some[:MAX_TOWNS], key=lambda town: town.nom_recherche)
