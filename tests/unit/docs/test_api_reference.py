"""docs/reference/api.md has every address and parameter of the OpenAPI schema, and every code of refusals."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from foxreviews.api.errors import CODES, InvalidParametersError, NotFoundError
from foxreviews.api.pagination import InvalidCursorError
from foxreviews.api.staff import PreconditionRequired
from foxreviews.core.errors import BusyError
from foxreviews.enterprise.corrections import CompanyChanged, CompanyExists, ValueWithheld
from foxreviews.enterprise.etablissements import TooManyToCountError
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
    QueryTooLongError, SearchTimeoutError, TooManyToSortError, TooManyToCountError, NoIndexError,
    PreconditionRequired, BusyError, CompanyChanged, CompanyExists, ValueWithheld,
)  # fmt: skip


@pytest.mark.parametrize("code", sorted({error.code for error in OURS} | {*CODES.values()}))
def test_the_page_has_each_code(code: str) -> None:
    assert f"`{code}`" in PAGE


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 409, 412, 414, 415, 428, 429, 500, 503])
def test_the_page_has_each_status(status: int) -> None:
    assert f"\n| {status} |" in PAGE


@pytest.fixture(scope="module")
def paths() -> Mapping[str, Mapping[str, Any]]:
    """Of the schema, by address."""
    found: Mapping[str, Mapping[str, Any]] = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return found


def test_the_page_has_each_address_and_no_other(paths: Mapping[str, Mapping[str, Any]]) -> None:
    table = PAGE.split("\n## Addresses\n")[1].split("\n## ")[0]
    named = re.findall(r"^\| `(/api/\S*)`", table, re.MULTILINE)
    assert sorted(named) == sorted({*paths, "/api/", "/api/schema/"})


def test_the_page_has_each_parameter(paths: Mapping[str, Mapping[str, Any]]) -> None:
    operations = [each for methods in paths.values() for each in methods.values()]
    parameters = [each for operation in operations for each in operation.get("parameters", ())]
    names = {each["name"] for each in parameters if each["in"] == "query"}
    assert len(names) > 30
    assert not [name for name in sorted(names) if f"`{name}`" not in PAGE]
