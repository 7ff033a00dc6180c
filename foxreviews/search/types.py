"""What a search is made of: a question, filters, hits. Nothing here knows an engine."""

from dataclasses import dataclass

from foxreviews.core.keyset import Slice


@dataclass(frozen=True)
class Question:
    """What someone typed, interpreted once (search.interpret).

    With a `siren` it names one company, and the rest is not looked at. Otherwise every word must be part of a
    company's name, and `code_postal`, a word of five digits, either part of the name or its postal code.
    """

    words: tuple[str, ...] = ()  # as typed, in order, without `code_postal`
    siren: str = ""  # nine digits, also where a SIRET was typed
    siret: str = ""
    code_postal: str = ""


@dataclass(frozen=True)
class Filters:
    """What companies must have, beside what a question asks. An empty field asks nothing."""

    villes: tuple[str, ...] = ()  # INSEE codes: one of them
    ville_noms: tuple[str, ...] = ()  # Entreprise.ville_nom: one of them
    code_postal: str = ""
    departement: str = ""
    naf: tuple[str, ...] = ()  # beginnings of Entreprise.naf_code, with its dot: one of them
    is_active: bool | None = None


@dataclass(frozen=True)
class Hits:
    """The companies found, as whole rows of Entreprise, and the windows beside them."""

    page: Slice
    engine: str
