"""The list to be matched: which of its columns say what of a company, and its lines as they stand in the file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from foxreviews.core.errors import UsageError
from foxreviews.matching.record import FIELDS, NAMES, NUMBERS
from foxreviews.reading.errors import WrongColumns
from foxreviews.reading.header import (
    NUMBER_OF_STREET,
    PART_OF_STREET,
    Columns,
    Text,
    find_list_header,
    header_key,
    printable,
)

# What lists call columns that an import does not read
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "tva": (
        "N° TVA", "Numéro de TVA", "Numéro TVA", "TVA intracommunautaire", "N° TVA intracommunautaire",
        "Numéro de TVA intracommunautaire", "TVA intracom", "VAT", "VAT number", "VAT ID",
    ),
    "code_commune": (
        "Code INSEE", "INSEE", "Code commune INSEE", "Code INSEE commune", "Code INSEE de la commune",
        "Commune INSEE", "codeCommuneEtablissement",
    ),
    "departement": ("Dept", "Dépt", "Code département", "Numéro de département", "Département code"),
}  # fmt: skip
_KEYS = {header_key(name): ours for ours, names in SYNONYMS.items() for name in (ours, *names)}
_NAMING = (*NAMES, *NUMBERS)  # of which a list has one at least


@dataclass(frozen=True)
class ListColumns(Columns):
    """Every column is read, under its number; `places` says where FIELDS stand, a street's parts in their order."""

    places: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    titles: tuple[str, ...] = ()  # all names, as they stand in the file

    @property
    def siren_at(self) -> int:
        """Where a number of a company may stand."""
        return next((self.places[name][0] for name in ("siren", "siret") if name in self.places), 0)

    @property
    def points(self) -> int:
        """How many of FIELDS there are; 0 without one that names a company."""
        return len(self.places) if any(name in self.places for name in _NAMING) else 0

    def values(self, row: Sequence[str]) -> dict[str, str]:
        """What a line says, by FIELDS."""
        return {name: " ".join(filter(None, (row[at] for at in ats))) for name, ats in self.places.items()}


def find_header(buffer: Text, name: str, mapping: Mapping[str, str] | None = None) -> ListColumns:
    """Match the header of the list called `name`, and leave the buffer behind it.

    It is the first line that names a column with names or numbers of companies. `mapping` gives names of ours to some
    of the list's columns ("" to ignore one). Raises WrongColumns.
    """
    wanted = {header_key(theirs): ours for theirs, ours in (mapping or {}).items()}
    seen: list[str] = []

    def read(titles: Sequence[str], columns: Columns) -> ListColumns:
        seen.extend(titles if not seen else ())
        return _of(titles, columns, wanted)

    columns = find_list_header(buffer, name, read, lambda found: found.points)
    if columns is None:
        first = ", ".join(map(printable, seen))[:300]
        raise WrongColumns(
            f"{name} has no column with names or numbers of companies. Its first line is {first!r}. "
            f'Needed: {", ".join(_NAMING)}, or a usual synonym of one; say which by --map "Their name=nom".'
        )
    if lacking := [
        theirs for theirs in mapping or {} if header_key(theirs) not in map(header_key, columns.titles)
    ]:
        there = ", ".join(map(printable, columns.titles))[:300]
        raise WrongColumns(f"--map: the list has no column {lacking[0]!r}. It has: {there}.")
    return columns


def _of(titles: Sequence[str], columns: Columns, wanted: Mapping[str, str]) -> ListColumns:
    """Where each of FIELDS stands: a mapped column, else our own name or a synonym, the first of several."""
    keys = [header_key(title) for title in titles]
    places: dict[str, tuple[int, ...]] = {}
    for at, (title_key, ours) in enumerate(zip(keys, columns.names, strict=True)):
        meaning = ours if ours in FIELDS else _KEYS.get(title_key)
        if meaning and title_key not in wanted:
            places.setdefault(meaning, (at,))
    for at, title_key in enumerate(keys):
        if ours := wanted.get(title_key):
            places[ours] = (at,)
    parts = [at for at, title_key in enumerate(keys) if _is_part(title_key) and title_key not in wanted]
    if any(NUMBER_OF_STREET.fullmatch(keys[at]) for at in parts):
        street = [at for at in places.get("adresse", ()) if keys[at] == "voie"]
        if "adresse" not in places or street:
            places["adresse"] = tuple(sorted({*parts, *street}))
    return ListColumns(
        delimiter=columns.delimiter,
        names=tuple(map(str, range(len(titles)))),
        ignored=(),
        line=columns.line,
        places=places,
        titles=tuple(titles),
    )


def _is_part(title_key: str) -> bool:
    """Whether a column has a part of a street's address: its number, its kind, its name."""
    return bool(NUMBER_OF_STREET.fullmatch(title_key) or PART_OF_STREET.fullmatch(title_key))


def parse_mapping(arguments: Iterable[str]) -> dict[str, str]:
    """«Ma colonne=nom» of each --map → our name for each of the list's. Raises UsageError."""
    mapping: dict[str, str] = {}
    for argument in arguments:
        theirs, equals, ours = (part.strip() for part in argument.rpartition("="))
        if not equals or not theirs:
            raise UsageError(f'--map {argument!r}: write it as --map "Their name=ours".')
        if ours and ours not in FIELDS:
            like = get_close_matches(ours, FIELDS, 1)
            hint = f" Did you mean {like[0]}?" if like else ""
            raise UsageError(
                f"--map {argument!r}: there is no {ours!r}.{hint} There are: {', '.join(FIELDS)}."
            )
        if ours and ours in mapping.values():
            raise UsageError(f"--map {argument!r}: {ours} has another column already; map one to it.")
        mapping[theirs] = ours
    return mapping
