"""How many documents are written into a segment, so that Tantivy merges all of them into one."""

import math

import pytest

from foxreviews.search.index.builder import MERGED, MIN_SEGMENT, _segment_size


@pytest.mark.parametrize(
    ("companies", "segments"),
    [(0, 0), (1, 1), (80_000, 1), (80_001, 8), (640_000, 8), (4_000_000, 64), (30_000_000, 512)],
)
def test_the_segments_are_a_power_of_how_many_tantivy_merges(companies: int, segments: int) -> None:
    assert math.ceil(companies / _segment_size(companies)) == segments


@pytest.mark.parametrize("companies", [100_000, 640_001, 4_000_000, 29_900_000])
def test_segments_are_not_so_small_that_tantivy_tells_no_sizes_apart_nor_too_large_for_the_memory(
    companies: int,
) -> None:
    assert MIN_SEGMENT <= _segment_size(companies) <= MERGED * MIN_SEGMENT
