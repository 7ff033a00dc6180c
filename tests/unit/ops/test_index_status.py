"""What search_status says."""

from dataclasses import replace

import pytest

from foxreviews.ops import index_status as status
from foxreviews.ops.index_status import Status
from foxreviews.search.index import schema
from foxreviews.search.index.changes import Changes
from foxreviews.search.index.storage import State

STATE = State(schema.FORMAT, "", "1:1:", "2026-03-01T04:15:00+00:00", documents=2, places=1)
NOTHING = Changes("1:1:", [], everything=False, places=False, entries=0, seconds=0.0)
IN_SYNC = Status(
    in_sync=True, why="", engine="tantivy", folder="var/search", generation="g", format=3,
    built_at="2026-07-01T22:15:00+00:00",
    documents=4_000_000, places=35_652, companies=4_000_000, changes=0, seconds=0.0, bytes=306_000_000,
    daemon=4121, rebuild=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("state", "found", "companies", "why"),
    [
        (STATE, NOTHING, 2, ""),
        (STATE, replace(NOTHING, entries=3, seconds=5.0), 5, ""),
        (STATE, replace(NOTHING, entries=3, seconds=5.1), 5, "It lacks 3 changes, the oldest 5 s old."),
        (STATE, NOTHING, 3, "It has 2 documents for 3 companies. Run: manage.py search_rebuild"),
        (replace(STATE, rebuild_reason="It is old."), NOTHING, 2, "It is old."),
    ],
)
def test_an_index_that_is_not_in_sync_says_why(
    state: State, found: Changes, companies: int, why: str
) -> None:
    assert status._missing(state, found, companies) == why


def test_the_lines_say_how_it_stands() -> None:
    assert dict(status.lines(IN_SYNC)) == {
        "searches": "answered by tantivy",
        "index": "in sync",
        "generation": "var/search/g, built 2026-07-02 00:15 CEST, format 3",
        "documents": "4,000,000 for 4,000,000 companies, 35,652 towns and trades, 306 MB",
        "not yet in": "0 changes",
        "daemon": "process 4121",
    }


def test_what_is_missing_is_said_with_the_command_to_type() -> None:
    lines = dict(
        status.lines(
            replace(IN_SYNC, in_sync=False, why="It is old.", changes=2, seconds=9.0, daemon=None, rebuild=7)
        )
    )
    assert lines["index"] == "not in sync: It is old."
    assert lines["not yet in"] == "2 changes, the oldest 9.0 s old"
    assert lines["daemon"].endswith("manage.py search_catchup --follow")
    assert lines["rebuild"] == "process 7"


def test_without_an_index_only_what_is_known_is_shown() -> None:
    none = replace(IN_SYNC, in_sync=False, why="There is no index.", generation="", format=None)
    assert dict(status.lines(none)).keys() == {"searches", "index", "daemon"}
