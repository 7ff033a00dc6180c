"""The header: where it is, which of the file's columns are ours, and what separates them."""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Generic, Protocol, TypeVar

from foxreviews.core.errors import UsageError
from foxreviews.reading.errors import AmbiguousColumns, WrongColumns
from foxreviews.reading.synonyms import SYNONYMS
from foxreviews.reference import states
from foxreviews.reference.identifiers import names_company

REQUIRED = ("siren", "nom", "adresse", "code_postal", "ville_nom", "naf_code")
OPTIONAL = (
    "siret", "nom_commercial", "naf_libelle", "telephone", "email", "site_web", "latitude", "longitude",
    "date_creation", "tranche_effectif", "effectif", "categorie_juridique", "is_active", "statut_diffusion",
    "etat_administratif", "naf25_code", "categorie_entreprise", "est_employeur",
)  # fmt: skip
OURS = (*REQUIRED, *OPTIONAL)
# A column without which there is another one to take its value from
INSTEAD = {"siren": "siret"}
DELIMITERS = (",", ";", "\t", "|")
MAX_HEADER_BYTES = 1 << 20  # bytes
MAX_LINES_ABOVE = 50  # of titles and blanks above the header
MAX_HEADER_LINES = 20  # of a header with line breaks in its names
MAX_SHOWN = 60  # letters of a column's name
MAX_LIKENED = 40  # unknown columns for which a like name is looked for: each costs 2 ms
MIN_LIKENED = 4  # letters: «cap» is not «cp»
MAX_HEADER_SHOWN = 300  # letters
LIKENESS = 0.8  # of 1; "raison social" has 0.96 of "raison sociale"
EMPTY_CELLS = " ,;|\t\r\n"  # beside a title
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*\Z', re.IGNORECASE)  # of a spreadsheet, for a spreadsheet
# The name of a person next to that of the company: which of them is meant by «Nom»?
FIRST_NAMES = frozenset({"prenom", "prenoms", "firstname", "prenomcontact"})
# Who may be shown: such a column is read, or ignored on purpose, or the file is refused
OF_DIFFUSION = re.compile(r"diffus|statutdiff|confiden|nonpubli|divulg|disclos")
# A yes in such a column means that the company is not public
OF_NO_DIFFUSION = re.compile(r"^non|nondiffus|partiel|confiden|nonpubli|opposition|undisclos|nondisclos")
# Parts of a street address that is in several columns; without its number a street is no address
NUMBER_OF_STREET = re.compile(r"(n|no|num|numero)(de|dela|dans)?(la)?(voie|rue)(etablissement)?")
PART_OF_STREET = re.compile(r"(type|nature|libelle|nom)(de|dela)?(voie|rue)(etablissement)?")
# What may be the state of a company, or anything else: the records tell
OF_STATE = frozenset({"statut", "situation", "status", "statutentreprise", "situationentreprise"})
STATES_READ = 1 << 16  # bytes of records that are looked at for words of a state


Found = TypeVar("Found")


class Text(Protocol):
    """The beginning of a file as UTF-8: a reading.buffer.Buffer, or a text that is in memory."""

    data: bytes  # what is not taken yet
    ended: bool  # whether that is all that is left

    def fill(self, size: int) -> None: ...
    def take(self, size: int) -> bytes: ...


