"""docs/reference/api.md has every code that the API's refusals carry."""

from pathlib import Path

import pytest

from foxreviews.api.errors import CODES, InvalidParametersError, NotFoundError
from foxreviews.api.pagination import InvalidCursorError
from foxreviews.matching.errors import NoIndexError
from foxreviews.reference.typed_numbers import InvalidSirenError
from foxreviews.search.errors import (
    EmptyQueryError,
    QueryTooLongError,
    SearchTimeoutError,
    TooManyToSortError,
)

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "api.md").read_text()
OURS = (
    InvalidParametersError, NotFoundError, InvalidCursorError, InvalidSirenError, EmptyQueryError,
    QueryTooLongError, SearchTimeoutError, TooManyToSortError, NoIndexError,
)  # fmt: skip
NEVER = {"not-authenticated", "not-allowed"}  # no client logs in


@pytest.mark.parametrize("code", sorted({error.code for error in OURS} | {*CODES.values()} - NEVER))
def test_the_page_has_each_code(code: str) -> None:
    assert f"`{code}`" in PAGE


@pytest.mark.parametrize("status", [400, 404, 405, 406, 414, 415, 429, 500, 503])
def test_the_page_has_each_status(status: int) -> None:
    assert f"\n| {status} |" in PAGE
