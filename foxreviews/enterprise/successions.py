"""Who took over whom, whose double a SIREN is, and what companies were called before: reading, by number."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from foxreviews.core.keyset import Row
from foxreviews.enterprise.models import AncienNom, Doublon, Entreprise, Succession
from foxreviews.enterprise.privacy import HIDDEN

MAX_DOUBLES = 10  # of doubles that are followed


def anciens_noms(sirens: Sequence[str]) -> dict[str, list[Row]]:
    """The former names of each company that has any and is not hidden, the latest first. One statement."""
    shown = Entreprise.objects.filter(~HIDDEN, siren__in=sirens).values("siren")
    found = AncienNom.objects.filter(siren__in=shown).order_by("siren", "-date_fin", "nature", "nom")
    by_siren: dict[str, list[Row]] = {}
    for row in found.values("siren", "nom", "nature", "date_debut", "date_fin"):
        by_siren.setdefault(row["siren"], []).append(dict(row))
    return by_siren


def doublon_de(siren: str) -> str:
    """The SIREN to use instead, "" where this one is no double, or where doubles lead round in a circle."""
    seen, last = {siren}, siren
    while following := Doublon.objects.filter(siren=last).values_list("doublon_de", flat=True).first():
        if following in seen or len(seen) > MAX_DOUBLES:
            return ""
        seen.add(following)
        last = following
    return last if last != siren else ""


def of_siret(siret: str) -> Q:
    """The successions in which an establishment took over, or was taken over."""
    return Q(predecesseur=siret) | Q(successeur=siret)


def of_siren(siren: str) -> Any:
    """The successions of a company's establishments, as one query. A SIRET begins with the SIREN: ranges of keys."""
    first, last = f"{siren}00000", f"{siren}99999"
    return Succession.objects.filter(
        Q(predecesseur__range=(first, last)) | Q(successeur__range=(first, last))
    )
