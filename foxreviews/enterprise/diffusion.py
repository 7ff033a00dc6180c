"""What must not be shown: natural persons whom the register marks as partly public (statutDiffusion P).

INSEE, Sirene, diffusion partielle: the name, the street address and the position of a natural person who
asked for it are not published, and nobody may find the person by them. A legal person keeps its name.
"""

from typing import Any

from django.db.models import Q

NATURAL_PERSON = "1000"  # categorieJuridique: entrepreneur individuel
PARTIAL = "P"
MASK = "[ND]"  # what the register itself writes in the place of a text

HIDDEN_TEXTS = ("nom", "nom_commercial", "adresse", "telephone", "email", "site_web")
HIDDEN_NUMBERS = ("latitude", "longitude")

HIDDEN = Q(statut_diffusion=PARTIAL, categorie_juridique=NATURAL_PERSON)


def masked(row: dict[str, Any]) -> dict[str, Any]:
    """A row of Entreprise as it may be shown: itself, or a copy without what must stay hidden."""
    if row["statut_diffusion"] != PARTIAL or row["categorie_juridique"] != NATURAL_PERSON:
        return row
    return row | dict.fromkeys(HIDDEN_TEXTS, MASK) | dict.fromkeys(HIDDEN_NUMBERS)
