"""The list to be matched: which of its columns say what of a company, and its lines as they stand in the file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from foxreviews.core.errors import UsageError
from foxreviews.matching.record import FIELDS, NAMES, NUMBERS
from foxreviews.matching.titles import Effort, is_first_name, meaning, number_of_address, part_of_street
from foxreviews.reading.errors import WrongColumns
from foxreviews.reading.header import Columns, Text, find_list_header, header_key, printable

_NAMING = (*NAMES, *NUMBERS)  # of which a list has one at least
WAYS = ("voie", "rue")  # titles of a whole address, or of its way next to a column with the number


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
    """Where each of FIELDS stands: in a mapped column, else in the one whose title was read with the least effort."""
    keys = [header_key(title) for title in titles]
    free = [at for at, key in enumerate(keys) if key not in wanted]
    mapped: dict[str, tuple[int, ...]] = {
        ours: (at,) for at, key in enumerate(keys) if (ours := wanted.get(key))
    }
    return ListColumns(
        delimiter=columns.delimiter,
        names=tuple(map(str, range(len(titles)))),
        ignored=(),
        line=columns.line,
        places=_meant(titles, free) | mapped,
        titles=tuple(titles),
    )


def _meant(titles: Sequence[str], free: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """The columns of each field; a second name is the company's other one."""
    found: dict[str, list[tuple[Effort, int]]] = {}
    for at in free:
        if known := meaning(titles[at]):
            found.setdefault(known.field, []).append((known.effort, at))
    names, first_names = sorted(found.get("nom", [])), [at for at in free if is_first_name(titles[at])]
    if first_names:  # «Nom» next to «Prénom» and «Raison sociale» is that of a person in the company
        names = [each for each in names if header_key(titles[each[1]]) != "nom"] or names
    places: dict[str, tuple[int, ...]] = {field_: (min(columns)[1],) for field_, columns in found.items()}
    if names:
        places["nom"] = (names[0][1],)
    if not names or names[0][0] < Effort.BUYER:  # next to the name of another, nothing is the buyer's
        places = {field_: ats for field_, ats in places.items() if min(found[field_])[0] < Effort.BUYER}
    if len(names) > 1 and names[1][0] < Effort.ALONE:
        places.setdefault("nom_commercial", (names[1][1],))
    if first_names and names and header_key(titles[names[0][1]]) == "nom":
        places["nom"] = (names[0][1], first_names[0])
    if street := _street(titles, free, *places.get("adresse", ())):
        places["adresse"] = street
    return places


def _street(titles: Sequence[str], free: Sequence[int], whole: int | None = None) -> tuple[int, ...]:
    """The columns of an address that is divided among several: its number, way and name, or its lines."""
    parts = {at: part for at in free if (part := part_of_street(titles[at]))}
    if "number" in parts.values() and (whole is None or header_key(titles[whole]) in WAYS):
        return tuple(sorted({*parts, *(() if whole is None else (whole,))}))
    lines = {number: at for at in reversed(free) if (number := number_of_address(titles[at]))}
    if whole is not None and 1 in lines and lines[1] != whole:
        return (whole,)  # the same once more, in lines
    rest = (at for _, at in sorted(lines.items()) if at != whole)
    return (*(() if whole is None else (whole,)), *rest)


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