@dataclass(frozen=True)
class Columns:
    """`names` holds, for each column of the file in its order, our name, or None where the import does not read it.

    `taken` has the file's name of each of ours where it is another, `second` the columns of which the file has an
    earlier one, each with our name, `above` the lines that were passed over, `line` the number of the header's.
    """

    delimiter: str
    names: tuple[str | None, ...]
    ignored: tuple[str, ...]
    taken: Mapping[str, str] = field(default_factory=dict)
    second: tuple[tuple[str, str], ...] = ()
    above: tuple[str, ...] = ()
    line: int = 1
    header: tuple[str, ...] = ()  # the first names as they stand in the file
    unmatched: tuple[str, ...] = ()  # columns of --map that the file lacks
    likely: Mapping[str, str] = field(
        default_factory=dict
    )  # ignored columns, and ours that they are nearly called

    @property
    def known(self) -> tuple[str, ...]:
        """Our columns that the file has, in the file's order."""
        return tuple(name for name in self.names if name)

    def as_dict(self) -> dict[str, Any]:
        """The header as the report has it."""
        return {
            "line": self.line,
            "above": [*self.above],
            "separator": self.delimiter,
            "columns": {**self.taken},
            "second_columns": [{"column": name, "meaning": ours} for name, ours in self.second],
            "likely_columns": {**self.likely},
        }

    @property
    def exchangeable(self) -> tuple[tuple[str, str], ...]:
        """Those of `second` that --map can have read instead: not one that is called like an earlier column."""
        found, keys = [], {_key(self.taken.get(ours, ours)) for ours in self.known}
        for name, ours in self.second:
            if (key := _key(name)) not in keys:
                found.append((name, ours))
            keys.add(key)
        return tuple(found)

    @property
    def siren_at(self) -> int:
        """The place of the column that identifies the company."""
        return self.names.index("siren" if "siren" in self.names else "siret")

    @property
    def missing(self) -> tuple[str, ...]:
        """Required columns that the file lacks, and has nothing instead of."""
        known = self.known
        return tuple(name for name in REQUIRED if name not in known and INSTEAD.get(name) not in known)


def first_line(buffer: Text, name: str) -> str:
    """The first line of the file called `name`. Raises WrongColumns where there is none."""
    first = _beginning(buffer, name)[0]
    if not first.strip():
        raise WrongColumns(f"{name}: the first line is empty; it must hold the names of the columns.")
    return buffer.take(len(first)).decode()


def find_header(buffer: Text, name: str, mapping: Mapping[str, str] | None = None) -> Columns:
    """Match the header of the file called `name`, and leave the buffer behind it.

    It is the first line that names all required columns; titles and blank lines may stand above it. `mapping` gives
    names of ours to some of the file's columns ("" to ignore one). Raises WrongColumns, AmbiguousColumns.
    """
    lines = _beginning(buffer, name)
    best = Columns(",", (), ())
    for number in range(min(len(lines), MAX_LINES_ABOVE + 1)):
        columns, length = _read_line(lines, number, mapping or {})
        if columns.names and not columns.missing:
            _refuse_companies(lines[:number], columns)
            buffer.take(sum(map(len, lines[: number + length])))
            return _with_state(columns, buffer)
        if len(columns.known) > len(best.known) or not best.names:
            best = columns
    raise WrongColumns(_explain(best))


def find_list_header(
    buffer: Text, name: str, read: Callable[[Sequence[str], Columns], Found], points: Callable[[Found], int]
) -> Found | None:
    """What `read` makes of the first line that has some `points`, of a file in any columns.

    It gets the names that stand there, and what they mean; of several separators the one with the most points is taken.
    A line with one cell («Fournisseurs») is the title of a list whose header follows, if one with more points does. The
    buffer is left behind the line. None where there is none. Raises WrongColumns.
    """
    lines = _beginning(buffer, name)
    header: _ListHeader[Found] | None = None
    for number in range(min(len(lines), MAX_LINES_ABOVE + 1)):
        other = _list_header(lines, number, read, points)
        if other and (header is None or other.points > 1):
            header = other
        if header and header.cells > 1:
            break
    if header is None:
        return None
    buffer.take(sum(map(len, lines[: header.end])))
    return header.found


@dataclass(frozen=True)
class _ListHeader(Generic[Found]):
    """A line that may be the header: its points, how many of its cells are filled, the number of the line behind it."""

    points: int
    cells: int
    end: int
    found: Found


def _list_header(
    lines: Sequence[bytes],
    number: int,
    read: Callable[[Sequence[str], Columns], Found],
    points: Callable[[Found], int],
) -> _ListHeader[Found] | None:
    """A line with some points, by the separator that gives it the most points, then the most cells."""
    text = [line.decode() for line in lines[number : number + MAX_HEADER_LINES]]
    best: _ListHeader[Found] | None = None
    for delimiter in DELIMITERS:
        reader = csv.reader(text, delimiter=delimiter)
        titles = next(reader, [])
        found = read(titles, replace(_match(titles, delimiter, {}, is_list=True), line=number + 1))
        filled = sum(bool(title.strip()) for title in titles)
        if points(found) and (best is None or (points(found), filled) > (best.points, best.cells)):
            best = _ListHeader(points(found), filled, number + reader.line_num, found)
    return best


