"""The place of a checkpoint: a file read again up to there is the same text, and its rest the same records."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foxreviews.reading import blocks, buffer
from foxreviews.reading.blocks import Block, Place, read_blocks
from foxreviews.reading.buffer import Buffer
from foxreviews.reading.header import Columns
from foxreviews.reading.transcoder import Transcoder

COLUMNS = Columns(",", ("siren", "nom"), ())
RECORDS = st.sampled_from([b"1,A", b'2,"B\nC"', b'3,"OPEN', b"4", b"", "5,É".encode(), b"6,\xe9"])


def open_buffer(data: bytes, chunk: int) -> Buffer:
    parts = iter([data[at : at + chunk] for at in range(0, len(data), chunk)])
    return Buffer(Transcoder(lambda: next(parts, b"")).read)


def what(found: list[Block]) -> list[object]:
    return [
        (block.line(row), block.offset(row), block.raw(row))
        for block in found
        for row in range(block.frame.height)
    ] + [broken for block in found for broken in block.malformed]


@settings(deadline=None)
@given(
    records=st.lists(RECORDS, max_size=20),
    end=st.sampled_from([b"\n", b"\r\n", b"\r"]),
    chunk=st.integers(1, 9),
)
def test_reading_again_from_any_block_gives_the_same_rest(
    records: list[bytes], end: bytes, chunk: int
) -> None:
    data = b"".join(record + end for record in records)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_BYTES", 10)
        patch.setattr(blocks, "RESYNC_BYTES", 4)
        patch.setattr(buffer, "SKIP_BYTES", 5)
        found = list(read_blocks(open_buffer(data, chunk), COLUMNS))
        for number, block in enumerate(found):
            again = open_buffer(data, chunk)
            again.skip_to(block.end.offset)
            assert (again.offset, again.digest) == (block.end.offset, block.end.digest)
            again.line = block.end.line
            assert what(list(read_blocks(again, COLUMNS))) == what(found[number + 1 :])


def test_another_text_has_another_digest_and_a_shorter_one_another_offset() -> None:
    places = []
    for data in (b"1,A\n2,B\n", b"1,A\n2,C\n", b"1,A\n"):
        read = open_buffer(data, 3)
        read.skip_to(8)
        places.append(Place.of(read))
    assert [place.offset for place in places] == [8, 8, 4]
    assert len({place.digest for place in places}) == 3
