"""docs/explanation/scaling-plan.md has the scaling plan's own SQL and Python, as the acceptance tests run them."""

import pytest

from tests.conftest import CHECKOUT

SNIPPETS = CHECKOUT / "tests" / "acceptance" / "scaling_plan"


@pytest.mark.parametrize("name", ["phase3.sql", "phase4.py"])
def test_the_page_has_the_snippet_as_it_is(name: str) -> None:
    page = (CHECKOUT / "docs" / "explanation" / "scaling-plan.md").read_text()
    assert (SNIPPETS / name).read_text().strip() in page
