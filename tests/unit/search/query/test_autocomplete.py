"""Which companies complete what was typed, and when a more lenient tier is asked, on an index in memory."""

import pytest

from foxreviews.reference.words import key, words
from foxreviews.search.query.autocomplete import complete
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.ranking import Tier
from tests.unit.search.memory_index import MemoryIndex


def index_of(*names: str, lieu: str = "LYON") -> MemoryIndex:
    """Companies of these names in one town, the first with the highest rank."""
    return MemoryIndex(
        *(
            {"rank": 100 - number, "key": [key(name)], "nom": words(name), "joined": [], "lieu": [lieu]}
            for number, name in enumerate(names)
        )
    )


def completed(index: MemoryIndex, typed: str, limit: int = 10) -> list[tuple[Tier, int]]:
    return [(Tier(tier), 100 - rank) for tier, rank in complete(index, interpret(typed), limit)]


def test_a_whole_name_stands_before_one_that_goes_on() -> None:
    assert completed(index_of("Dupont Frères", "Dupont"), "dupont") == [(Tier.EXACT, 1), (Tier.BEGINNING, 0)]


@pytest.mark.parametrize(("typed", "found"), [("dup", 1), ("du", 0)])
def test_from_three_letters_on_a_word_goes_on(typed: str, found: int) -> None:
    assert len(completed(index_of("Dupont"), typed)) == found


@pytest.mark.parametrize(("typed", "found"), [("totale", 1), ("total", 0)])
def test_from_six_letters_on_a_name_goes_on_in_any_spacing(typed: str, found: int) -> None:
    index = MemoryIndex({"rank": 1, "key": ["TOTALENERGIES"], "nom": ["X"], "joined": [], "lieu": []})
    assert len(complete(index, interpret(typed), 10)) == found


@pytest.mark.parametrize("begun", range(5))
def test_a_misspelt_name_is_proposed_only_where_no_other_one_is(begun: int) -> None:
    index = index_of("Boulanger", *[f"Boulangre {number}" for number in range(begun)])
    misspelt = (Tier.TYPO, 0) in completed(index, "boulangre")
    assert misspelt is (begun == 0)


@pytest.mark.parametrize(("begun", "asked"), [(2, True), (3, False)])
def test_the_last_word_is_a_towns_where_few_names_go_on_so(begun: int, asked: bool) -> None:
    index = index_of("Dupont", *[f"Dupont Lyonnaise {number}" for number in range(begun)])
    in_town = (Tier.BEGINNING, 0) in completed(index, "dupont lyon")
    assert in_town is asked


def test_no_more_come_than_were_asked_for() -> None:
    assert completed(index_of("Dupont A", "Dupont B", "Dupont C"), "dupont", 2) == [
        (Tier.BEGINNING, 0),
        (Tier.BEGINNING, 1),
    ]
