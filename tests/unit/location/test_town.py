"""A town's official name, and its slug: its name where it can be, once and for all."""

import csv
from pathlib import Path

import pytest

from foxreviews.location.town import Town, base_slug, give_slugs, official_name
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


def town(code: str, nom: str, slug: str = "") -> Town:
    return Town(code, nom, slug, [], code[:2], "", None, None, None, None, "", [], [])


def slugs(*towns: Town, known: tuple[Town, ...] = ()) -> list[str]:
    give_slugs(towns, {town.code_insee: town for town in known})
    return [town.slug for town in towns]


def test_accents_apostrophes_and_ligatures_become_plain_words() -> None:
    assert base_slug("L'Haÿ-les-Roses") == "l-hay-les-roses"
    assert base_slug("Plœuc-L'Hermitage") == "ploeuc-l-hermitage"


def test_a_name_that_one_town_has_is_its_slug() -> None:
    assert slugs(town("42218", "Saint-Étienne")) == ["saint-etienne"]


def test_homonyms_have_their_departement() -> None:
    homonyms = slugs(town("2A999", "Saint-Denis"), town("93066", "Saint-Denis"))
    assert homonyms == ["saint-denis-2a", "saint-denis-93"]


def test_homonyms_of_one_departement_have_their_code() -> None:
    homonyms = slugs(town("68006", "Bernwiller"), town("68031", "Bernwiller"))
    assert homonyms == ["bernwiller-68006", "bernwiller-68031"]


def test_a_town_keeps_its_slug_when_a_homonym_appears() -> None:
    first = town("93066", "Saint-Denis", "saint-denis")
    both = slugs(town("93066", "Saint-Denis"), town("97411", "Saint-Denis"), known=(first,))
    assert both == ["saint-denis", "saint-denis-97"]


def test_a_town_keeps_its_slug_when_its_accents_are_found() -> None:
    assert slugs(town("95218", "Éragny"), known=(town("95218", "Eragny", "eragny"),)) == ["eragny"]


def test_a_renamed_town_has_a_new_slug_and_leaves_the_old_one_unused() -> None:
    before = town("91390", "Méréville", "mereville")
    renamed, homonym = slugs(town("91390", "Le Mérévillois"), town("54357", "Méréville"), known=(before,))
    assert renamed == "le-merevillois"
    assert homonym == "mereville-54"
