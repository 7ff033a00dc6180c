"""The walk over tiers, on an index in memory."""

from collections.abc import Collection

import pytest

from foxreviews.search.query import tiers
from foxreviews.search.query.nodes import NOTHING, AnyOf, Node, Range, Term
from foxreviews.search.query.ranking import Tier, siren_of
from foxreviews.search.query.tiers import LENIENT_THRESHOLD, CompanyTiers
from foxreviews.search.query.types import Query
from foxreviews.search.query.walk import Walk
from tests.unit.search.memory_index import MemoryIndex


class Letters:
    """Two strict tiers, 4 and 3, and two lenient ones, 2 and 1: a document has the number of its tier as a word."""

    strict, lenient = (4, 3), (2, 1)
    sure = Term("word", "4")

    limit = 3

    def node(self, tier: int) -> Node:
        return Term("word", str(tier))

    def down_to(self, tier: int) -> Node:
        return AnyOf(tuple(Term("word", str(each)) for each in (4, 3, 2, 1) if each >= tier))

    def threshold(self, tier: int, _walk: Walk) -> int:
        return 3 if tier == 2 else 1


def of_ranks(ranks: Collection[int]) -> Node:
    return AnyOf(tuple(Range("rank", rank, rank) for rank in ranks))


def walk_of(index: MemoryIndex, *narrowed: Node, is_counted: bool = True) -> Walk:
    return Walk(index, Letters(), narrowed, of_ranks if is_counted else None)


def index_of(tiers: str) -> MemoryIndex:
    """Documents of these tiers, the first with the lowest rank."""
    return MemoryIndex(*({"rank": rank, "word": [tier]} for rank, tier in enumerate(tiers, 1)))


@pytest.mark.parametrize("is_counted", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 20])
@pytest.mark.parametrize(
    "tiers", ["", "4", "2222", "1111", "3432", "43214321", "34", "41", "21212121", "22221"]
)
def test_it_is_read_to_its_end_both_ways_each_hit_once_the_best_tier_first(
    tiers: str, size: int, *, is_counted: bool
) -> None:
    reached = {4, 3}
    spelt = sum(each in "34" for each in tiers)
    if spelt < 3:
        reached.add(2)
    if spelt + tiers.count("2") * (2 in reached) < 1:
        reached.add(1)
    expected = sorted(
        ((int(tier), rank) for rank, tier in enumerate(tiers, 1) if int(tier) in reached), reverse=True
    )
    for backward in (False, True):
        met: list[tuple[int, int]] = []
        for _ in range(len(tiers) + 2):  # a walk that stands still ends too
            walk = walk_of(index_of(tiers), is_counted=is_counted)
            page = list(walk.read(size, met[-1] if met else None, backward=backward))
            met += page
            if len(page) < size:
                break
        assert met == (expected[::-1] if backward else expected)
    if is_counted:
        walk = walk_of(index_of(tiers))
        assert walk.total == len(expected) == walk.index.count(walk.found)


@pytest.mark.parametrize(("better", "is_asked"), [("44", True), ("444", False), ("4444", False)])
@pytest.mark.parametrize("is_counted", [True, False])
def test_a_lenient_tier_is_asked_with_fewer_hits_than_its_threshold(
    better: str, *, is_asked: bool, is_counted: bool
) -> None:
    walk = walk_of(index_of(better + "2"), is_counted=is_counted)
    assert (2 in walk.reached) is is_asked


def test_only_what_is_not_narrowed_away_is_found_and_counted() -> None:
    index = MemoryIndex({"rank": 1, "word": ["4"], "town": ["A"]}, {"rank": 2, "word": ["4"], "town": ["B"]})
    walk = walk_of(index, Term("town", "A"))
    assert list(walk.read(9)) == [(4, 1)]
    assert walk.total == 1
    assert index.facets(walk.found, {"town": 9}) == {"town": {"A": 1}}


def test_no_tier_is_asked_once_all_hits_are_read() -> None:
    index = index_of("44")
    walk = walk_of(index)
    assert list(walk.read(2)) == [(4, 2), (4, 1)]
    before = len(index.searched)
    list(walk.read(9))
    assert len(index.searched) <= before + 1


@pytest.mark.parametrize(("hits", "lenient"), [(LENIENT_THRESHOLD - 1, True), (LENIENT_THRESHOLD, False)])
def test_a_search_of_twenty_hits_asks_for_no_beginnings(hits: int, *, lenient: bool) -> None:
    rows = [{"rank": rank, "nom": ["GARAGE"], "key": [f"{rank}GARAGE"]} for rank in range(1, hits + 1)]
    rows.append({"rank": 99, "nom": ["GARAGES"], "key": ["LESGARAGES"]})
    index = MemoryIndex(*(row | {"siren": [int(siren_of(row["rank"]))]} for row in rows))
    walk = Walk(index, CompanyTiers(Query("garage"), index.frequency), (), tiers.of_ranks)
    assert walk.total == hits + lenient


@pytest.mark.parametrize("typed", ["fournil", "fournil lyon", "fournil dore lyon", "fournil nowhere"])
@pytest.mark.parametrize(
    ("branch", "is_asked"),
    [
        ({}, False),
        ({"enseigne": ["MOULIN"], "ailleurs": ["BREST"]}, False),
        ({"enseigne": ["FOURNIL"], "ailleurs": ["LYON"], "enseigne_ville": ["FOURNIL@LYON"]}, True),
    ],
)
def test_what_no_establishment_has_is_not_asked_of_the_index(
    typed: str, branch: dict[str, list[str]], *, is_asked: bool
) -> None:
    company = {"rank": 5, "nom": ["FOURNIL", "DORE"], "key": ["FOURNILDORE"], "lieu": ["LYON"]}
    index = MemoryIndex(company, {"rank": 9, "nom": ["DURAND"], "key": ["DURAND"], "lieu": ["LYON"]} | branch)
    walk = Walk(index, CompanyTiers(Query(typed), index.frequency), (), tiers.of_ranks)
    list(walk.read(20))
    fields = {"enseigne", "ailleurs", "enseigne_ville"}
    assert (walk.tiers.node(Tier.BRANCH) == NOTHING) is not is_asked
    asked = any(f"field='{field}'" in repr(node) for node in index.searched for field in fields)
    assert asked is is_asked


def test_where_no_strict_tier_matches_they_are_asked_together_and_never_one_by_one() -> None:
    index = index_of("222")
    assert list(walk_of(index, is_counted=False).read(20)) == [(2, 3), (2, 2), (2, 1)]
    asked = [node for node in map(str, index.searched) if "word='3'" in node]
    assert len(asked) == 1, asked
