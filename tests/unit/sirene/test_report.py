"""The summary of a load of the register."""

from io import StringIO

import pytest

from foxreviews.core.progress import Reporter
from foxreviews.sirene.report import Establishments, RegisterReport, print_establishments


@pytest.mark.parametrize(("dry_run", "said"), [(True, "would be created"), (False, "created")])
def test_a_dry_run_says_of_establishments_what_it_would_do(dry_run: bool, said: str) -> None:
    stream = StringIO()
    counts = Establishments(records=7, head_offices=7, created=7)
    print_establishments(RegisterReport(dry_run=dry_run, establishments=counts), Reporter(stream))
    assert f"7  {said}" in [line.strip() for line in stream.getvalue().splitlines()]
