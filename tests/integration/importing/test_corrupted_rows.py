"""Good rows with some of them broken at random: the counts add up, and every untouched row is loaded."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.models import ImportReject, ImportRun

from .conftest import Import
from .hostile import SIRENS, file, quoted, row

MOST = 120
PIECES = [b'"', b'""', b",", b"\r", b"\0", b"\xff", b"\\", b'",', b',"', b"'", b";", b" "]


def corrupt(line: bytes, kind: str, at: int, piece: bytes) -> bytes:
    """A line that is perhaps no good record any more; its line end stays."""
    text = line.rstrip(b"\r\n")
    end, at = line[len(text) :], at % (len(text) + 1)
    match kind:
        case "insert":
            return text[:at] + piece + text[at:] + end
        case "cut":
            return text[:at] + end
        case "delete":
            return text[:at] + text[at + 1 :] + end
        case _:
            return text.replace(b",", piece, 1) + end


CORRUPTION = st.tuples(
    st.sampled_from(["insert", "insert", "cut", "delete", "replace"]),
    st.integers(0, 60),
    st.sampled_from(PIECES),
)


@given(
    count=st.integers(1, MOST),
    broken=st.dictionaries(st.integers(0, MOST - 1), CORRUPTION, max_size=40),
    quotes=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=15)
@pytest.mark.usefixtures("small_blocks")
def test_every_row_that_was_not_touched_is_loaded(
    import_file: Import, count: int, broken: dict[int, Any], quotes: bool, end: str
) -> None:
    Entreprise.objects.all().delete()
    ImportRun.objects.all().delete()
    write = quoted if quotes else row
    lines = [write(number, end=end) for number in range(count)]
    touched = {number for number in broken if number < count}
    for number in touched:
        lines[number] = corrupt(lines[number], *broken[number])
    report = import_file(file(*lines, end=end), "--max-reject-rate", "1")  # it holds the sum
    found = set(Entreprise.objects.values_list("siren", flat=True))
    assert {SIRENS[number] for number in range(count) if number not in touched} <= found
    assert ImportReject.objects.count() == report["rejected"]
    assert report["created"] == len(found)
    # A carriage return makes two lines of one; nothing makes one of two.
    assert count <= report["records"] <= count + len(touched)
