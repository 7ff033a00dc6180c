"""What speaks for a match is said in French: every sentence that matching can say."""

from itertools import product

import pytest
from django.utils.translation import override

from foxreviews.enterprise.names import Kind
from foxreviews.matching import evidence
from foxreviews.matching.names import Comparison, Likeness
from foxreviews.web.evidence import SENTENCES, spoken


def said() -> set[str]:
    """Of names, places, streets and trades all that there is; the rest as matching writes it."""
    found = {"the same SIRET", "the same SIREN", "another SIREN than the line's", "another legal form"}
    found |= {"one of both is an SCI", "the company has ceased"}
    found |= {"no company is called like it", "nothing is near enough"}
    for words in (evidence._OF_PLACE, evidence._OF_STREET, evidence._OF_TRADE):
        found |= {*filter(None, words.values())}
    for likeness, kind in product(Likeness, Kind):
        name = Comparison(likeness)
        found.add(evidence._OF_NAME[likeness] + evidence._of_kind(kind, name))
    return found


def test_every_sentence_has_its_french() -> None:
    with override("fr"):
        assert {sentence for sentence in said() if spoken(sentence) == sentence} == set()
        assert spoken("the same name, on its sign") == "le même nom, sur son enseigne"
        assert spoken("in the same street, at another number") == "dans la même rue, à un autre numéro"


def test_no_sentence_is_left_over() -> None:
    names = {sentence.rpartition(", ")[0] for sentence in said()}
    assert {*SENTENCES} - said() - names == set()


@pytest.mark.parametrize(
    ("sentence", "french"),
    [
        ("85 % alike", "ressemblance de 85\u00a0%"),
        ("1,234 companies have that name", "1\u00a0234 entreprises portent ce nom"),
        (
            "another company is nearly as likely: 732829320",
            "une autre entreprise est presque aussi probable\u00a0: 732 829 320",
        ),
        ("something new", "something new"),
    ],
)
def test_figures_stand_in_the_sentence(sentence: str, french: str) -> None:
    with override("fr"):
        assert spoken(sentence) == french
