"""The thresholds of a merge, without a database."""

from contextlib import contextmanager
from typing import Any

import pytest

from foxreviews.importing.errors import ColumnEmptied, TooFewActive
from foxreviews.importing.load import merge
from foxreviews.importing.load.merge import FIRST_LOAD_ROWS, Limits, refuse_emptied, refuse_too_few_active
from foxreviews.importing.load.staging import Staging


def test_as_many_active_companies_as_the_ratio_asks_for_are_enough_and_one_fewer_is_not() -> None:
    refuse_too_few_active(1_000, -100, 0.9)
    refuse_too_few_active(0, 0, 0.9)
    with pytest.raises(
        TooFewActive, match=r"1,000 companies are active; this file would leave 899 .*--force"
    ):
        refuse_too_few_active(1_000, -101, 0.9)


def test_a_column_may_lose_a_hundredth_or_99_values_and_not_one_more() -> None:
    refuse_emptied({"naf_code": 99}, 200, None)
    refuse_emptied({"naf_code": 100}, 10_000, None)
    refuse_emptied({}, 0, None)
    refuse_emptied({"naf_code": 20}, 200, 0.1)
    sentence = r"would empty naf_code of 101 companies .*; 10,000 companies are active, .* is 1% .*--force"
    with pytest.raises(ColumnEmptied, match=sentence):
        refuse_emptied({"naf_code": 101, "siret": 3}, 10_000, None)
    with pytest.raises(ColumnEmptied, match="naf_code of 100 companies"):
        refuse_emptied({"naf_code": 100}, 200, None)
    with pytest.raises(ColumnEmptied, match="naf_code of 21"):
        refuse_emptied({"naf_code": 21}, 200, 0.1)


def test_companies_that_are_public_no_more_are_named_as_such_next_to_what_is_emptied() -> None:
    refuse_emptied({"statut_diffusion": 99}, 200, None)
    sentence = r"would make 101 public companies non-public \(statut_diffusion\); 10,000 companies are active"
    with pytest.raises(ColumnEmptied, match=sentence):
        refuse_emptied({"statut_diffusion": 101, "siret": 3}, 10_000, None)
    with pytest.raises(ColumnEmptied, match=r"\(statut_diffusion\), and empty siret of 102 companies"):
        refuse_emptied({"siret": 102, "statut_diffusion": 101}, 10_000, None)


@pytest.mark.parametrize(("staged", "is_first_load"), [(FIRST_LOAD_ROWS - 1, False), (FIRST_LOAD_ROWS, True)])
def test_indexes_are_dropped_from_so_many_rows_on(
    monkeypatch: pytest.MonkeyPatch, staged: int, is_first_load: bool
) -> None:
    did: list[str] = []

    @contextmanager
    def noted(name: str, result: Any = None) -> Any:
        did.append(name)
        yield result

    monkeypatch.setattr(merge, "_lock_empty_table", lambda: True)
    monkeypatch.setattr(merge.corrections, "lock_out_staff", lambda: None)
    monkeypatch.setattr(merge.corrections, "exist", lambda: False)
    monkeypatch.setattr(merge.partitions, "is_partitioned_now", lambda: False)
    monkeypatch.setattr(merge.secondary_indexes, "rebuilt", lambda _: noted("rebuilt"))
    monkeypatch.setattr(merge.corrections, "withhold", lambda: None)
    monkeypatch.setattr(merge, "change_log_off", lambda *_: noted("change log off"))
    monkeypatch.setattr(
        merge, "_differences", lambda *_, **__: noted("differences", merge.Changes(staged, 0))
    )
    for name in ("_insert_first", "_execute"):
        monkeypatch.setattr(merge, name, lambda *_: staged)
    staging = Staging({"siren"}, temporary=True)
    assert merge.merge(staging, staged, update_existing=True, empty_overwrites=False, limits=Limits())[
        :2
    ] == (
        staged,
        0,
    )
    assert did == (["rebuilt", "change log off"] if is_first_load else ["differences"])
