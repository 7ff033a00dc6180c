"""What no test leaves to the next one of its process."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from foxreviews.importing.load import checkpoint


@pytest.fixture(autouse=True)
def staged_rows_go(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Drop what an interrupted import keeps on purpose: the flush after a transactional test knows models only."""
    yield
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction")):
        with django_db_blocker.unblock():
            checkpoint.drop()
            checkpoint.drop_leftovers()
