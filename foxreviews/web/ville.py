"""The page of a town: its companies, what they do, and where it is."""

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.translation import gettext as _

from foxreviews.api.entreprises.companies import communes
from foxreviews.api.errors import InvalidParametersError, NotFoundError
from foxreviews.enterprise.filters import Filters
from foxreviews.location.models import Ville
from foxreviews.reference.geography import DEPARTEMENTS, REGIONS
from foxreviews.web import lists, slugs, structured
from foxreviews.web.language import address
from foxreviews.web.page import page, shown
from foxreviews.web.wording import short

FACETS = ("naf_code", "tranche_effectif", "categorie_juridique", "code_commune")


@page
def ville(request: HttpRequest, key: str) -> HttpResponse:
    """One town, or one municipal district. A former commune leads to the town that it is part of."""
    town, codes = _town(slugs.code_of(key).upper())
    path = slugs.ville(town.code_insee, town.slug)
    if request.path != path:
        return HttpResponsePermanentRedirect(path)
    values = {"ville": town.code_insee}
    filters = Filters(villes=codes)
    found = lists.counted(filters, *FACETS)
    counts = found.get("counts", {})
    of_districts = counts.get("code_commune", {})
    way = [(_("Companies"), address("home"))]
    if town.departement in DEPARTEMENTS:
        way.append((town.departement_nom, slugs.departement(town.departement)))
    root = request.build_absolute_uri("/").rstrip("/")
    context = {
        "town": town,
        "title": town.nom,
        "way": way,
        "active": found.get("active"),
        "ceased": found.get("ceased"),
        "departement_url": slugs.departement(town.departement),
        "region": REGIONS.get(town.region, ""),
        "city": town.commune,
        "city_url": slugs.ville(town.commune.code_insee, town.commune.slug) if town.commune else "",
        "districts": [
            (short(each.nom), slugs.ville(each.code_insee, each.slug), of_districts.get(each.code_insee))
            for each in town.arrondissements.order_by("code_insee")
        ]
        if len(codes) > 1
        else [],
        "trades": lists.trades(counts.get("naf_code", {}), values),
        "bands": lists.bands_of(counts.get("tranche_effectif", {}), values),
        "forms": lists.forms(counts.get("categorie_juridique", {}), values),
        "years": found.get("years"),
        "structured": structured.script(structured.breadcrumbs(root, [*way, (town.nom, path)])),
    }
    return shown(request, "web/ville.html", context | lists.companies(request, filters, values))


def _town(code: str) -> tuple[Ville, tuple[str, ...]]:
    """The town, and the codes under which its companies stand. Raises NotFoundError."""
    try:
        codes = communes(code)
    except InvalidParametersError as error:
        raise NotFoundError(str(error)) from error
    found = Ville.objects.select_related("commune").filter(code_insee=codes[0]).first()
    if found is None:
        raise NotFoundError(f"The directory has no town with the INSEE code {code[:50]}.")
    return found, codes
