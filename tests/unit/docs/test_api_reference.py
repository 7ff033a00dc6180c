"""docs/reference/api.md has every code that the API's refusals carry."""

from pathlib import Path

import pytest

from foxreviews.api.errors import CODES, InvalidParametersError, NotFoundError
from foxreviews.api.pagination import InvalidCursorError
from foxreviews.api.staff import PreconditionRequired
from foxreviews.core.errors import BusyError
from foxreviews.enterprise.corrections import CompanyChanged, CompanyExists, ValueWithheld
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
    PreconditionRequired, BusyError, CompanyChanged, CompanyExists, ValueWithheld,
)  # fmt: skip


@pytest.mark.parametrize("code", sorted({error.code for error in OURS} | {*CODES.values()}))
def test_the_page_has_each_code(code: str) -> None:
    assert f"`{code}`" in PAGE


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 409, 412, 414, 415, 428, 429, 500, 503])
def test_the_page_has_each_status(status: int) -> None:
    assert f"\n| {status} |" in PAGE
