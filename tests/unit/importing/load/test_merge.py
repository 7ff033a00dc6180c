"""The thresholds of a merge, without a database."""

from contextlib import contextmanager
from typing import Any

import pytest

from foxreviews.importing.errors import TooFewActive
from foxreviews.importing.load import merge
from foxreviews.importing.load.merge import FIRST_LOAD_ROWS, refuse_too_few_active
from foxreviews.importing.load.staging import Staging


def test_as_many_active_companies_as_the_ratio_asks_for_are_enough_and_one_fewer_is_not() -> None:
    refuse_too_few_active(1_000, -100, 0.9)
    refuse_too_few_active(0, 0, 0.9)
    with pytest.raises(
        TooFewActive, match=r"1,000 companies are active; this file would leave 899 .*--force"
    ):
        refuse_too_few_active(1_000, -101, 0.9)


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
    monkeypatch.setattr(merge.secondary_indexes, "rebuilt", lambda: noted("rebuilt"))
    monkeypatch.setattr(merge, "_change_log_off", lambda: noted("change log off"))
    monkeypatch.setattr(
        merge, "_differences", lambda *_, **__: noted("differences", merge.Changes(staged, 0))
    )
    monkeypatch.setattr(merge, "_execute", lambda *_: staged)
    staging = Staging({"siren"}, temporary=True)
    assert merge.merge(staging, staged, update_existing=True, empty_overwrites=False, min_ratio=0.9)[:2] == (
        staged,
        0,
    )
    assert did == (["rebuilt", "change log off"] if is_first_load else ["differences"])
