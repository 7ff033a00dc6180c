"""What a long command says while it works."""

import io
import re
import time

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


def test_the_line_at_the_end_of_a_stage_has_its_time_first_then_its_figures() -> None:
    out = io.StringIO()
    reporter = Reporter(out)
    with reporter.stage("Merging"):
        pass
    with reporter.stage("Building", unit="indexes") as stage:
        stage.advance(progress.MIN_COUNT_FOR_RATE - 1)
    with reporter.stage("Reading") as stage:
        stage.advance(progress.MIN_COUNT_FOR_RATE)
    merging, building, reading = out.getvalue().splitlines()
    assert re.fullmatch(r" +\d+\.\d s  Merging", merging)
    assert re.fullmatch(r" +\d+\.\d s  Building: 99 indexes", building)
    assert re.fullmatch(r" +\d+\.\d s  Reading: 100 records, [\d,]+/s", reading)


def test_a_stage_that_runs_commands_shows_their_last_line_and_ends_with_its_result() -> None:
    out = io.StringIO()
    with Reporter(out).stage("companies") as stage:
        Reporter(stage).line("Reading: 200 records")
        assert stage.describe() == "companies: Reading: 200 records"
        stage.result = "200,000"
    assert re.fullmatch(r" +\d+\.\d s  companies: 200,000\n", out.getvalue())


def test_a_stage_that_fails_has_no_line_of_success() -> None:
    out = io.StringIO()
    with pytest.raises(KeyboardInterrupt), Reporter(out).stage("Merging"):
        raise KeyboardInterrupt
    assert out.getvalue() == ""


def test_the_time_left_is_of_what_this_run_does() -> None:
    with Reporter(io.StringIO()).stage("Reading", total=1000) as stage:
        stage.resume(500)
        stage.started = time.monotonic() - 100
        stage.advance(250)
        assert re.fullmatch(r"Reading: 250 records, 75%, [23]/s, 10\d s left", stage.describe())
