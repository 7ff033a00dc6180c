"""A source gives the bytes of its text, however it is packed; what is no text is refused with a reason."""

import gzip
import zipfile
from pathlib import Path

import pytest

from foxreviews.core.errors import UnreadableSource
from foxreviews.core.sources import open_source

TEXT = "siren;nom\n552100554;ŒUVRE\n"


def read(path: Path) -> str:
    with open_source(str(path)) as source:
        return b"".join(iter(source.read, b"")).decode()


def zipped(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, TEXT)
    return path


def test_plain_compressed_and_utf_16_give_the_same_text(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content in (
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        gzip.compress(TEXT.encode()),
        gzip.compress(TEXT.encode("utf-16")),
    ):
        path.write_bytes(content)
        assert read(path) == TEXT
    assert read(zipped(tmp_path / "file.zip", "file.csv", "__MACOSX/file.csv")) == TEXT


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (gzip.compress(TEXT.encode())[:-4], "damaged or cut off"),
        (gzip.compress(gzip.compress(TEXT.encode())), "holds another compressed file"),
        (b"a\0b\0" * 100, "holds NUL bytes"),
    ],
    ids=["cut off", "packed twice", "NUL"],  # packed bytes hold the time: another name in each process
)
def test_what_is_no_text_is_refused_with_the_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(UnreadableSource, match=reason):
        read(path)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (("a.csv", "b.csv"), "must hold exactly one file; it holds 2: a.csv, b.csv"),
        (("[Content_Types].xml", "sheet.xml"), "is a workbook"),
    ],
)
def test_an_archive_of_something_else_is_refused(tmp_path: Path, names: tuple[str, ...], reason: str) -> None:
    with pytest.raises(UnreadableSource, match=reason):
        read(zipped(tmp_path / "file.zip", *names))


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match=r"there is no such file\. Nothing was loaded"):
        read(tmp_path / "missing.csv")
    with pytest.raises(UnreadableSource, match="it is a directory"):
        read(tmp_path)


def test_a_file_that_grows_while_it_is_read_is_not_taken_for_complete(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text(TEXT)
    with open_source(str(path)) as source:
        assert source.read()
        with path.open("a") as file:
            file.write("more\n")
        with pytest.raises(UnreadableSource, match="changed while it was read"):
            list(iter(source.read, b""))
