"""What a long command says while it works."""

import io
import time

import pytest

from foxreviews.core import progress
from foxreviews.core.progress import Reporter

PATIENCE = 30.0  # seconds


def test_one_long_step_is_seen_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.01)
    out = io.StringIO()
    with Reporter(out).stage("Merging"):
        limit = time.monotonic() + PATIENCE
        while "Merging: 0 s" not in out.getvalue() and time.monotonic() < limit:
            time.sleep(0.005)
    said = out.getvalue().splitlines()
    assert said[0] == "Merging: 0 s"
    assert len(said) >= 2
