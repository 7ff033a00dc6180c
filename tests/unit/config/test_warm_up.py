import gc
from collections.abc import Iterator

import pytest

from config import gunicorn, warm_up


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_a_worker_begins_warm_and_without_what_collections_would_look_through() -> None:
    gunicorn.post_worker_init(None)
    assert gc.get_freeze_count() > 10 * len(gc.get_objects())


def test_a_worker_begins_also_where_nothing_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(address: str) -> int:
        raise RuntimeError(address)

    monkeypatch.setattr(warm_up, "status_of", fail)
    warm_up.warm_up()
    assert gc.get_freeze_count()


def test_nothing_more_is_asked_for_where_the_database_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def unavailable(address: str) -> int:
        asked.append(address)
        return 503

    monkeypatch.setattr(warm_up, "status_of", unavailable)
    warm_up.warm_up()
    assert asked == [warm_up.ADDRESSES[0]]
