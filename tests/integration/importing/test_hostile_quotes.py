"""Quotes that do not close: one broken record costs one record."""

import pytest

from foxreviews.enterprise.models import Entreprise

from .conftest import Import
from .hostile import SIRENS, Hostile, file, quoted, reconcile, row, rows

BROKEN = {"broken-quotes": 1}
GOOD = rows(1, 2, 3)
ALL_QUOTED = b"".join(map(quoted, (1, 2, 3)))
MANY = tuple(range(1, 301))


def line(text: str) -> bytes:
    """A line of the first SIREN; the part behind it is given."""
    return f"{SIRENS[0]}{text}\n".encode()


OPEN = line(',"NOM,RUE,42000,X,62.01Z')
FILES = [
    Hostile("open in the first column", file(GOOD, b'"' + row(0), rows(4)), (1, 2, 3, 4), BROKEN),
    Hostile("open in a middle column", file(GOOD, OPEN, rows(4)), (1, 2, 3, 4), BROKEN),
    Hostile("open in the last column", file(GOOD, line(',N,R,42000,X,"62.01Z'), rows(4)), (1, 2, 3, 4), BROKEN),
    Hostile("open at the start of the file", file(b'"' + row(0), GOOD), (1, 2, 3), BROKEN),
    Hostile("open at the end of the file", file(GOOD, OPEN), (1, 2, 3), BROKEN),
    Hostile("open at the end of a file without final newline", file(GOOD, OPEN.rstrip()), (1, 2, 3), BROKEN),
    Hostile("open as the last byte", file(GOOD, b'"'), (1, 2, 3), BROKEN),
    Hostile("open before quoted records", file(OPEN, ALL_QUOTED), (1, 2, 3), BROKEN),
    Hostile("open after quoted records", file(ALL_QUOTED, OPEN, rows(4)), (1, 2, 3, 4), BROKEN),
    Hostile("open in the first column of a quoted file", file(ALL_QUOTED, b'"' + row(0), quoted(4)),
            (1, 2, 3, 4), BROKEN),
    Hostile("a closing quote is missing in a quoted file",
            file(quoted(1), line('","NOM,"RUE","42000","X","62.01Z"').replace(b"4", b'"4', 1), quoted(2), quoted(3)),
            (1, 2, 3), BROKEN),
    Hostile("the last closing quote is missing in a quoted file", file(quoted(0)[:-2] + b"\n", ALL_QUOTED),
            (1, 2, 3), BROKEN),
    Hostile("every other record is open", file(*(OPEN + quoted(n) for n in MANY)), MANY, {"broken-quotes": 300}),
    Hostile("every record is open", file(OPEN * 250), (), {"broken-quotes": 250}),
    Hostile("an odd number of quotes in a row", file(line(',""",R,42000,X,62.01Z'), GOOD), (1, 2, 3), BROKEN),
    Hostile("open before empty quoted fields", file(OPEN, *(row(n, '""') for n in MANY), GOOD), (1, 2, 3),
            {"broken-quotes": 1, "nom-missing": 300}),
    Hostile("text behind a closing quote", file(line(',"NOM" SARL,RUE,42000,X,62.01Z'), GOOD), (1, 2, 3), BROKEN),
    Hostile("a quote escaped by a backslash", file(line(r',"LE \"BON\" COIN",RUE,42000,X,62.01Z'), GOOD),
            (1, 2, 3), BROKEN),
    Hostile("open above ten thousand good lines", file(OPEN, rows(*range(1, 10_001))), tuple(range(1, 10_001)),
            BROKEN),
]  # fmt: skip


@pytest.mark.parametrize("hostile", FILES, ids=str)
def test_an_open_quote_costs_its_own_record_alone(import_file: Import, hostile: Hostile) -> None:
    reconcile(import_file, hostile)


VALUES = {
    '"A ""B"""': 'A "B"',
    '"""A"""': '"A"',
    '5" PIZZA': '5" PIZZA',
    'PIZZA 5"': 'PIZZA 5"',
    '"A\nB\nC"': "A B C",
    '"A\r\nB"': "A B",
    '"A\rB"': "A B",
    '"A,B;C\tD"': "A,B;C D",
    "'A": "'A",
    "«A»": "«A»",
}


@pytest.mark.parametrize("written", VALUES)
def test_a_quote_that_closes_belongs_to_its_value(import_file: Import, written: str) -> None:
    reconcile(import_file, Hostile("", file(row(0, written), GOOD), (0, 1, 2, 3)))
    assert Entreprise.objects.get(siren=SIRENS[0]).nom == VALUES[written]


LATER = [
    Hostile("closed two lines later", file(row(0, '"NOM'), row(1), row(2, 'FIN"'), rows(3)), (1, 2, 3), BROKEN),
    Hostile("closed on the next line", file(row(0, '"NOM'), row(1, 'FIN"'), rows(2)), (1, 2), BROKEN),
    Hostile("closed sixty lines later", file(row(0, '"NOM'), rows(*range(1, 60)), row(60, 'FIN"')),
            tuple(range(1, 61)), BROKEN),
    Hostile("closed in another column", file(row(0, '"NOM'), row(1).replace(b"RUE", b'RUE"'), rows(2)), (1, 2),
            {"too-few-fields": 1}),
    Hostile("closed above lines with CR LF", file(row(0, '"N', end="\r\n"), row(1, 'F"', end="\r\n"), rows(2)),
            (1, 2), BROKEN),
    Hostile("closed above quoted lines", file(row(0, '"NOM'), row(1, 'FIN"'), quoted(2), quoted(3)), (1, 2, 3), BROKEN),
]  # fmt: skip


@pytest.mark.parametrize("hostile", LATER, ids=str)
def test_a_quote_that_closes_some_lines_later_swallows_no_company(
    import_file: Import, hostile: Hostile
) -> None:
    reconcile(import_file, hostile)


def test_a_value_of_several_lines_may_look_a_little_like_records(import_file: Import) -> None:
    table = '"TARIFS\nA,1,2,3,4,5\nB,1,2,3,4,5\n123456789,1,2,3,4,5"'
    reconcile(import_file, Hostile("", file(row(0, table), rows(1)), (0, 1)))
