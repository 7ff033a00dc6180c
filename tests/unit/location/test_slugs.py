"""A town's address is its name where it can be, and stays."""

from foxreviews.location.slugs import base_slug, give_slugs
from foxreviews.location.town import Town


def town(code: str, nom: str, slug: str = "") -> Town:
    return Town(code, nom, slug, [], code[:2], "", None, None, None, None, "", [])


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


def test_a_renamed_town_has_a_new_slug_and_leaves_the_old_one_to_nobody() -> None:
    before = town("91390", "Méréville", "mereville")
    renamed, homonym = slugs(town("91390", "Le Mérévillois"), town("54357", "Méréville"), known=(before,))
    assert renamed == "le-merevillois"
    assert homonym == "mereville-54"
