import csv
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.reference.text import fold, town_key

KEY = re.compile(r"(?:[A-Z0-9]+(?: [A-Z0-9]+)*)?")
PIECES = (
    "PARIS",
    "LYON",
    "CEDEX",
    "ST",
    "STE",
    "S/",
    "S/S",
    "1",
    "01",
    "15",
    "20",
    "ER",
    "EME",
    "ARR",
    "BOIS",
    "É",
)
TOWNISH = st.lists(st.sampled_from(PIECES)).map(" ".join)


@given(st.text())
def test_a_folded_text_is_upper_case_ascii_words_one_space_apart(text):
    assert KEY.fullmatch(fold(text))


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(codec="latin-1")))
def test_case_does_not_count(text):
    assert fold(text.upper()) == fold(text.lower()) or "µ" in text.lower()


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("L'Œuvre", "L OEUVRE"),
        ("L’Haÿ-les-Roses", "L HAY LES ROSES"),
        ("  Crédit   Lyonnais\t", "CREDIT LYONNAIS"),
        ("Cafe\u0301", "CAFE"),
        ("ÉLÈVE ÇÀ Ñ", "ELEVE CA N"),
        ("Ægir & Łódź — Straße nº2", "AEGIR LODZ STRASSE NO2"),
        ("S.A.R.L. H&M", "S A R L H M"),
        ("…", ""),
        ("", ""),
    ],
)
def test_names_are_folded_to_what_they_share(text, folded):
    assert fold(text) == folded


@given(st.text() | TOWNISH)
def test_the_key_of_a_town_s_key_is_itself(name):
    assert town_key(town_key(name)) == town_key(name)
    assert KEY.fullmatch(town_key(name))


@pytest.mark.parametrize(
    "name",
    [
        "ST ETIENNE",
        "Saint-Étienne",
        "SAINT ETIENNE CEDEX 2",
        "ST-ETIENNE",
        "st. etienne cedex",
        "SAINT-ÉTIENNE Cedex 09",
    ],
)
def test_the_spellings_of_saint_etienne_meet(name):
    assert town_key(name) == "SAINT ETIENNE"


@pytest.mark.parametrize(
    "name",
    [
        "PARIS 15",
        "Paris 15e Arrondissement",
        "PARIS 15E ARRONDISSEMENT",
        "PARIS 15EME",
        "PARIS 15 EME ARRDT",
        "PARIS CEDEX 15",
        "PARIS 15 CEDEX 15",
        "PARIS-15E-ARRONDISSEMENT",
    ],
)
def test_the_spellings_of_a_district_meet(name):
    assert town_key(name) == "PARIS 15"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Paris 01", "PARIS 1"),
        ("PARIS 1ER ARRONDISSEMENT", "PARIS 1"),
        ("MARSEILLE 09", "MARSEILLE 9"),
        ("LYON CEDEX 03", "LYON 3"),
        ("PARIS", "PARIS"),
        ("PARIS CEDEX", "PARIS"),
        ("LYON CEDEX 20", "LYON"),
        ("PARIS LA DEFENSE CEDEX", "PARIS LA DEFENSE"),
        ("BOURG LES VALENCE CEDEX", "BOURG LES VALENCE"),
        ("ROUEN CEDEX 1", "ROUEN"),
        ("CEDEX 3", ""),
        ("L'ABERGEMENT", "L ABERGEMENT"),
        ("STE MARIE", "SAINTE MARIE"),
        ("STES MARIES DE LA MER", "SAINTES MARIES DE LA MER"),
        ("BOURG ST MAURICE", "BOURG SAINT MAURICE"),
        ("BREST", "BREST"),
        ("STAINS", "STAINS"),
        ("LA TESTE DE BUCH", "LA TESTE DE BUCH"),
        ("AULNAY S/S BOIS", "AULNAY SOUS BOIS"),
        ("VITRY S/SEINE", "VITRY SUR SEINE"),
        ("Chalon s/ Saône", "CHALON SUR SAONE"),
        ("S/S", "S S"),
    ],
)
def test_a_town_is_known_by_its_key(name, key):
    assert town_key(name) == key


def test_the_post_and_insee_agree_on_the_key_of_nearly_every_commune(shared_data):
    with (shared_data / "cog_communes_2026.csv").open(encoding="utf-8", newline="") as file:
        names = {r["COM"]: r["LIBELLE"] for r in csv.DictReader(file) if r["TYPECOM"] in ("COM", "ARM")}
    with (shared_data / "laposte_hexasmal.csv").open(encoding="utf-8", newline="") as file:
        post = {r["Code_commune_INSEE"]: r["Nom_commune"] for r in csv.DictReader(file, delimiter=";")}
    both = names.keys() & post.keys()
    differ = [code for code in both if town_key(names[code]) != town_key(post[code])]
    # What is left are communes renamed or merged since the post's list, not two spellings of one name.
    assert len(both) > 34_000
    assert len(differ) < 0.016 * len(both)
