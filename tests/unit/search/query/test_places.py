"""Which towns what was typed may mean, and when a misspelt one is looked for, on an index in memory."""

import pytest

from foxreviews.reference.text import fold
from foxreviews.reference.words import words
from foxreviews.search.query.places import (
    VILLE,
    Places,
    Step,
    keys,
    rank,
    weight_and_code,
)
from tests.unit.search.memory_index import MemoryIndex


def towns(*names: str, code_postal: str = "69003") -> Places:
    """Towns of these names, the first with the fewest inhabitants."""
    return Places(
        MemoryIndex(
            *(
                {
                    "kind": [VILLE],
                    "rank": rank(number, f"{10_000 + number}"),
                    "key": keys(name),
                    "start": [fold(name)],
                    "nom": words(name),
                    "lieu": [*words(name), code_postal],
                    "code_postal": [code_postal],
                }
                for number, name in enumerate(names)
            )
        )
    )


def steps(places: Places, typed: str) -> list[tuple[Step, int]]:
    return [(Step(found.step), found.weight) for found in places.find(VILLE, typed, 50)]


def test_the_name_itself_stands_before_one_that_begins_so_and_one_that_has_the_word() -> None:
    assert steps(towns("Lyon", "Lyons-la-Forêt", "Sainte-Foy-lès-Lyon"), "lyon") == [
        (Step.EXACT, 0),
        (Step.START, 1),
        (Step.WORDS, 2),
    ]


@pytest.mark.parametrize(("typed", "found"), [("690", 1), ("69", 0)])
def test_from_three_digits_on_a_postal_code_goes_on(typed: str, found: int) -> None:
    assert len(steps(towns("Lyon"), typed)) == found


@pytest.mark.parametrize(("typed", "found"), [("liyn", 1), ("lin", 0)])
def test_from_four_letters_on_a_name_may_be_misspelt(typed: str, found: int) -> None:
    name = {"liyn": "Lion", "lin": "Lon"}[typed]
    assert len(steps(towns(name), typed)) == found


@pytest.mark.parametrize(("others", "looked_for"), [(9, True), (10, False)])
def test_a_misspelt_name_is_looked_for_where_few_others_have_the_words(others: int, looked_for: bool) -> None:
    places = towns("Lyon", *[f"Bourg {letter} Lion" for letter in "abcdefghij"[:others]])
    assert ((Step.TYPO, 0) in steps(places, "lion")) is looked_for


@pytest.mark.parametrize("code", ["00000", "69123", "2A004", "6201Z", "ZZZZZ"])
@pytest.mark.parametrize("weight", [0, 1, 2_100_000, 30_000_000])
def test_a_rank_holds_its_weight_and_its_code(weight: int, code: str) -> None:
    assert weight_and_code(rank(weight, code)) == (weight, code)
