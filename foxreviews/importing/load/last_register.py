"""Which companies the register had: the SIREN of its last full file, and those that only earlier ones had.

One bit for each SIREN, deflated in blocks (models.RegisterBlock) and replaced in the transaction that merges a
register. Companies that came from other lists alone are in neither set.
"""

import zlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from django.db import connection

from foxreviews.importing.clean.siren_bitmap import Bits, SirenBitmap, Sirens, sirens_of
from foxreviews.importing.models import RegisterBlock
from foxreviews.reference.identifiers import SIREN_DIGITS

LEVEL = 1  # of zlib: the bits are close to random, and a higher one saves next to nothing
NONE = np.zeros(0, np.int64)
COPY_BYTES, LINE_BYTES = 1 << 20, len("732829320\n")
POWERS = 10 ** np.arange(8, -1, -1)


class Block(NamedTuple):
    """Both sets of one block."""

    number: int
    last: Bits
    gone: Bits


class Missing(NamedTuple):
    """What a new full file lacks: of the `had` companies of the last one `since`, of earlier ones `before`."""

    had: int
    since: Sirens
    before: Sirens


class Absent(NamedTuple):
    """Of the companies of the directory: how many the last full file lacks, and of these how many were in none."""

    companies: int
    never: int


def load() -> Iterator[Block]:
    """All blocks that hold anything; none before the first full file."""
    for number, last, gone in (
        RegisterBlock.objects.order_by("number").values_list("number", "last", "gone").iterator(100)
    ):
        yield Block(number, _inflate(last), _inflate(gone))


def compare(register: SirenBitmap) -> Missing:
    """What a file with these companies lacks."""
    had, since, before = 0, [NONE], [NONE]
    for number, last, gone in load():
        here = ~register.block(number)
        had += int(np.bitwise_count(last).sum(dtype=np.int64))
        since.append(sirens_of(number, last & here))
        before.append(sirens_of(number, gone & here))
    return Missing(had, np.concatenate(since), np.concatenate(before))


def save(register: SirenBitmap, gone: Sirens) -> None:
    """Replace both sets, in the caller's transaction."""
    earlier = SirenBitmap([gone])
    RegisterBlock.objects.all().delete()
    RegisterBlock.objects.bulk_create(
        (
            RegisterBlock(number=number, last=_deflate(register, number), gone=_deflate(earlier, number))
            for number in sorted(register.blocks() | earlier.blocks())
        ),
        batch_size=50,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE register_block"
        )  # autovacuum comes for 50 changed rows, which it may never have


def count_absent() -> Absent | None:
    """Of the directory's companies, those that the last full file lacks; None where no full file was loaded."""
    last, earlier, found = SirenBitmap(), SirenBitmap(), False
    for block in load():
        found = True
        last.block(block.number)[:] = block.last
        earlier.block(block.number)[:] = block.gone
    if not found:
        return None
    companies = never = 0
    for sirens in _directory():
        absent = sirens[~last.has(sirens)]
        companies += absent.size
        never += int((~earlier.has(absent)).sum())
    return Absent(companies, never)


def _directory() -> Iterator[Sirens]:
    """The SIREN of all companies, some at a time."""
    connection.ensure_connection()
    statement = f"COPY (SELECT siren FROM enterprise_entreprise WHERE siren ~ '{SIREN_DIGITS}') TO STDOUT"  # noqa: S608
    with (
        connection.wrap_database_errors,
        connection.connection.cursor() as cursor,
        cursor.copy(statement) as rows,
    ):
        lines = b""
        for data in rows:
            lines += bytes(data)
            if len(lines) >= COPY_BYTES:
                yield _numbers(lines)
                lines = b""
        yield _numbers(lines)


def _numbers(lines: bytes) -> Sirens:
    """Of lines with nine digits each."""
    digits = np.frombuffer(lines, np.uint8).reshape(-1, LINE_BYTES)[:, :-1] - ord("0")
    return digits.astype(np.int64) @ POWERS


def _deflate(bitmap: SirenBitmap, number: int) -> bytes:
    return zlib.compress(bitmap.block(number).tobytes(), LEVEL)


def _inflate(data: bytes | memoryview) -> Bits:
    return np.frombuffer(zlib.decompress(data), np.uint8)
