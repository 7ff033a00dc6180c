"""Of two records with one SIREN the first one wins, whatever else is in the same block."""

import errno
import mmap

import numpy as np

from foxreviews.importing.clean.siren_bitmap import HUGE_PAGES_THRESHOLD, SirenBitmap
from foxreviews.reference.identifiers import is_siren


def sirens(*numbers: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.array(numbers, np.int64)


def test_two_siren_in_one_byte_of_one_block_are_both_remembered() -> None:
    bitmap = SirenBitmap()
    assert is_siren("100000744")
    assert is_siren("100000751")
    assert 100000744 // 8 == 100000751 // 8
    assert bitmap.add(sirens(100000744, 100000751)).tolist() == [True, True]
    assert bitmap.has(sirens(100000744, 100000751)).tolist() == [True, True]
    assert bitmap.add(sirens(100000751, 100000744)).tolist() == [False, False]


def test_within_one_block_the_first_place_of_a_siren_is_new() -> None:
    assert SirenBitmap().add(sirens(5, 3, 5, 3, 4)).tolist() == [True, True, False, False, True]


def test_the_siren_of_staged_rows_are_known_from_the_start() -> None:
    bitmap = SirenBitmap([sirens(1, 2), sirens(3)])
    assert bitmap.add(sirens(1, 3, 4)).tolist() == [False, False, True]


def test_the_lowest_and_the_highest_number_have_a_bit_each() -> None:
    bitmap = SirenBitmap()
    bitmap.add(sirens(0, 999_999_999))
    assert bitmap.has(sirens(0, 1, 999_999_998, 999_999_999)).tolist() == [True, False, False, True]
    assert bitmap.add(sirens()).tolist() == []


class _WithoutHugePages(mmap.mmap):
    def madvise(self, *_: object) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")


def test_a_kernel_without_huge_pages_will_do() -> None:
    bitmap = SirenBitmap()
    bitmap._memory = _WithoutHugePages(-1, 1)
    many = np.arange(HUGE_PAGES_THRESHOLD, dtype=np.int64)
    assert bitmap.add(many).all()
    assert bitmap.has(many).all()
