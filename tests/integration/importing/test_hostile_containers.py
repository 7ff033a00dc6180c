"""What a file comes in: archives whole, damaged or packed to do harm, and things that are no file."""

import gzip
import io
import os
import threading
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError
from hypothesis import given, settings
from hypothesis import strategies as st

from foxreviews.core import sources
from foxreviews.core.errors import UnreadableSource
from foxreviews.core.sources import open_source
from foxreviews.enterprise.models import Entreprise

from .conftest import Import
from .hostile import Hostile, file, reconcile, rows

GOOD = file(rows(1, 2, 3))
MEMBER = "entreprises.csv"


def zipped(*members: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", compression) as writer:
        for name, data in members:
            writer.writestr(name, data)
    return archive.getvalue()


def locked() -> bytes:
    """An archive that says that its member is protected by a password."""
    data = bytearray(zipped((MEMBER, GOOD)))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def of_method(method: int) -> bytes:
    """An archive packed by another method, as some programs do with large files."""
    data = bytearray(zipped((MEMBER, GOOD)))
    data[8] = method
    data[data.rindex(b"PK\x01\x02") + 10] = method
    return bytes(data)


REFUSED = {
    "gzip cut off": (gzip.compress(GOOD)[:-9], "damaged or cut off .* fetch the file again"),
    "gzip with a wrong check sum": (gzip.compress(GOOD)[:-8] + bytes(8), "cannot be read: CRC check failed"),
    "gzip with something behind it": (gzip.compress(GOOD) + b"and more", "cannot be read: Not a gzipped file"),
    "gzip header alone": (gzip.compress(GOOD)[:10], "cut off"),
    "gzip of gzip": (gzip.compress(gzip.compress(GOOD)), "holds another compressed file; unpack it first"),
    "gzip of zip": (gzip.compress(zipped((MEMBER, GOOD))), "holds another compressed file; unpack it first"),
    "zip of gzip": (zipped(("x.gz", gzip.compress(GOOD))), "holds another compressed file; unpack it first"),
    "gzip of nothing": (gzip.compress(b""), "is empty"),
    "zip of nothing": (zipped(), "must hold exactly one file; it holds 0"),
    "zip of a folder": (zipped(("folder/", b"")), "must hold exactly one file; it holds 0"),
    "zip of an empty file": (zipped((MEMBER, b"")), "is empty"),
    "zip of two files": (zipped(("a.csv", GOOD), ("b.csv", GOOD)), "it holds 2: a.csv, b.csv"),
    "zip cut off": (zipped((MEMBER, GOOD))[:-5], "cannot be read: File is not a zip file"),
    "zip with a wrong check sum": (zipped((MEMBER, GOOD), compression=0).replace(b"NOM", b"MON", 1), "Bad CRC-32"),
    "zip with a password": (locked(), "protected by a password; unpack it first"),
    "zip by deflate64": (of_method(9), "packed in a way that is not read here; unpack it first"),
    "zip by LZMA": (zipped((MEMBER, GOOD), compression=zipfile.ZIP_LZMA), "packed in a way .* unpack it first"),
    "a workbook": (zipped(("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<x/>")), "save it as CSV"),
    "an open document": (zipped(("mimetype", b"application/x"), ("content.xml", b"<x/>")), "save it as CSV"),
    "a program": (b"\x7fELF" + bytes(range(256)) * 4 + bytes(3000), "not a text file"),
    "UTF-16 without byte order mark": (GOOD.decode().encode("utf-16-le"), "not a text file.*byte order mark"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(1, 256)) * 20, "no column siren"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_in_a_sentence(import_file: Import, name: str) -> None:
    data, sentence = REFUSED[name]
    with pytest.raises(CommandError, match=sentence) as caught:
        import_file(data)
    assert caught.value.returncode == 2
    assert not Entreprise.objects.exists()


ACCEPTED = [
    Hostile("gzip", gzip.compress(GOOD), (1, 2, 3)),
    Hostile("gzip in two pieces", gzip.compress(GOOD) + gzip.compress(rows(4)), (1, 2, 3, 4)),
    Hostile("gzip padded with zeros", gzip.compress(GOOD) + bytes(512), (1, 2, 3)),
    Hostile("gzip of UTF-16", gzip.compress(GOOD.decode().encode("utf-16")), (1, 2, 3)),
    Hostile("zip", zipped((MEMBER, GOOD)), (1, 2, 3)),
    Hostile("zip of a file in a folder", zipped(("folder/", b""), ("folder/a.csv", GOOD)), (1, 2, 3)),
    Hostile("zip by a Macintosh", zipped((MEMBER, GOOD), (f"__MACOSX/._{MEMBER}", b"\0\5\x16\7")), (1, 2, 3)),
    Hostile("zip with a path that leaves the folder", zipped(("../../etc/passwd", GOOD)), (1, 2, 3)),
]  # fmt: skip


@pytest.mark.parametrize("hostile", ACCEPTED, ids=str)
def test_an_archive_of_one_file_is_read(import_file: Import, hostile: Hostile) -> None:
    reconcile(import_file, hostile)


@given(st.sampled_from([gzip.compress(GOOD), zipped((MEMBER, GOOD))]), st.data())
@settings(max_examples=100)
def test_a_damaged_archive_is_refused_or_read_whole_and_never_in_part(
    tmp_path: Path, archive: bytes, data: st.DataObject
) -> None:
    damaged = bytearray(archive)
    for place in data.draw(st.lists(st.integers(4, len(archive) - 1), min_size=1, max_size=3)):
        damaged[place] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged"
    path.write_bytes(
        damaged[: data.draw(st.integers(5, len(archive)))] if data.draw(st.booleans()) else damaged
    )
    try:
        with open_source(str(path)) as source:
            assert b"".join(iter(source.read, b"")) == GOOD
    except UnreadableSource:
        pass


def test_a_line_of_thirty_megabytes_packed_into_little_costs_itself_alone(import_file: Import) -> None:
    bomb = gzip.compress(file(rows(1), b"x" * 30_000_000, b"\n", rows(2, 3)))
    assert len(bomb) < 200_000
    reconcile(import_file, Hostile("", bomb, (1, 2, 3), {"line-too-long": 1}))


@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero"])
def test_a_device_is_no_file_of_companies(import_file: Import, path: str) -> None:
    with pytest.raises(CommandError, match=r"is empty|not a text file") as caught:
        import_file(Path(path))
    assert caught.value.returncode == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(import_file: Import, tmp_path: Path) -> None:
    closed = tmp_path / "closed.csv"
    closed.write_bytes(GOOD)
    closed.chmod(0)
    with pytest.raises(CommandError, match=r"closed\.csv cannot be read: permission denied"):
        import_file(closed)


def test_a_named_pipe_is_read_to_its_end(import_file: Import, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(file(rows(*range(5_000))),))
    writer.start()
    report = import_file(pipe)
    writer.join()
    assert (report["records"], report["created"]) == (5_000, 5_000)


def test_a_name_in_any_bytes_is_imported(import_file: Import, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 [red]'\".csv"))
    path.write_bytes(GOOD)
    assert import_file(path)["created"] == 3


@pytest.mark.parametrize("change", ["grows", "shrinks", "is rewritten"])
def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(sources, "SNIFF", 100)
    path = tmp_path / "growing.csv"
    path.write_bytes(file(rows(*range(2_000))))
    os.utime(path, (0, 0))
    with open_source(str(path)) as source:
        source.read()
        with path.open("r+b") as other:
            if change == "shrinks":
                other.truncate(5_000)
            else:
                other.seek(0, os.SEEK_END if change == "grows" else os.SEEK_SET)
                other.write(b"x")
        with pytest.raises(
            UnreadableSource, match=r"growing\.csv changed while it was read.*same command again"
        ):
            list(iter(source.read, b""))


def test_a_file_is_not_overwritten_by_its_own_report(import_file: Import, tmp_path: Path) -> None:
    path = tmp_path / "entreprises.csv"
    path.write_bytes(GOOD)
    (tmp_path / "link.csv").symlink_to(path)
    for flag in ("--report", "--rejects"):
        for name in ("entreprises.csv", "link.csv"):
            with pytest.raises(CommandError, match="is the file to be imported") as caught:
                import_file(path, flag, str(tmp_path / name))
            assert caught.value.returncode == 2
            assert path.read_bytes() == GOOD
