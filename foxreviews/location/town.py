"""A town as the files tell it, before it is a row of the database."""

from dataclasses import dataclass, fields


@dataclass(slots=True)
class Town:
    """The columns of Ville as plain values: made and compared in a fraction of a model's time."""

    code_insee: str
    nom: str
    slug: str
    codes_postaux: list[str]
    departement: str
    region: str
    population: int | None
    latitude: float | None
    longitude: float | None
    commune_id: str | None
    nom_recherche: str
    appellations: list[str]


COLUMNS = [column.name for column in fields(Town)]