def _beginning(buffer: Text, name: str) -> list[bytes]:
    """The whole lines that the file begins with. Raises WrongColumns where there are none."""
    buffer.fill(MAX_HEADER_BYTES)
    if not buffer.data.strip():
        raise WrongColumns(f"{name} is empty.")
    lines = buffer.data.splitlines(keepends=True)
    if buffer.ended:
        return lines
    if len(lines) == 1:
        raise WrongColumns(
            f"The first line of {name} is longer than {MAX_HEADER_BYTES:,} bytes. Is it the right file?"
        )
    return lines[:-1]  # the last one may be cut


def _read_line(lines: list[bytes], number: int, mapping: Mapping[str, str]) -> tuple[Columns, int]:
    """The columns that a line names, and how many lines their names take. Raises AmbiguousColumns."""
    text = [line.decode() for line in lines[number : number + MAX_HEADER_LINES]]
    above = tuple(printable(line.decode().strip(EMPTY_CELLS)) for line in lines[:number])
    said = (SEPARATOR_LINE.match(line.decode()) for line in lines[:number])
    given = [found[1] for found in said if found]
    best, length = Columns(",", (), ()), 1
    for delimiter in dict.fromkeys((*filter(_can_separate, given), *DELIMITERS)):
        reader = csv.reader(text, delimiter=delimiter)
        columns = _match(next(reader, []), delimiter, mapping)
        if len(columns.known) > len(best.known) or not best.names:
            best, length = columns, reader.line_num
    return replace(best, above=above, line=number + 1), length


def _can_separate(sign: str) -> bool:
    return sign.isascii() and not sign.isalnum() and sign not in " \"'"


def _match(
    header: list[str], delimiter: str, mapping: Mapping[str, str], *, is_list: bool = False
) -> Columns:
    """Of several columns that are one of ours the mapped one wins, then our own name, then the first.

    Of a list that is not loaded nothing is refused.
    """
    wanted = {_key(name): ours for name, ours in mapping.items()}
    candidates: dict[str, list[tuple[int, int]]] = {}
    ignored = []
    for place, name in enumerate(header):
        rank, ours = _meaning(_key(name), wanted)
        if ours:
            candidates.setdefault(ours, []).append((rank, place))
        elif name.strip():
            ignored.append(printable(name))
    first = {ours: min(found) for ours, found in candidates.items()}
    names: list[str | None] = [None] * len(header)
    for ours, (_, place) in first.items():
        names[place] = ours
    columns = Columns(
        delimiter,
        tuple(names),
        tuple(ignored),
        taken={
            ours: printable(header[at]) for ours, (_, at) in first.items() if _key(header[at]) != _key(ours)
        },
        second=tuple(
            (printable(header[place]), ours)
            for ours, found in candidates.items()
            for _, place in sorted(found)[1:]
        ),
        header=tuple(map(printable, header[:MAX_LIKENED])),
        unmatched=tuple(name for name in mapping if _key(name) not in {*map(_key, header)}),
    )
    if not columns.missing and not is_list:
        _refuse_two_names(columns, header, first["nom"][0])
        _refuse_unread_diffusion([name for name in header if _key(name) not in wanted])
        _refuse_two_diffusions(columns, first.get("statut_diffusion", (SYNONYM, 0))[0])
        _refuse_unmatched(columns, header)
        columns = replace(columns, likely=_likely(columns))
    return _without_half_a_position(_without_second_workforce(columns))


MAPPED, OWN, SYNONYM = range(3)


def _meaning(key: str, wanted: Mapping[str, str]) -> tuple[int, str | None]:
    if key in wanted:
        return MAPPED, wanted[key]
    if key in KEYS_OF_OURS:
        return OWN, KEYS_OF_OURS[key]
    return SYNONYM, KEYS_OF_SYNONYMS.get(key)


def _refuse_two_names(columns: Columns, header: list[str], rank: int) -> None:
    """«Nom» next to «Prénom» is a person's where «Raison sociale» is there, too."""
    others = [name for name, ours in columns.second if ours == "nom" and _key(name) in KEYS_OF_SYNONYMS]
    person = [printable(name) for name in header if _key(name) in FIRST_NAMES]
    if rank != OWN or not others or not person:
        return
    own = next(printable(name) for name in header if _key(name) == "nom")
    raise AmbiguousColumns(
        f"Which column is the company's name: {own}, next to {person[0]}, or {others[0]}? Say it by "
        f'--map "{others[0]}=nom" or --map "{own}=nom". Nothing was loaded.'
    )


