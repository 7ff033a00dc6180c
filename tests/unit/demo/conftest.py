"""Blocks of a fifth of their size: what a block promises does not depend on it."""

from collections.abc import Iterator

import pytest

from foxreviews.demo.generator import entreprises
from foxreviews.demo.generator.sirene import establishments, legal_units, stock

BLOCK = 20_000  # rows


@pytest.fixture(scope="package", autouse=True)
def small_blocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in (entreprises, establishments, legal_units, stock):
            patch.setattr(module, "BLOCK", BLOCK)
        yield
