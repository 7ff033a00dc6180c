"""FILE → bytes of text: compression and UTF-16 undone, the byte order mark dropped."""

import codecs
import gzip
import io
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from foxreviews.importing.errors import UnreadableSource

CHUNK = 1 << 20
SNIFF = 4096


@dataclass
class Source:
    """An open file: `read` gives its next bytes of text (ASCII-compatible), b"" at its end.

    `size` is the file's length in bytes (None for standard input), `position` how far into it the reading is.
    """

    name: str
    read: Callable[[], bytes]
    size: int | None
    position: Callable[[], int]


@contextmanager
def open_source(path: str) -> Iterator[Source]:
    """Open a plain, .gz or .zip text file, or standard input (`-`). Raises UnreadableSource."""
    name = "standard input" if path == "-" else path
    try:
        with _open_raw(path) as raw:
            size = None if path == "-" else Path(path).stat().st_size
            with _decompress(raw, name) as data:
                yield Source(name, _reader(data, name), size, _position(raw))
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise UnreadableSource(f"{name} cannot be read: {_reason(error)}. Nothing was loaded.") from error


def _reason(error: Exception) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such file"
        case IsADirectoryError():
            return "it is a directory; name the file in it"
        case PermissionError():
            return "permission denied"
        case EOFError() | zlib.error():
            return f"the compressed data is damaged or cut off ({error}); fetch the file again"
        case _:
            return str(error)


def _open_raw(path: str) -> IO[bytes]:
    if path == "-":
        return io.BufferedReader(io.FileIO(sys.stdin.fileno(), closefd=False), CHUNK)
    return Path(path).open("rb", buffering=CHUNK)


def _position(raw: IO[bytes]) -> Callable[[], int]:
    return raw.tell if raw.seekable() else lambda: 0


def _decompress(raw: IO[bytes], name: str) -> IO[bytes] | gzip.GzipFile:
    start = raw.peek(4)[:4] if isinstance(raw, io.BufferedReader) else b""
    if start[:2] == b"\x1f\x8b":
        return gzip.open(raw, "rb")
    if start == b"PK\x03\x04":
        if not raw.seekable():
            raise UnreadableSource("A zip file cannot be read from standard input; name the file instead.")
        return _only_member(zipfile.ZipFile(raw), name)
    return raw


def _only_member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) != 1:
        names = ", ".join(member.filename for member in members[:5])
        raise UnreadableSource(f"{name} must hold exactly one file; it holds {len(members)}: {names}.")
    if members[0].flag_bits & 1:
        raise UnreadableSource(f"{name} is protected by a password; unpack it first.")
    return archive.open(members[0])


def _reader(data: IO[bytes] | gzip.GzipFile, name: str) -> Callable[[], bytes]:
    start = data.read(SNIFF)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _utf16_reader(start, data)
    if start.count(b"\0") > len(start) // 20:
        raise UnreadableSource(f"{name} is not a text file: it holds NUL bytes. Is it the right file?")
    pending = [start.removeprefix(codecs.BOM_UTF8)]
    return lambda: pending.pop() if pending else data.read(CHUNK)


def _utf16_reader(start: bytes, data: IO[bytes] | gzip.GzipFile) -> Callable[[], bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
    pending = [start]

    def read() -> bytes:
        chunk = pending.pop() if pending else data.read(CHUNK)
        return decoder.decode(chunk, final=not chunk).encode("utf-8", errors="replace")

    return read
