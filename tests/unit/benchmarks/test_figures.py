"""The search's figures: each size of directory is held to its own targets."""

import pytest

from benchmarks.search.figures import (
    ENGINE,
    FIRST,
    HTTP,
    POSTGRES,
    RATIO_OF,
    SIMILAR,
    TANTIVY,
    Figures,
    Times,
    judged,
    size_of_targets,
)

KINDS = (*RATIO_OF, "facets")


def figures(rows: int, milliseconds: float) -> Figures:
    """Each question takes so long, PostgreSQL's a hundred times as long."""
    quick, slow = Times([milliseconds] * 9), Times([100 * milliseconds] * 9)
    return Figures(
        rows,
        {"seconds": 44.0, "MiB": 1000.0, "MB": 399.0},
        {
            (engine, where): dict.fromkeys(KINDS, times)
            for engine, times in ((TANTIVY, quick), (POSTGRES, slow))
            for where in (ENGINE, HTTP)
        },
        {
            ("towns", ENGINE): quick,
            ("suggestions", HTTP): quick,
            (FIRST, HTTP): quick,
            (SIMILAR, ENGINE): slow,
        },
        rate=600.0,
    )


@pytest.mark.parametrize(
    ("rows", "size"),
    [(1, 4_000_000), (4_000_000, 4_000_000), (4_000_001, 30_000_000), (99_000_000, 30_000_000)],
)
def test_a_directory_is_held_to_the_targets_of_the_next_size(rows: int, size: int) -> None:
    assert size_of_targets(rows) == size


def test_the_larger_directory_may_take_longer() -> None:
    missed = [verdict.what for verdict in judged(figures(4_000_000, 3.0)) if not verdict.holds]
    assert missed == ["all classes, engine, p50"]
    assert all(verdict.holds for verdict in judged(figures(30_000_000, 3.0)))


def test_the_slowest_class_is_named() -> None:
    found = figures(4_000_000, 1.0)
    found.mix[TANTIVY, HTTP]["facets"] = Times([26.0] * 9)
    missed = [verdict.what for verdict in judged(found) if not verdict.holds]
    assert missed == ["all classes, HTTP, p99", "slowest class (facets), HTTP, p99", "facets, HTTP, p95"]
