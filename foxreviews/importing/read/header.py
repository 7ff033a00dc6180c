"""The header: which of the file's columns are ours, and what separates them."""

import csv
import unicodedata
from dataclasses import dataclass, replace

from foxreviews.importing.errors import WrongColumns
from foxreviews.importing.read.buffer import Buffer, decode

REQUIRED = ("siren", "nom", "adresse", "code_postal", "ville_nom", "naf_code")
OPTIONAL = (
    "siret", "nom_commercial", "naf_libelle", "telephone", "email", "site_web", "latitude", "longitude",
    "date_creation", "tranche_effectif", "categorie_juridique", "is_active", "statut_diffusion",
    "etat_administratif", "naf25_code",
)  # fmt: skip
DELIMITERS = (",", ";", "\t")
MAX_HEADER_BYTES = 1 << 20  # bytes
MAX_SHOWN = 60  # letters of a column's name


@dataclass(frozen=True)
class Columns:
    """`names` holds, for each column of the file in its order, our name, or None where the import does not read it."""

    delimiter: str
    names: tuple[str | None, ...]
    ignored: tuple[str, ...]

    @property
    def known(self) -> tuple[str, ...]:
        """Our columns that the file has, in the file's order."""
        return tuple(name for name in self.names if name)


def first_line(buffer: Buffer, name: str) -> str:
    """The line that names the columns of the file called `name`. Raises WrongColumns where there is none."""
    buffer.fill(MAX_HEADER_BYTES)
    if not buffer.data.strip():
        raise WrongColumns(f"{name} is empty.")
    header = buffer.data.splitlines(keepends=True)[0]
    if not header.strip():
        raise WrongColumns(f"{name}: the first line is empty; it must hold the names of the columns.")
    if len(header) == len(buffer.data) and not buffer.ended:
        raise WrongColumns(
            f"The first line of {name} is longer than {MAX_HEADER_BYTES:,} bytes. Is it the right file?"
        )
    return decode(buffer.take(len(header)))


def read_header(line: str) -> Columns:
    """Match the header without regard to order, case, spaces or accents. Raises WrongColumns."""
    candidates = [_match(line, delimiter) for delimiter in DELIMITERS]
    columns = max(candidates, key=lambda candidate: len(candidate.known))
    missing = [name for name in REQUIRED if name not in columns.known]
    if missing:
        raise WrongColumns(
            f"The file has no column {', '.join(missing)}. Its header is: {line.strip()[:300]!r}. "
            f"Required: {', '.join(REQUIRED)}; separated by a comma, a semicolon or a tab."
        )
    twice = sorted({name for name in columns.known if columns.known.count(name) > 1})
    if twice:
        raise WrongColumns(f"The file has more than one column {', '.join(twice)}; keep one of each.")
    return _without_half_a_position(columns)


def _match(line: str, delimiter: str) -> Columns:
    fields = next(csv.reader([line], delimiter=delimiter), [])
    ours = {_key(name): name for name in (*REQUIRED, *OPTIONAL)}
    names = tuple(ours.get(_key(field)) for field in fields)
    ignored = tuple(
        printable(field) for field, name in zip(fields, names, strict=True) if name is None and field.strip()
    )
    return Columns(delimiter, names, ignored)


def _without_half_a_position(columns: Columns) -> Columns:
    """A latitude without a longitude, or the other way round, is no position: the column is ignored."""
    given = [name for name in ("latitude", "longitude") if name in columns.known]
    if len(given) != 1:
        return columns
    names = tuple(None if name == given[0] else name for name in columns.names)
    return replace(columns, names=names, ignored=(*columns.ignored, given[0]))


def printable(name: str) -> str:
    """The name of an ignored column as it may be printed and stored: a header can hold anything, also NUL."""
    return "".join(letter if letter.isprintable() else "�" for letter in name.strip()[:MAX_SHOWN])


def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain.lower() if letter.isalnum())
