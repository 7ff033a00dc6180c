"""Headers and rows of other shapes."""

from io import StringIO

import pytest
from django.core.management import CommandError

from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.models import ImportRun

from .conftest import HEADER, Import
from .hostile import SIRENS, Hostile, file, reconcile, row, rows

REFUSED = {
    "a column is missing": ("siren,nom,adresse,code_postal,ville_nom", "no column naf_code"),
    "a column is renamed": (HEADER.replace("nom,", "intitule,", 1), "no column nom"),
    "no header at all": (row(1, end="").decode(), "no column siren"),
    "separated by spaces": (HEADER.replace(",", " "), "separated by a comma"),
    "a title above nothing": ("Export du 12/03/2024;;;;;", "no column siren"),
    "an open quote in the header": ('"' + HEADER, "no column siren"),
    "names of another alphabet": (HEADER.replace("siren", "ѕіrеn"), "no column siren"),
    "too many blank lines above": ("\n" * 60 + HEADER, "no column siren"),
    "binary": ("\x89PNG\r\n\x1a\n" + "\x10" * 500, "no column siren"),
    "a web page": ("<!DOCTYPE html>\n<html><body>404</body></html>", "no column siren"),
    "JSON": ('[{"siren": "732829320"}]', "no column siren"),
    "a million columns": (HEADER + "," * 2_000_000, "longer than"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_header_that_is_not_ours_is_refused_by_name_before_anything_is_loaded(
    import_file: Import, name: str
) -> None:
    header, sentence = REFUSED[name]
    with pytest.raises(CommandError, match=sentence) as caught:
        import_file(file(rows(1, 2), header=header))
    assert caught.value.returncode == 2
    assert len(str(caught.value)) < 1000
    assert str(caught.value).replace("\n", "").isprintable()
    assert not Entreprise.objects.exists()
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize("data", [b"", b"\n", b"\n\r\n  \n" * 1000, b"\xef\xbb\xbf", b"\xff\xfe", b" "])
def test_a_file_with_nothing_in_it_is_called_empty(import_file: Import, data: bytes) -> None:
    with pytest.raises(CommandError, match="is empty") as caught:
        import_file(data)
    assert caught.value.returncode == 2


WIDE = ",".join(f"c{number}" for number in range(5000))
ACCEPTED = [
    Hostile("header alone", file(), ()),
    Hostile("header without line end", HEADER.encode(), ()),
    Hostile("header and blank lines", file(b"\n\n"), (), blank=2),
    Hostile("names in quotes", file(rows(1), header='"' + HEADER.replace(",", '","') + '"'), (1,)),
    Hostile("names with accents, spaces and capitals",
            file(rows(1), header=" Siren ,NOM,Adressé,Code Postal,VILLE-NOM,Naf Code"), (1,)),
    Hostile("a column without a name at the end", file(row(1, end=",\n"), row(2, end="\n"), header=HEADER + ","), (1,),
            {"too-few-fields": 1}),
    Hostile("five thousand columns more", file(row(1, end="," * 5000 + "\n"), rows(2), header=f"{HEADER},{WIDE}"), (1,),
            {"too-few-fields": 1}),
    Hostile("names with quotes, brackets, SQL and control characters",
            file(row(1, end=",1,2,3,4\n"), header=f'{HEADER},"a""b",[red]x[/red],"; DROP TABLE x;--",\x1b[31m\0z'),
            (1,)),
    Hostile("ragged rows", file(rows(1), b"a\n", b"a,b,c\n", row(0, end=",x\n"), row(0, end="," * 50 + "\n"), rows(2)),
            (1, 2), {"too-few-fields": 2, "too-many-fields": 2}),
    Hostile("an address with a comma and no quotes", file(rows(1), row(0, "NOM,SARL"), rows(2)), (1, 2),
            {"too-many-fields": 1}),
    Hostile("rows with another separator than the header", file(rows(1).replace(b",", b";"), rows(2)), (2,),
            {"too-few-fields": 1}),
    Hostile("the header again in the middle", file(rows(1), HEADER.encode() + b"\n", rows(2)), (1, 2),
            {"siren-malformed": 1}),
    Hostile("the file twice over", file(rows(1, 2), rows(1, 2)), (1, 2), duplicates=2),
    Hostile("a second column of the same name", file(row(1, end=",75001\n"), header=f"{HEADER},Code Postal"), (1,)),
    Hostile("separated by pipes", file(rows(1, 2).replace(b",", b"|"), header=HEADER.replace(",", "|")), (1, 2)),
    Hostile("blank lines above", file(rows(1), header="\n\n" + HEADER), (1,)),
    Hostile("latitude without longitude", file(row(1, end=",48.85\n"), header=f"{HEADER},latitude"), (1,)),
    Hostile("longitude without latitude", file(row(1, end=",2.35\n"), header=f"{HEADER},longitude"), (1,)),
]  # fmt: skip


@pytest.mark.parametrize("hostile", ACCEPTED, ids=str)
def test_rows_of_any_shape_are_accounted_for(import_file: Import, hostile: Hostile) -> None:
    reconcile(import_file, hostile)


def test_columns_in_another_order_are_read_by_their_names(import_file: Import) -> None:
    data = f"naf_code\tville_nom\tsiren\tx\tadresse\tnom\tcode_postal\n62.01Z\tX\t{SIRENS[0]}\t?\tRUE\tNOM\t42000\n"
    reconcile(import_file, Hostile("", data.encode(), (0,)))
    found = Entreprise.objects.get()
    assert (found.nom, found.adresse, found.code_postal, found.naf_code) == ("NOM", "RUE", "42000", "62.01Z")


def test_a_file_with_the_wrong_separator_in_every_row_is_refused_and_named(import_file: Import) -> None:
    data = file(rows(*range(100)).replace(b",", b";"))
    with pytest.raises(CommandError, match=r"100 of 100 records are rejected .*too-few-fields \(100\)"):
        import_file(data)
    assert not Entreprise.objects.exists()


def test_many_columns_that_are_unknown_are_reported_in_a_short_line(
    import_file: Import, printed: StringIO
) -> None:
    report = import_file(file(row(1, end="," * 5000 + "\n"), header=f"{HEADER},{WIDE}"))
    said = next(line for line in printed.getvalue().splitlines() if "Unknown columns" in line)
    assert said == "Unknown columns, ignored: c0, c1, c2, c3, c4, c5, c6, c7 and 4,992 more."
    assert len(report["ignored_columns"]) == 5000
