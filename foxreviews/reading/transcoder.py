"""The file's bytes → UTF-8, and what had to be done for it.

A piece that is ASCII or good UTF-8 passes as it is. Elsewhere each line is looked at: one that is not UTF-8 is read in
the encoding that makes French text of it, one that was misread before is mended. What is read again from the beginning
comes out the same, so an interrupted import finds its place.
"""

from collections.abc import Callable
from dataclasses import dataclass

from foxreviews.reading import mojibake
from foxreviews.reading.buffer import count_lines, is_utf8
from foxreviews.reading.encodings import LOST, NAMES, Evidence, decode_lines

FIRST_BYTES = 1 << 20  # read before the first line is judged
MAX_PENDING = 1 << 20  # bytes without a line end that are held back
MISREAD, LOST_LETTERS = "mojibake", "lost"


@dataclass
class Lines:
    """How many lines, and the number of the first one."""

    lines: int
    first_line: int


class Transcoder:
    """`read` gives the next piece of text as UTF-8, b"" at the end; `found` says which lines were something else.

    Its keys are the names of encodings, MISREAD for mended lines, LOST_LETTERS for lines with letters that are lost.
    With `encoding`, every line that is not ASCII is read in it.
    """

    def __init__(self, read: Callable[[], bytes], encoding: str | None = None) -> None:
        self._read, self._encoding = read, encoding
        self._pending, self._ended, self._started = b"", False, False
        self._line = 1  # number of the next one
        self._evidence = Evidence.none()
        self.found: dict[str, Lines] = {}

    def read(self) -> bytes:
        """The next whole lines."""
        while not self._ended:
            data = self._pending + self._next_piece()
            at = len(data) if self._ended else _end_of_lines(data)
            self._pending = data[at:]
            if at:
                return self._convert(data[:at])
        return b""

    def _next_piece(self) -> bytes:
        piece = self._read()
        self._ended = not piece
        if not self._started:
            self._started = True
            parts, size = [piece], len(piece)
            while size < FIRST_BYTES and not self._ended:
                piece = self._read()
                self._ended = not piece
                parts.append(piece)
                size += len(piece)
            return b"".join(parts)
        return piece

    def _convert(self, data: bytes) -> bytes:
        if not data.isascii() and (self._encoding or not is_utf8(data) or mojibake.suspected(data)):
            data = self._convert_lines(data.splitlines(keepends=True))
        self._line += count_lines(data)
        return data

    def _convert_lines(self, lines: list[bytes]) -> bytes:
        if self._encoding:
            odd = [number for number, line in enumerate(lines) if not line.isascii()]
            texts = [lines[number].decode(self._encoding, "replace") for number in odd]
            chosen = [self._encoding] * len(odd)
        else:
            odd = [number for number, line in enumerate(lines) if not line.isascii() and not _is_utf8(line)]
            texts, chosen = decode_lines([lines[number] for number in odd], self._evidence)
        for number, text in zip(odd, texts, strict=True):
            lines[number] = text.encode()
        for encoding in dict.fromkeys(chosen):
            self._note(NAMES.get(encoding, encoding), chosen.count(encoding), odd[chosen.index(encoding)])
        converted = b"".join(lines)
        if not mojibake.suspected(converted):
            return converted
        self._mend(lines)
        return b"".join(lines)

    def _mend(self, lines: list[bytes]) -> None:
        numbers = [number for number, line in enumerate(lines) if not line.isascii()]
        before = [lines[number].decode() for number in numbers]
        after = before if self._encoding else mojibake.mend(before)
        pairs = [*zip(numbers, before, after, strict=True)]
        mended = [number for number, old, new in pairs if new != old]
        lost = [number for number, _, new in pairs if LOST in new]
        for number, _, new in pairs:
            lines[number] = new.encode()
        for what, which in ((MISREAD, mended), (LOST_LETTERS, lost)):
            if which:
                self._note(what, len(which), which[0])

    def _note(self, what: str, count: int, first: int) -> None:
        self.found.setdefault(what, Lines(0, self._line + first)).lines += count


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _end_of_lines(data: bytes) -> int:
    """Where the last whole line ends; a line that is too long to wait for is cut between two characters of UTF-8."""
    end = data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, -1) + 1
    if end or len(data) <= MAX_PENDING:
        return end
    end = len(data)
    while end > len(data) - 4 and data[end - 1] & 0xC0 == 0x80:
        end -= 1
    return end - 1 if data[end - 1] >= 0xC0 else len(data)
