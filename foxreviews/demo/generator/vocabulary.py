"""The word lists of `vocabulary/`, in the three spellings that registers and shop signs use."""

import csv
from collections.abc import Iterable
from pathlib import Path

from foxreviews.reference.text import fold

FOLDER = Path(__file__).parent / "vocabulary"


class _Unaccented(dict[int, str]):
    """Letters as `fold` spells them, everything else as it is: filled with each character when it is met."""

    def __missing__(self, code: int) -> str:
        self[code] = fold(chr(code)) or chr(code)
        return self[code]


_UNACCENTED = _Unaccented()


def lists(name: str) -> tuple[tuple[str, ...], ...]:
    """The lines of `<name>.txt`, each split at its commas; lines starting with # are remarks."""
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(
        tuple(word.strip() for word in line.split(",")) for line in lines if not line.startswith("#")
    )


def words(name: str) -> tuple[str, ...]:
    """All the words of `<name>.txt`, in their order."""
    return tuple(word for line in lists(name) for word in line)


def table(name: str) -> list[dict[str, str]]:
    """The rows of `<name>.csv`, by column name."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def repeated(cell: str) -> tuple[str, ...]:
    """The words of a cell, as often as it says: "Restaurant*2|Auberge" → Restaurant, Restaurant, Auberge."""
    pairs = (word.partition("*") for word in cell.split("|") if word)
    return tuple(word for word, _, times in pairs for _ in range(int(times or 1)))


def unaccented(text: str) -> str:
    """`text` in upper case without accents, as registers write: "L'Œuvre d'Anaïs" → "L'OEUVRE D'ANAIS"."""
    return text.translate(_UNACCENTED)


def spellings(entries: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
    """`entries` as the register writes them, in upper case with accents, and as they are."""
    natural = list(entries)
    return [unaccented(text) for text in natural], [text.upper() for text in natural], natural


def of(name: str) -> str:
    """`name` after "de", as French elides and contracts: "d'Annecy", "du Havre", "de La Rochelle"."""
    article, _, rest = name.partition(" ")
    if rest and article in {"Le", "Les"}:
        return f"{'du' if article == 'Le' else 'des'} {rest}"
    elided = unaccented(name[0]) in "AEIOUH"
    return f"d'{name}" if elided else f"de {name}"
