"""A window is cut from the rows that were read, with the windows before and after it."""

from typing import Any

import pytest

from foxreviews.core.keyset import Ordering, Window, cut

BY_ID = Ordering("id", ("id",))


def rows(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": number} for number in numbers]


@pytest.mark.parametrize(
    ("window", "found", "shown", "previous", "following"),
    [
        pytest.param(Window(BY_ID, 2), (1, 2, 3), (1, 2), None, (2,), id="first of several"),
        pytest.param(Window(BY_ID, 2), (1, 2), (1, 2), None, None, id="the only one, full"),
        pytest.param(Window(BY_ID, 2, (2,)), (3, 4, 5), (3, 4), (3,), (4,), id="in the middle"),
        pytest.param(Window(BY_ID, 2, (4,)), (5,), (5,), (5,), None, id="the last"),
        pytest.param(Window(BY_ID, 2, (5,), backward=True), (4, 3, 2), (3, 4), (3,), (4,), id="backward"),
        pytest.param(
            Window(BY_ID, 2, (3,), backward=True), (2, 1), (1, 2), None, (2,), id="back at the start"
        ),
        pytest.param(Window(BY_ID, 2, backward=True), (5, 4, 3), (4, 5), (4,), None, id="from the end"),
    ],
)
def test_a_window_has_its_neighbours_and_none_at_an_end(
    window: Window,
    found: tuple[int, ...],
    shown: tuple[int, ...],
    previous: tuple[int] | None,
    following: tuple[int] | None,
) -> None:
    part = cut(rows(*found), window)
    assert part.rows == rows(*shown)
    assert (part.previous.position if part.previous else None) == previous
    assert (part.next.position if part.next else None) == following


def test_a_page_that_deletions_have_emptied_still_leads_back() -> None:
    part = cut([], Window(BY_ID, 2, (9,)))
    assert part.rows == []
    assert part.next is None
    assert part.previous == Window(BY_ID, 2, None, backward=True)
