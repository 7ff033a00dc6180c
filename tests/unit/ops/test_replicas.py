"""What is said of a replica, at each threshold."""

import pytest

from foxreviews.core.findings import Severity
from foxreviews.ops.replicas import KEPT_THRESHOLD, judge, judge_slot

PRIMARY = (False, 1, 5_000, 0.0)


@pytest.mark.parametrize(
    ("replica", "severity"),
    [
        ((True, 1, 5_000, 900.0), Severity.OK),
        ((True, 1, 6_000, 900.0), Severity.OK),
        ((True, 1, 4_000, 10.0), Severity.OK),
        ((True, 1, 4_000, 10.1), Severity.WARNING),
        ((True, 2, 5_000, 0.0), Severity.ERROR),
        ((False, 1, 5_000, 0.0), Severity.ERROR),
    ],
)
def test_a_replica_is_judged_by_what_it_lacks_and_how_old_that_is(
    replica: tuple[bool, int, int, float], severity: Severity
) -> None:
    assert judge("replica-1", replica, PRIMARY, max_lag=10).severity is severity


@pytest.mark.parametrize(
    ("kept", "severity"), [(KEPT_THRESHOLD, Severity.NOTE), (KEPT_THRESHOLD + 1, Severity.WARNING)]
)
def test_a_slot_without_a_standby_is_told_of(kept: int, severity: Severity) -> None:
    assert judge_slot("forgotten", kept).severity is severity
