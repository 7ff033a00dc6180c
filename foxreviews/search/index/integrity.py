"""Whether the files of an index are what was written: Tantivy ends each with a checksum, and never looks at it."""

import json
import struct
import zlib
from pathlib import Path

MAGIC = 1337  # the last four bytes of a file; before them the footer's length, before that the footer
NEEDED = frozenset({"term", "idx", "pos", "fast", "fieldnorm", "store"})
AT_ONCE = 1 << 20


def damage(index: Path) -> str:
    """What is wrong with the files of an index, "" where nothing is. 400 MB take half a second."""
    try:
        while True:
            meta = (index / "meta.json").read_bytes()
            segments = json.loads(meta)["segments"]
            found = next(filter(None, (_damage_of_segment(index, segment) for segment in segments)), "")
            if not found or meta == (index / "meta.json").read_bytes():
                return found
            # Somebody wrote meanwhile: files that it no longer names may be gone.
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"{index.name}/meta.json cannot be read: {error}"


def _damage_of_segment(index: Path, segment: dict[str, object]) -> str:
    name = str(segment["segment_id"]).replace("-", "")
    needed = {f"{name}.{ending}" for ending in NEEDED}
    if isinstance(deletes := segment["deletes"], dict):
        needed.add(f"{name}.{deletes['opstamp']}.del")
    for file in sorted(needed):
        if not _is_whole(index / file):
            return f"{index.name}/{file} is missing or damaged"
    return ""


def _is_whole(path: Path) -> bool:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            file.seek(max(size - 8, 0))
            length, magic = struct.unpack("<II", file.read(8))
            content = size - 8 - length
            if magic != MAGIC or content < 0:
                return False
            file.seek(content)
            expected = json.loads(file.read(length))["crc"]
            file.seek(0)
            checksum = 0
            while content > 0:
                chunk = file.read(min(AT_ONCE, content))
                checksum, content = zlib.crc32(chunk, checksum), content - len(chunk)
            return bool(checksum == expected)
    except (OSError, struct.error, ValueError, KeyError, TypeError):
        return False
