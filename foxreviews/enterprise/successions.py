"""Who took over whom, and whose double a SIREN is: reading, by number."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from foxreviews.enterprise.models import Doublon, Succession

MAX_DOUBLES = 10  # of doubles that are followed


def doublon_de(siren: str) -> str:
    """The SIREN to use instead, "" where this one is no double, or where doubles lead round in a circle."""
    seen, last = {siren}, siren
    while following := Doublon.objects.filter(siren=last).values_list("doublon_de", flat=True).first():
        if following in seen or len(seen) > MAX_DOUBLES:
            return ""
        seen.add(following)
        last = following
    return last if last != siren else ""


def doublons_de(sirens: Iterable[str]) -> dict[str, str]:
    """The SIREN to use instead of each that is a double."""
    doubles = Doublon.objects.filter(siren__in=[*sirens]).values_list("siren", flat=True)
    return {siren: other for siren in doubles if (other := doublon_de(siren))}


def of_siret(siret: str) -> Q:
    """The successions in which an establishment took over, or was taken over."""
    return Q(predecesseur=siret) | Q(successeur=siret)


def of_siren(siren: str) -> Any:
    """The successions of a company's establishments, as one query. A SIRET begins with the SIREN: ranges of keys."""
    first, last = f"{siren}00000", f"{siren}99999"
    return Succession.objects.filter(
        Q(predecesseur__range=(first, last)) | Q(successeur__range=(first, last))
    )
