"""The next page of a list of very many companies."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.core.keyset import Window
from foxreviews.search.engines import indexed
from foxreviews.search.engines.indexed import LISTED, IndexedEngine
from foxreviews.search.query.nodes import AllOf, Index, Range, Term
from foxreviews.search.query.ranking import MAX_SIREN, RELEVANCE, SIREN_BITS
from tests.unit.search.memory_index import MemoryIndex

FOUND = AllOf((Term("is_active", "true"),))
SIRENS = st.integers(0, 60) | st.integers(0, 10**9 - 1)


def company(siren: int, prominence: int) -> dict[str, object]:
    rank = (prominence << SIREN_BITS) + MAX_SIREN - siren
    return {"siren": siren, "rank": rank, "is_active": ["true" if siren % 3 else "false"]}


COMPANIES = st.lists(
    st.builds(company, SIRENS, st.integers(0, 2)),
    min_size=1,
    max_size=40,
    unique_by=lambda each: each["siren"],
)


def _engine(index: MemoryIndex) -> IndexedEngine:
    return IndexedEngine(cast("Index", index))


@pytest.fixture(autouse=True)
def all_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexed, "MANY_LISTED", 1)


@given(COMPANIES, st.integers(1, 5), st.booleans(), st.data())
def test_has_the_next_companies_however_their_numbers_lie(
    companies: list[dict[str, object]], size: int, backward: bool, data: st.DataObject
) -> None:
    index = MemoryIndex(*companies)
    every = index.ranks(FOUND, len(companies), ascending=backward)
    position = data.draw(st.sampled_from([int(str(each["rank"])) for each in companies]))
    window = Window(RELEVANCE, size, (LISTED, position), backward)
    behind = [rank for rank in every if (rank > position if backward else rank < position)]
    found = _engine(index)._behind(FOUND, window, len(every) or 1)
    assert found == behind[: size + 1]


def test_looks_at_those_next_to_it_alone_where_they_are_enough() -> None:
    companies = [company(siren, 1) for siren in range(0, 10**9, 10**7)]
    index = MemoryIndex(*companies)
    window = Window(RELEVANCE, 2, (LISTED, companies[50]["rank"]))
    assert len(_engine(index)._behind(FOUND, window, index.count(FOUND))) == 3
    (asked,) = index.searched
    assert isinstance(asked, AllOf)
    assert {node.field for node in asked.nodes if isinstance(node, Range)} == {"siren", "rank"}
