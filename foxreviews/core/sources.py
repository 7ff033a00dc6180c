"""FILE → bytes of text: compression and UTF-16 undone, the byte order mark dropped."""

import codecs
import gzip
import io
import os
import select
import stat
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from foxreviews.core.errors import UnreadableSource

CHUNK = 1 << 20
SNIFF = 4096
SECONDS_BETWEEN_LOOKS = 0.2
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
PACKED_BY = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
EMPTY_ZIP = b"PK\x05\x06"
OFFICE = {"[Content_Types].xml", "mimetype"}  # members of a workbook, of an open document
# zipfile raises RuntimeError, ValueError and IndexError, too, over an archive that is damaged or of a later version.
UNREADABLE = (OSError, EOFError, RuntimeError, ValueError, IndexError, zlib.error, zipfile.BadZipFile)

Read = Callable[[], bytes]


@dataclass
class Source:
    """An open file: `read` gives its next bytes of text (ASCII-compatible), b"" at its end.

    `size` is the file's length in bytes (None for standard input), `position` how far into it the reading is.
    """

    name: str
    read: Read
    size: int | None
    position: Callable[[], int]


@contextmanager
def open_source(path: str) -> Iterator[Source]:
    """Open a plain, .gz or .zip text file, or standard input (`-`). Opening and reading raise UnreadableSource."""
    name = "standard input" if path == "-" else path
    with ExitStack() as closing:
        try:
            raw = closing.enter_context(_open_raw(path))
            size = None if path == "-" else Path(path).stat().st_size
            data = _decompress(raw, name)
            closing.callback(data.close)
            closing.callback(raw.raw.abandon)  # first of all: closing waits for a thread that reads
            read = _text_reader(data, name)
        except UNREADABLE as error:
            raise _unreadable(name, error) from error
        yield Source(name, _guarded(read, raw, name), size, raw.tell if raw.seekable() else lambda: 0)


def _guarded(read: Read, raw: IO[bytes], name: str) -> Read:
    version = _version(raw)

    def guarded() -> bytes:
        try:
            data = read()
        except UNREADABLE as error:
            raise _unreadable(name, error) from error
        if not data and _version(raw) != version:
            raise UnreadableSource(
                f"{name} changed while it was read. Wait until it is complete, then run the same command again."
            )
        return data

    return guarded


def _version(raw: IO[bytes]) -> tuple[int, int]:
    """What changes when the file is written to. Of a pipe nothing does: its end is its end."""
    status = os.fstat(raw.fileno())
    return (status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else (0, 0)


def _unreadable(name: str, error: Exception) -> UnreadableSource:
    match error:
        case FileNotFoundError():
            reason = "there is no such file"
        case IsADirectoryError():
            reason = "it is a directory; name the file in it"
        case PermissionError():
            reason = "permission denied"
        case EOFError() | zlib.error():
            reason = f"the compressed data is damaged or cut off ({error}); fetch the file again"
        case _:
            reason = str(error)
    return UnreadableSource(f"{name} cannot be read: {reason}. Nothing was loaded.")


class _Raw(io.FileIO):
    """A file or a pipe. A thread that waits for a pipe whose writer writes nothing can be released."""

    abandoned = False

    def abandon(self) -> None:
        self.abandoned = True

    def readinto(self, buffer: Any) -> int | None:
        while not select.select([self], [], [], SECONDS_BETWEEN_LOOKS)[0]:
            if self.abandoned:
                raise OSError("the reading was abandoned")
        return super().readinto(buffer)


def _open_raw(path: str) -> "io.BufferedReader[_Raw]":
    raw = _Raw(sys.stdin.fileno(), closefd=False) if path == "-" else _Raw(path)
    return io.BufferedReader(raw, CHUNK)


def _decompress(raw: "io.BufferedReader[_Raw]", name: str) -> IO[bytes] | gzip.GzipFile:
    start = raw.peek(4)[:4]
    if start.startswith(GZIP):
        return gzip.open(raw, "rb")
    if start in {ZIP, EMPTY_ZIP}:
        if not raw.seekable():
            raise UnreadableSource("A zip file cannot be read from standard input; name the file instead.")
        return _only_member(zipfile.ZipFile(raw), name)
    return raw


def _only_member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith("__MACOSX/")  # a Macintosh adds them
    ]
    if OFFICE & {member.filename for member in members}:
        raise UnreadableSource(f"{name} is a workbook or another office document; save it as CSV first.")
    if len(members) != 1:
        names = ", ".join(member.filename for member in members[:5])
        raise UnreadableSource(f"{name} must hold exactly one file; it holds {len(members)}: {names}.")
    if members[0].flag_bits & 1:
        raise UnreadableSource(f"{name} is protected by a password; unpack it first.")
    if members[0].compress_type not in PACKED_BY:
        raise UnreadableSource(f"{name} is packed in a way that is not read here; unpack it first.")
    return archive.open(members[0])


def _text_reader(data: IO[bytes] | gzip.GzipFile, name: str) -> Read:
    start = data.read(SNIFF)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _utf16_reader(start, data)
    if start.startswith((GZIP, ZIP)):
        raise UnreadableSource(f"{name} holds another compressed file; unpack it first.")
    if start.count(b"\0") > len(start) // 20:
        raise UnreadableSource(
            f"{name} is not a text file: it holds NUL bytes. Is it the right file? UTF-16 needs its byte order mark."
        )
    pending = [start.removeprefix(codecs.BOM_UTF8)]
    return lambda: pending.pop() if pending else data.read(CHUNK)


def _utf16_reader(start: bytes, data: IO[bytes] | gzip.GzipFile) -> Read:
    decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
    pending = [start]

    def read() -> bytes:
        text = ""
        while not text:  # a chunk may end in half a character, and is not the end of the file
            chunk = pending.pop() if pending else data.read(CHUNK)
            text = decoder.decode(chunk, final=not chunk)
            if not chunk:
                break
        return text.encode("utf-8", errors="replace")

    return read
