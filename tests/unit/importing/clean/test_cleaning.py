"""What comes out of the steps: good, blank and rejected records, each rejected one with its place and its text."""

import polars as pl
import pytest

from foxreviews.importing.clean.cleaning import Reject, clean
from foxreviews.importing.clean.places import POSTAL, Places
from foxreviews.importing.clean.steps import STEPS
from foxreviews.location.lookup import Place
from foxreviews.reading.blocks import RAW_KEPT, read_blocks
from foxreviews.reading.buffer import Buffer
from foxreviews.reading.header import Columns

COLUMNS = Columns(",", ("siren", "nom", "adresse", "code_postal", "ville_nom", "naf_code"), ())
GOOD = b"732829320,UN,,75001,PARIS,62.01Z\n"


@pytest.fixture
def places() -> Places:
    return Places(POSTAL, lambda code_postal, ville_nom: Place("", ville_nom, code_postal[:2]))


def test_every_record_of_a_block_is_good_blank_or_rejected_in_the_order_of_the_file(places: Places) -> None:
    text = GOOD + b",,,,,\n" + b"x,DEUX,,,,\n" + b'1,"BROKEN\n' + b"\n" + GOOD
    parts = iter([text])
    blocks = list(read_blocks(Buffer(lambda: next(parts, b"")), COLUMNS))
    cleaned = [clean(block, places, STEPS) for block in blocks]
    assert [row for each in cleaned for row in each.good["nom"]] == ["UN", "UN"]
    assert sum(each.blank for each in cleaned) == 2
    rejects = [reject for each in cleaned for reject in each.rejects()]
    assert rejects == [
        Reject(3, len(GOOD) + 6, "siren-malformed", "siren", "x,DEUX,,,,"),
        Reject(4, len(GOOD) + 17, "broken-quotes", "", '1,"BROKEN'),
    ]
    assert sum(block.records for block in blocks) == 2 + 2 + 2


def test_the_text_of_a_reject_shows_nul_and_is_cut_between_two_characters(places: Places) -> None:
    long = b"x," + b"A" * (RAW_KEPT - 3) + "É".encode() + b",,,,\n"
    parts = iter([long + b"x,A\0B,,,,\n"])
    rejects = [
        reject
        for block in read_blocks(Buffer(lambda: next(parts, b"")), COLUMNS)
        for reject in clean(block, places, STEPS).rejects()
    ]
    assert rejects[0].raw == "x," + "A" * (RAW_KEPT - 3)
    assert rejects[1].raw == "x,A␀B,,,,"


def test_values_left_out_are_counted_by_reason_and_leave_their_record_good(places: Places) -> None:
    parts = iter([GOOD.replace(b"75001", b"X") + GOOD.replace(b"62.01Z", b"62") * 2])
    (block,) = read_blocks(Buffer(lambda: next(parts, b"")), COLUMNS)
    cleaned = clean(block, places, STEPS)
    assert cleaned.left_out == {"code-postal-malformed": 1, "naf-code-malformed": 2}
    assert cleaned.good.height == 3
    assert cleaned.good.schema["row"] == pl.UInt32
