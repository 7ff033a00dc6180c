"""Times for people."""

import logging
from datetime import UTC, datetime

import pytest

from foxreviews.core import clock
from foxreviews.core.logs import TextFormatter


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2026, 7, 1, 22, 15, tzinfo=UTC), "2026-07-02 00:15 CEST"),
        (datetime(2026, 1, 1, 22, 15, tzinfo=UTC), "2026-01-01 23:15 CET"),
    ],
)
def test_people_read_the_time_of_paris_and_its_name(moment: datetime, shown: str) -> None:
    assert clock.local(moment) == shown
    record = logging.LogRecord("name", logging.INFO, "", 0, "said", None, None)
    record.created = moment.timestamp()
    written = TextFormatter().format(record)
    assert written == f"{shown[:16]}:00{shown[16:]} INFO name said"
