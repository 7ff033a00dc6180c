"""Sets of SIREN in blocks, without a database."""

import numpy as np

from foxreviews.importing.clean.siren_bitmap import BLOCK_SIRENS, BLOCKS, SirenBitmap, sirens_of


def test_the_blocks_of_a_set_hold_its_sirens_the_first_and_the_last_too() -> None:
    sirens = np.array([0, 7, 8, BLOCK_SIRENS - 1, BLOCK_SIRENS, 356_000_000, 999_999_999], np.int64)
    bitmap = SirenBitmap([sirens])
    found = [sirens_of(number, bitmap.block(number)) for number in BLOCKS]
    assert np.concatenate(found).tolist() == sirens.tolist()
    assert found[1].tolist() == [BLOCK_SIRENS]
