"""The towns of rehearsals as files: La Poste's list of postal codes, and INSEE's populations."""

from collections.abc import Iterator

from foxreviews.demo.generator.towns import Town, towns
from foxreviews.reference.geography import DEPARTEMENTS, REGIONS
from foxreviews.reference.text import fold, town_key

LA_POSTE_HEADER = "Code_commune_INSEE;Nom_commune;Code_postal;Libelle_acheminement;Ligne_5;coordonnees_gps"
POPULATION_HEADER = "REG;Région;DEP;CODARR;CODCAN;CODCOM;COM;Commune;PMUN;PCAP;PTOT"

_COUNTED_APART = 0.018  # people counted in a second commune (students, barracks): INSEE has 1.76 % of all
_ABBREVIATED = {"SAINT": "ST", "SAINTE": "STE"}


def la_poste(town: Town) -> tuple[str, str]:
    """What La Poste calls a town, and what it writes on letters: "PARIS 03" and "PARIS" for a district."""
    delivered = " ".join(_ABBREVIATED.get(word, word) for word in fold(town.commune).split())
    if town.nom == town.commune:
        return delivered, delivered
    return f"{delivered} {int(town_key(town.nom).removeprefix(delivered)):02d}", delivered


def la_poste_lines() -> Iterator[str]:
    """La Poste's file: a header, then a line for each postal code of each town."""
    yield f"{LA_POSTE_HEADER}\r\n"
    for town in towns():
        name, delivered = la_poste(town)
        for code_postal in town.codes_postaux:
            position = f"{town.latitude:.5f}, {town.longitude:.5f}"
            yield f"{town.code_insee};{name};{code_postal};{delivered};;{position}\r\n"


def population_lines() -> Iterator[str]:
    """INSEE's file: a header, then a line for each town (a large city has one for each district instead)."""
    yield f"{POPULATION_HEADER}\r\n"
    for town in towns():
        region = DEPARTEMENTS[town.departement].region
        apart = round(_COUNTED_APART * town.population)
        place = [
            region,
            REGIONS[region],
            town.departement,
            "1",
            "",
            town.code_insee[2:],
            town.code_insee,
            town.nom,
        ]
        yield ";".join([*place, str(town.population), str(apart), str(town.population + apart)]) + "\r\n"
