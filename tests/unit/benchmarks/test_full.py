"""The measurement of the whole register: its stages, its table, the files that it makes of generated ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from benchmarks.full import register
from benchmarks.full.load import by_table
from benchmarks.full.pages import percentile, summary
from benchmarks.full.stages import Folder
from benchmarks.full.table import holds, table
from foxreviews.core.errors import FoxreviewsError

Stage = Callable[[bool], dict[str, Any]]


def noted(calls: list[bool], figures: dict[str, Any]) -> Stage:
    def measure(was_interrupted: bool) -> dict[str, Any]:
        calls.append(was_interrupted)
        return figures

    return measure


def fails(_: bool) -> dict[str, Any]:
    raise KeyboardInterrupt


def test_a_stage_that_is_done_is_not_run_again(tmp_path: Path) -> None:
    calls: list[bool] = []
    first = Folder(tmp_path).run("load", noted(calls, {"seconds": 3}))
    assert Folder(tmp_path).run("load", noted(calls, {"seconds": 9})) == first
    assert calls == [False]


def test_an_interrupted_stage_is_run_again_and_told_so(tmp_path: Path) -> None:
    calls: list[bool] = []
    with pytest.raises(KeyboardInterrupt):
        Folder(tmp_path).run("changed", fails)
    assert Folder(tmp_path).figures("changed") is None
    Folder(tmp_path).run("changed", noted(calls, {"seconds": 3}))
    assert calls == [True]


def test_what_can_no_longer_be_measured_is_said(tmp_path: Path) -> None:
    stages = Folder(tmp_path)
    stages.run("pages", lambda _: {})
    stages.require("pages", retry_hint="")
    with pytest.raises(FoxreviewsError, match=r"Nothing is known of again, near\. Remove load\.json"):
        stages.require("again", "pages", "near", retry_hint="Remove load.json.")


LOAD = {
    "seconds": 100.0,
    "peak_mib": 700.0,
    "rows": {"enterprise_entreprise": 10, "enterprise_doublon": 2},
    "tables": {"enterprise_entreprise": 60.0, "enterprise_doublon": 1.0},
}


def test_the_table_says_which_limits_are_missed() -> None:
    stages = {
        "load": LOAD,
        "again": {"seconds": 60.0, "written": {"enterprise_entreprise": 0}},
        "floor-enterprise_entreprise": {"seconds": 60.0},
    }
    lines = table(stages).splitlines()
    assert (
        "| load of enterprise_entreprise: 10 rows | 60.0 s, 1.00 × its floor of 60.0 s | ≤ 1.15 × |  |"
        in lines
    )
    assert "| load of enterprise_doublon: 2 rows | 1.0 s |  |  |" in lines
    assert "| the same month again | 0.60 × (60 s) | ≤ 0.5 × | **missed** |" in lines
    assert not holds(stages)
    fast = stages | {"again": {"seconds": 50.0, "written": {"enterprise_entreprise": 0}}}
    assert holds(fast)
    assert not holds(fast | {"floor-enterprise_entreprise": {"seconds": 50.0}})


def test_the_search_is_held_to_its_targets_and_shown_by_class() -> None:
    times = {"frequent word": {"p50": 2.0, "p99": 9.0}}
    build = {"what": "build", "target": 900.0, "found": 800.0, "unit": "s", "at_least": False, "holds": True}
    clients = {
        "what": "4 clients",
        "target": 300.0,
        "found": 200.0,
        "unit": "/s",
        "at_least": True,
        "holds": False,
    }
    verdicts = [build, clients]
    stages = {"search": {"verdicts": verdicts, "mix": {"tantivy engine": times, "tantivy HTTP": times}}}
    lines = table(stages).splitlines()
    assert "| search: build | 800.0 s | ≤ 900 s |  |" in lines
    assert "| search: 4 clients | 200.0 /s | ≥ 300 /s | **missed** |" in lines
    assert "| frequent word | 2.0 | 9.0 | 2.0 | 9.0 |" in lines
    assert not holds(stages)


def test_fewer_companies_may_take_less_disk() -> None:
    load = LOAD | {"rows": {"enterprise_entreprise": 15_000_000}, "tables": {}}
    assert holds({"load": load, "disk": {"total_gb": 15.0}})
    assert not holds({"load": load, "disk": {"total_gb": 15.1}})


def test_rows_written_by_the_same_month_are_a_fault() -> None:
    assert not holds({"load": LOAD, "again": {"seconds": 9.0, "written": {"enterprise_etablissement": 1}}})


def test_each_table_has_the_time_of_its_file_its_merge_and_its_indexes() -> None:
    stages = {
        "Legal units": 10.0, "Establishments": 20.0, "Succession": 1.0, "Doublon": 0.5, "Historique": 2.0,
        "Merging": 30.0, "enterprise_etablissement": 15.0, "enterprise_succession": 3.0,
        "enterprise_doublon": 0.25, "enterprise_anciennom": 1.75, "Building indexes": 9.0,
        "enterprise_entreprise_nom_trgm_idx": 8.0, "enterprise_etablissement_naf_idx": 6.0,
    }  # fmt: skip
    assert by_table(stages) == {
        "enterprise_entreprise": 10 + 10 + 4,
        "enterprise_etablissement": 20 + 15 + 3,
        "enterprise_succession": 4.0,
        "enterprise_doublon": 0.75,
        "enterprise_anciennom": 3.75,
    }


@pytest.mark.parametrize(("part", "value"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100)])
def test_a_percentile_is_the_value_that_so_many_are_not_above(part: float, value: int) -> None:
    assert percentile([float(each) for each in range(100, 0, -1)], part) == value


def test_the_slowest_address_is_named_first() -> None:
    found = summary({"fast": [1.0] * 20, "slow": [9.0] * 20})
    assert found["worst"][0] == {"what": "slow", "p95": 9.0}
    assert found["requests"] == 40


def test_one_street_in_a_hundred_is_changed_and_no_file_is_left_of_a_part(tmp_path: Path) -> None:
    street = pl.Series(register.STREET, ["DU PORT"] * 250)
    pl.DataFrame([street]).write_parquet(register.paths(tmp_path)[register.ESTABLISHMENTS])
    changed = pl.read_parquet(register.change(tmp_path))[register.STREET]
    assert [*changed.arg_unique()] == [0, 1]
    assert (changed == "DU PORT BIS").sum() == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "StockEtablissement_utf8.parquet",
        "changed.parquet",
    ]
