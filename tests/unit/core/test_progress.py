"""What a long command says while it works."""

import io
import re

import pytest

from foxreviews.core import progress
from foxreviews.core.progress import Reporter
from tests.waiting import wait_until


def test_one_long_step_is_seen_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.01)
    out = io.StringIO()
    with Reporter(out).stage("Merging"):
        wait_until(out.getvalue, "nothing was said")
    said = out.getvalue().splitlines()
    assert re.fullmatch(r"Merging: \d+ s", said[0])
    assert len(said) >= 2
