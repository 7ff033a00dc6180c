"""Which SIREN a file has already named: one bit for each of the 10^9 numbers, at most 120 MB."""

import mmap
import sys
from collections.abc import Iterable
from contextlib import suppress

import numpy as np
import numpy.typing as npt

SIREN_COUNT = 10**9

BLOCK_BYTES = 1 << 17  # of which a part of the set is kept elsewhere
BLOCK_SIRENS = 8 * BLOCK_BYTES
BLOCKS = range(-(-SIREN_COUNT // BLOCK_SIRENS))

# So many at once fill huge pages; a small file would fill all of them for a few SIREN each, which takes longer than
# the rest of its import.
HUGE_PAGES_THRESHOLD = 5_000

Sirens = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint8]


class SirenBitmap:
    """Remembers SIREN in the order of the file: of two records with one SIREN the first one wins."""

    def __init__(self, staged: Iterable[Sirens] = ()) -> None:
        self._memory = mmap.mmap(-1, SIREN_COUNT // 8, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._bits = np.frombuffer(self._memory, np.uint8)
        self._filled = np.zeros(len(BLOCKS), bool)  # quicker than to look through all
        for sirens in staged:
            self.add(sirens)

    def add(self, sirens: Sirens) -> npt.NDArray[np.bool_]:
        """For each SIREN, whether it is new: neither an earlier call nor an earlier place of this one has named it."""
        if sirens.size >= HUGE_PAGES_THRESHOLD and sys.platform == "linux":
            with suppress(OSError):  # a kernel may have none
                self._memory.madvise(mmap.MADV_HUGEPAGE)
        new = np.zeros(sirens.size, bool)
        distinct, places = np.unique(sirens, return_index=True)
        cells, bits = distinct >> 3, np.left_shift(1, distinct & 7).astype(np.uint8)
        new[places] = (self._bits[cells] & bits) == 0
        self._filled[distinct // BLOCK_SIRENS] = True
        np.bitwise_or.at(self._bits, cells, bits)  # not |=: 2 % of valid SIREN share a byte with another one
        return new

    def blocks(self) -> set[int]:
        """The numbers of the blocks that hold anything that was added."""
        return {*np.flatnonzero(self._filled).tolist()}

    def block(self, number: int) -> Bits:
        """The bits of BLOCK_SIRENS consecutive SIREN, the first of which is `number` times as many."""
        return self._bits[number * BLOCK_BYTES : (number + 1) * BLOCK_BYTES]

    def has(self, sirens: Sirens) -> npt.NDArray[np.bool_]:
        """For each SIREN, whether it was named."""
        named: npt.NDArray[np.bool_] = self._bits[sirens >> 3] & np.left_shift(1, sirens & 7) != 0
        return named


def sirens_of(number: int, bits: Bits) -> Sirens:
    """The SIREN of a block, ascending."""
    return np.flatnonzero(np.unpackbits(bits, bitorder="little")) + number * BLOCK_SIRENS
