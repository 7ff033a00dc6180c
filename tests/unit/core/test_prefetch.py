"""Items are made ahead of what uses them, and no further than was said."""

from collections.abc import Iterator
from threading import Event

import pytest

from foxreviews.core.prefetch import prefetch


@pytest.mark.parametrize("ahead", [1, 3])
def test_so_many_are_made_while_one_is_used_and_no_more(ahead: int) -> None:
    made: list[int] = []
    reached = Event()

    def items() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            if number == ahead:
                reached.set()
            yield number

    coming = prefetch(items(), ahead)
    assert next(coming) == 0
    assert reached.wait(30)
    assert made == list(range(ahead + 1))
    assert list(coming) == list(range(1, 10))


def test_what_fails_is_raised_where_it_would_have_come() -> None:
    def items() -> Iterator[int]:
        yield 0
        raise ValueError("broken")

    coming = prefetch(items(), 3)
    assert next(coming) == 0
    with pytest.raises(ValueError, match="broken"):
        next(coming)