def _refuse_unread_diffusion(header: list[str]) -> None:
    """A column that may say who is not public is not passed over: each of them would become public."""
    for name in header:
        key = _key(name)
        if key in KEYS_OF_OURS or key in KEYS_OF_SYNONYMS or not OF_DIFFUSION.search(key):
            continue
        shown = printable(name)
        if OF_NO_DIFFUSION.search(key):
            how = (
                f"If it does, write O (public) or P (partial) into a column statut_diffusion, as a yes in {shown} "
                "seems to mean P"
            )
        else:
            how = f'If it does: --map "{shown}=statut_diffusion" (O or yes is public, P, N or no is not)'
        raise AmbiguousColumns(
            f"Does the column {shown} say who may be shown? {how}. If it does not, or is not needed beside "
            f'another one, ignore it: --map "{shown}=". Nothing was loaded.'
        )


def _refuse_two_diffusions(columns: Columns, rank: int) -> None:
    """Of two columns that say who may be shown the one that is not read may hide somebody."""
    others = [name for name, ours in columns.second if ours == "statut_diffusion"]
    if not others or rank == MAPPED:
        return
    names = [columns.taken.get("statut_diffusion", "statut_diffusion"), *others]
    if len({*map(_key, names)}) < len(names):
        how = "They have one name: take all but one out of the file"
    else:
        how = "Say which one counts: " + " or ".join(f'--map "{name}=statut_diffusion"' for name in names)
    raise AmbiguousColumns(
        f"{len(names)} columns say who may be shown: {', '.join(names)}. {how}. Nothing was loaded."
    )


def _refuse_unmatched(columns: Columns, header: list[str]) -> None:
    """A column that is mapped is there."""
    keys = {_key(name): printable(name) for name in header if name.strip()}
    for name in columns.unmatched:
        like = get_close_matches(_key(name), keys, 1, 0.6)
        hint = f" Did you mean {keys[like[0]]}?" if like else ""
        there = ", ".join([*keys.values()][:MAX_LIKENED])
        raise WrongColumns(f"--map: the file has no column {name!r}.{hint} It has: {there}.")


def _refuse_companies(above: list[bytes], columns: Columns) -> None:
    """A line above the header that is as wide and has a SIREN is no title: it would be lost."""
    for number, line in enumerate(above, start=1):
        row = next(csv.reader([line.decode()], delimiter=columns.delimiter), [])
        filled = sum(bool(value.strip()) for value in row)
        if filled >= len(REQUIRED) and any(map(names_company, row)):
            raise AmbiguousColumns(
                f"Line {number} holds a company, and the names of the columns follow in line {columns.line}. "
                "Put them on the first line. Nothing was loaded."
            )


def _likely(columns: Columns) -> dict[str, str]:
    """The ignored columns that are nearly called like one of ours which the file lacks."""
    lacking = [ours for ours in OURS if ours not in columns.known]
    parts = _parts_of_street(columns)
    keys = {_key(name): ours for ours in lacking for name in (ours, *SYNONYMS.get(ours, ()))}
    likely = {}
    for name in columns.ignored[:MAX_LIKENED]:
        if name in parts:
            continue
        if len(key := _key(name)) >= MIN_LIKENED and (like := get_close_matches(key, keys, 1, LIKENESS)):
            likely[name] = keys[like[0]]
    return likely


def _parts_of_street(columns: Columns) -> list[str]:
    """The columns among which a street's address is divided: none where no column has the number alone."""
    keys = {name: _key(name) for name in columns.header}
    if not any(map(NUMBER_OF_STREET.fullmatch, keys.values())):
        return []
    return [
        name
        for name, key in keys.items()
        if NUMBER_OF_STREET.fullmatch(key) or PART_OF_STREET.fullmatch(key) or key == "voie"
    ]


