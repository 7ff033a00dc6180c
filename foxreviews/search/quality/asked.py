"""Questions with their right answers, as a CSV file that people write and read: query, sirens, class."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from foxreviews.core.errors import UnreadableSource
from foxreviews.reference.identifiers import clean_digits, is_siren

HEADER = ["query", "sirens", "class"]


@dataclass(frozen=True)
class Asked:
    """A question, its class, and the SIREN of the companies that are right answers to it."""

    query: str
    sirens: frozenset[str]
    kind: str


def write(path: Path, questions: Iterable[Asked]) -> int:
    """Write them, several SIREN with spaces between; how many questions there were."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for count, asked in enumerate(questions, 1):  # noqa: B007 - counts
            writer.writerow([asked.query, " ".join(sorted(asked.sirens)), asked.kind])
    return count


def read(path: Path) -> list[Asked]:
    """The questions of a file, in its order. Raises UnreadableSource where it is not one of questions."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            questions = list(_read(path, file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableSource(f"{path} cannot be read: {error}") from error
    if not questions:
        raise UnreadableSource(f"{path} holds no question. Make some: manage.py search_questions {path}")
    return questions


def _read(path: Path, lines: Iterable[str]) -> Iterator[Asked]:
    reader = csv.DictReader(lines)
    missing = [name for name in HEADER if name not in (reader.fieldnames or [])]
    if missing:
        raise UnreadableSource(
            f"{path} has no column {', '.join(missing)}. Its first line must be: {','.join(HEADER)}"
        )
    for row in reader:
        query, sirens, kind = ((row[name] or "").strip() for name in HEADER)
        found = frozenset(map(clean_digits, sirens.split()))
        if not query or not kind or not found or not all(map(is_siren, found)):
            raise UnreadableSource(
                f"{path}, line {reader.line_num}: a question, one or more SIREN with spaces between, and a class "
                f"are needed, not {','.join((query, sirens, kind))[:100]!r}."
            )
        yield Asked(query, found, kind)
