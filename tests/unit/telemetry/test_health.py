"""The thresholds of /health/ready."""

import pytest

from foxreviews.core.findings import Severity
from foxreviews.telemetry.health import judge_disk, judge_lag


@pytest.mark.parametrize(
    ("changes", "seconds", "severity"),
    [(0, 0.0, Severity.OK), (5, 60.0, Severity.OK), (5, 60.1, Severity.WARNING)],
)
def test_an_index_more_than_a_minute_behind_is_a_warning(
    changes: int, seconds: float, severity: Severity
) -> None:
    assert judge_lag(changes, seconds).severity is severity


@pytest.mark.parametrize(("free", "severity"), [(10, Severity.OK), (9, Severity.WARNING)])
def test_less_than_a_tenth_of_the_disk_is_a_warning(free: int, severity: Severity) -> None:
    assert judge_disk(free, 100).severity is severity