def _with_state(columns: Columns, buffer: Text) -> Columns:
    """«Statut» is likely the company's state where the first records say nothing there but words of states."""
    if {"etat_administratif", "is_active"} & {*columns.known}:
        return columns
    places = [
        at for at, name in enumerate(columns.header) if name in columns.ignored and _key(name) in OF_STATE
    ]
    if not places:
        return columns
    text = bytes(buffer.data[:STATES_READ]).decode(errors="replace").splitlines(keepends=True)
    if len(text) > 1 and not text[-1].endswith(("\r", "\n")):
        text.pop()  # it may be cut
    rows = list(csv.reader(text, delimiter=columns.delimiter))
    for at in places:
        words = {row[at] for row in rows if len(row) > at and row[at].strip()}
        if words and all(states.is_active(word) is not None for word in words):
            likely = {**columns.likely, columns.header[at]: "etat_administratif"}
            return replace(columns, likely=likely)
    return columns


def _explain(columns: Columns) -> str:
    """What a header lacks, what may be it under another name, and how to say so."""
    likely = {ours: name for name, ours in _likely(columns).items() if ours in (*columns.missing, "siret")}
    hints = " or ".join(f'--map "{name}={ours}"' for ours, name in likely.items())
    meant = f" Did you mean {hints}?" if hints else ""
    if columns.unmatched:
        meant += f" It has none of --map either: {', '.join(columns.unmatched)}."
    if "adresse" in columns.missing and (parts := _parts_of_street(columns)):
        meant += f" The address must be in one column, adresse: join {', '.join(parts)}."
    names = columns.delimiter.join(columns.header)[:MAX_HEADER_SHOWN]
    return (
        f"The file has no column {', '.join(columns.missing)}. "
        f"Its header is, in line {columns.line}: {names!r}.{meant} "
        f"Required: {', '.join(REQUIRED)} (siret will do for siren), or a usual synonym of them; "
        'separated by a comma, a semicolon, a tab or |. Another name is given by --map "Their name=ours".'
    )


def _without_second_workforce(columns: Columns) -> Columns:
    """The number of people is read where the file has no band."""
    if not {"effectif", "tranche_effectif"} <= {*columns.known}:
        return columns
    names = tuple(None if name == "effectif" else name for name in columns.names)
    taken = dict(columns.taken)
    name = taken.pop("effectif", "effectif")
    return replace(columns, names=names, taken=taken, second=(*columns.second, (name, "tranche_effectif")))


def _without_half_a_position(columns: Columns) -> Columns:
    """A latitude without a longitude, or the other way round, is no position: the column is ignored."""
    given = [name for name in ("latitude", "longitude") if name in columns.known]
    if len(given) != 1:
        return columns
    names = tuple(None if name == given[0] else name for name in columns.names)
    taken = {ours: name for ours, name in columns.taken.items() if ours != given[0]}
    return replace(columns, names=names, taken=taken, ignored=(*columns.ignored, given[0]))


def printable(name: str) -> str:
    """A piece of a header as it may be printed and stored on one line: it can hold anything, also NUL."""
    words = " ".join(name.split())[:MAX_SHOWN]
    return "".join(letter if letter.isprintable() else "�" for letter in words)


# A header is compared with all names that are known, once for each separator.
@lru_cache(maxsize=10_000)
def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("°", "")).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain.lower() if letter.isalnum())


header_key = _key  # by which the names of columns are compared

KEYS_OF_OURS = {_key(name): name for name in OURS}
KEYS_OF_SYNONYMS = {_key(name): ours for ours in OURS for name in SYNONYMS.get(ours, ())}


def parse_mapping(arguments: Iterable[str]) -> dict[str, str]:
    """«Ma colonne=nom» of each --map → our name for each of the file's; nothing behind the = ignores the column.

    Raises UsageError.
    """
    mapping: dict[str, str] = {}
    for argument in arguments:
        theirs, equals, ours = argument.rpartition("=")
        ours = KEYS_OF_OURS.get(_key(ours), ours.strip())
        if not equals or not theirs.strip():
            raise UsageError(f'--map {argument!r}: write it as --map "Their name=ours".')
        if ours and ours not in OURS:
            like = get_close_matches(ours, OURS, 1)
            hint = f" Did you mean {like[0]}?" if like else ""
            raise UsageError(
                f"--map {argument!r}: there is no column {ours!r}.{hint} There are: {', '.join(OURS)}."
            )
        if ours and ours in mapping.values():
            raise UsageError(f"--map {argument!r}: {ours} has another column already; map one to it.")
        mapping[theirs] = ours
    return mapping
