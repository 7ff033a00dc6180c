"""The post's capitals become the names that people read."""

import csv
from pathlib import Path

import pytest

from foxreviews.location.official_name import official_name
from foxreviews.reference.text import fold


@pytest.mark.parametrize(
    ("post", "official"),
    [
        ("ST GERMAIN LE CHATELET", "Saint-Germain-le-Chatelet"),
        ("STE FOY LES LYON", "Sainte-Foy-les-Lyon"),
        ("L ABERGEMENT CLEMENCIAT", "L'Abergement-Clemenciat"),
        ("LE MANS", "Le Mans"),
        ("LA ROCHELLE", "La Rochelle"),
        ("LES SABLES D OLONNE", "Les Sables-d'Olonne"),
        ("ST REMY DE L EURE", "Saint-Remy-de-l'Eure"),
        ("LIVAROT PAYS D AUGE", "Livarot-Pays-d'Auge"),
        ("CASTELNAU LE LEZ", "Castelnau-le-Lez"),
        ("SAINS LEZ MARQUION", "Sains-lez-Marquion"),
        ("ARTIGUES PRES BORDEAUX", "Artigues-pres-Bordeaux"),
        ("Y", "Y"),
        ("LE", "Le"),
    ],
)
def test_a_name_in_capitals_is_written_in_the_official_manner(post: str, official: str) -> None:
    assert official_name(post) == official


def test_a_name_that_is_not_in_capitals_is_left_as_it_is() -> None:
    assert official_name("Saint-Étienne-lès-Orgues") == "Saint-Étienne-lès-Orgues"


def test_of_the_names_not_changed_since_99_in_100_are_the_official_ones(shared_data: Path) -> None:
    with (shared_data / "laposte_hexasmal.csv").open(encoding="utf-8-sig") as file:
        post = {row["Code_commune_INSEE"]: row["Nom_commune"] for row in csv.DictReader(file, delimiter=";")}
    with (shared_data / "cog_communes_2026.csv").open(encoding="utf-8-sig") as file:
        cog = {row["COM"]: row["LIBELLE"] for row in csv.DictReader(file) if row["TYPECOM"] == "COM"}
    pairs = [(official_name(post[code]), cog[code]) for code in post.keys() & cog.keys()]
    same_words = [(ours, theirs) for ours, theirs in pairs if fold(ours) == fold(theirs)]
    right = sum(shape(ours) == shape(theirs) for ours, theirs in same_words)
    assert len(pairs) > 34_000
    assert right / len(same_words) > 0.99


def shape(name: str) -> list[str]:
    """The name's words without their accents, and its separators and capitals as they are."""
    return ["".join(fold(letter) if letter.isupper() else fold(letter).lower() or letter for letter in name)]
