"""The page of an establishment: where it is, what it does, whose it is, and who it comes from."""

import re
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.translation import gettext as _

from foxreviews.api.errors import NotFoundError
from foxreviews.api.etablissements.serializers import shown as shown_etablissement
from foxreviews.core.keyset import Row
from foxreviews.enterprise.by_siren import establishments_by_siret, names_by_siren
from foxreviews.enterprise.models import Entreprise, Succession
from foxreviews.enterprise.privacy import MASK
from foxreviews.enterprise.successions import of_siret
from foxreviews.location.models import Ville
from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.reference.identifiers import clean_digits, format_siret
from foxreviews.reference.naf import label
from foxreviews.web import maps, slugs, structured
from foxreviews.web.language import address
from foxreviews.web.page import page, shown
from foxreviews.web.wording import legible, place, short, trade, workforce

SIRET = re.compile("[0-9]{14}")
MAX_SUCCESSIONS = 20


@page
def etablissement(request: HttpRequest, siret: str) -> HttpResponse:
    """One establishment. A SIRET in another spelling leads to its address."""
    digits = clean_digits(siret)
    if not SIRET.fullmatch(digits):
        raise NotFoundError(f"{siret[:50]} is no SIRET.")
    if digits != siret:
        return HttpResponsePermanentRedirect(address("etablissement", digits))
    row = establishments_by_siret([siret]).get(siret)
    if row is None:
        raise NotFoundError(f"The directory has no establishment with the SIRET {siret}.")
    return shown(request, "web/etablissement.html", _context(request, row))


def _context(request: HttpRequest, row: Row) -> dict[str, Any]:
    nom = names_by_siren([row["siren"]]).get(row["siren"], "")
    is_hidden = nom == MASK
    seen = shown_etablissement(row, nom)
    nom = "" if is_hidden else legible(nom)
    town = (
        Ville.objects.filter(code_insee=row["ville_id"]).values("nom", "slug").first()
        if row["ville_id"]
        else None
    )
    company = slugs.of_siren(row["siren"], nom or MASK)
    sign = legible(seen["nom_commercial"])
    title = sign or nom or _("Establishment %(siret)s") % {"siret": format_siret(row["siret"])}
    way = [(_("Companies"), address("home")), (nom or format_siret(row["siret"])[:11], company)]
    root = request.build_absolute_uri("/").rstrip("/")
    things = [structured.breadcrumbs(root, [*way, (title, request.path)])]
    if not is_hidden:
        owner = {"name": nom, "url": f"{root}{company}"}
        things.insert(0, structured.local_business(seen, title, f"{root}{request.path}", owner))
    return {
        "row": seen,
        "nom": nom,
        "title": title,
        "signs": [each for each in seen["enseignes"] if each != title],
        "is_hidden": is_hidden,
        "is_partial": not is_hidden and row["statut_diffusion"] != Entreprise.Diffusion.PUBLIC,
        "place": place(row),
        "trade": trade(row),
        "trades": [
            (code, label(code), slugs.activite(code) if label(code) else "")
            for each in ("naf", "naf25")
            if (code := seen[f"{each}_code"])
        ],
        "workforce": workforce(row["tranche_effectif"]),
        "company_url": company,
        "town_nom": short(town["nom"]) if town else "",
        "town_url": slugs.ville(row["ville_id"], town["slug"]) if town else "",
        "departement": DEPARTEMENTS.get(row["departement"]),
        "departement_url": slugs.departement(row["departement"]),
        "way": way,
        "structured": structured.script(*things),
        "map": _map(row, nom),
        "is_indexed": not is_hidden,
        **_successions(of_siret(row["siret"]), row["siret"]),
    }


def _map(row: Row, nom: str) -> maps.Map | None:
    """Where it is; None where that is not public, or not known but for its town."""
    return (
        maps.drawn([row | {"nom": nom or MASK, "categorie_juridique": ""}])
        if row["latitude"] is not None
        else None
    )


def _successions(which: Q, siret: str) -> dict[str, Any]:
    """The latest, each with the other side's SIRET, and whether there are more."""
    found = list(Succession.objects.filter(which).order_by("-date")[: MAX_SUCCESSIONS + 1])
    links = [
        {
            "date": each.date,
            "is_successor": each.predecesseur == siret,
            "siret": each.successeur if each.predecesseur == siret else each.predecesseur,
        }
        for each in found[:MAX_SUCCESSIONS]
    ]
    known = establishments_by_siret([str(link["siret"]) for link in links]) if links else {}
    return {
        "successions": [link | {"is_known": link["siret"] in known} for link in links],
        "has_more_successions": len(found) > MAX_SUCCESSIONS,
    }
