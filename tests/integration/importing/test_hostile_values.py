"""Values as people, spreadsheets and attackers write them: kept, corrected by a rule, left out, or rejected."""

import unicodedata
from datetime import date

import pytest

from foxreviews.enterprise.models import Entreprise
from foxreviews.reference.identifiers import luhn, siren_with_key

from .conftest import HEADER, Import
from .hostile import SIRENS, Hostile, file, reconcile, row, rows

S = SIRENS[0]  # 400000006
SHORT = {lost: siren_with_key(number) for lost, number in ((1, 1_234_567), (2, 123_456), (3, 32_517))}
SPELT = [
    (f"{S[:3]} {S[3:6]} {S[6:]}", S),
    (f"{S[:3]}\u00a0{S[3:6]}\u202f{S[6:]}", S),
    (f"{S[:3]}.{S[3:6]}.{S[6:]}", S),
    (f"{S[:3]}-{S[3:6]}–{S[6:]}", S),
    (f"\u200b{S}\ufeff", S),
    (f"\t{S} ", S),
    (f'"{S}"', S),
    (f"{S}.0", S),
    (f'="{S}"', S),
    (f'"=""{S}"""', S),
    (f"'{S}", S),
    (f'"{S},0"', S),
    ("000000000", "000000000"),  # real registers have it, and its key is right
    *((siren[lost:], siren) for lost, siren in SHORT.items()),
    *((f"{siren[lost:]}.0", siren) for lost, siren in SHORT.items()),
]


@pytest.mark.parametrize(("written", "siren"), SPELT)
def test_a_siren_is_read_in_every_spelling_that_leaves_no_doubt(
    import_file: Import, written: str, siren: str
) -> None:
    import_file(file(f"{written},NOM,RUE,42000,X,62.01Z\n".encode()))
    assert Entreprise.objects.get().siren == siren


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("4.00000006E+08", "siren-malformed"),
        ('"4,00000006E+08"', "siren-malformed"),
        ("4E8", "siren-malformed"),
        (f"{S}.5", "siren-malformed"),
        (f"{S}0", "siren-malformed"),
        (f"{S}00015", "siren-malformed"),
        (f"FR{S}", "siren-malformed"),
        ('"=400000006"', "siren-malformed"),
        ("４００００００６６", "siren-malformed"),
        ("٤٠٠٠٠٠٠٠٦", "siren-malformed"),
        ("4OOOOOOO6", "siren-malformed"),
        ("+400000006", "siren-malformed"),
        ("12345", "siren-malformed"),
        ("[ND]", "siren-malformed"),
        ("1' OR '1'='1", "siren-malformed"),
        ("400000007", "siren-key"),
        ("", "siren-missing"),
        ('" "', "siren-missing"),
        ("-", "siren-missing"),
    ],
)
def test_a_siren_that_leaves_a_doubt_is_rejected(import_file: Import, written: str, reason: str) -> None:
    data = file(rows(1), f"{written},NOM,RUE,42000,X,62.01Z\n".encode(), rows(2))
    reconcile(import_file, Hostile("", data, (1, 2), {reason: 1}))


KEPT = [
    "=cmd|' /C calc'!A0",
    "+33 1 LE CAFÉ",
    "@SUM(1+1)",
    "ROBERT'); DROP TABLE enterprise_entreprise;--",
    "${jndi:ldap://x}",
    "<script>alert(1)</script>",
    "CAF&Eacute; &amp; CO",
    "\\N",
    "\\.",
    "\\",
    "A\\",
    "NULL",
    "None",
    "NaN",
    "%s %(nom)s {0}",
    "[red]ROUGE[/red]",
    "🦊 LE RENARD 👨‍👩‍👧",
    "مطعم الشام",
    "מסעדה",
    "می‌خواهم",
    "寿司",
    "Ω㎏ﬁ",
    "A΅B" if False else "Z̷A̶L̵G̷O̸",
    "a" * 255,
    "é" * 255,
    "🦊" * 255,
]


@pytest.mark.parametrize("nom", KEPT)
def test_a_strange_name_is_kept_to_the_letter(import_file: Import, nom: str) -> None:
    import_file(file(row(0, '"' + nom.replace('"', '""') + '"')))
    assert Entreprise.objects.get().nom == unicodedata.normalize("NFC", nom)


CORRECTED = {
    unicodedata.normalize("NFD", "CAFÉ DE L'ÂTRE"): "CAFÉ DE L'ÂTRE",
    "e\u0301" * 255: "é" * 255,
    "  A \t\u00a0\u2003\u3000 B  ": "A B",
    "A\u2028B\u0085C\x0bD": "A B C D",
    "CA\u200bF\u00adÉ\ufeff": "CAFÉ",
    "\u202eABC\u202c \u200fX\u2069": "ABC X",
    "A\x1b[31mB": "A [31mB",
}


@pytest.mark.parametrize("nom", CORRECTED, ids=ascii)
def test_white_space_is_folded_accents_composed_and_invisible_characters_dropped(
    import_file: Import, nom: str
) -> None:
    import_file(file(row(0, nom)))
    assert Entreprise.objects.get().nom == CORRECTED[nom]


@pytest.mark.parametrize("nom", ["\u200b", "\u00a0", "\u3000", '" "', "\u202e\u200f", "\x1f"], ids=ascii)
def test_a_name_of_which_nothing_can_be_seen_is_none(import_file: Import, nom: str) -> None:
    reconcile(import_file, Hostile("", file(rows(1), row(0, nom)), (1,), {"nom-missing": 1}))


@pytest.mark.parametrize(
    "field", ["nom", "adresse", "ville_nom", "nom_commercial", "telephone", "email", "site_web"]
)
def test_a_value_fills_its_column_and_one_letter_more_is_rejected(import_file: Import, field: str) -> None:
    most = Entreprise._meta.get_field(field).max_length or 0
    names = [*HEADER.split(","), *([field] if field not in HEADER.split(",") else [])]

    def line(number: int, length: int) -> bytes:
        values = {"siren": SIRENS[number], "nom": "NOM", "code_postal": "42000", field: "É" * length}
        return (",".join(values.get(name, "") for name in names) + "\n").encode()

    data = file(line(1, most), line(0, most + 1), header=",".join(names))
    reconcile(import_file, Hostile("", data, (1,), {"value-too-long": 1}))


DATES = {
    "2012-03-04": date(2012, 3, 4),
    "2012-03-04T00:00:00": date(2012, 3, 4),
    "2012-03-04 10:20:30.5": date(2012, 3, 4),
    "04/03/2012": date(2012, 3, 4),
    "4/3/2012": date(2012, 3, 4),
    "29/02/2012": date(2012, 2, 29),
    "29/02/2013": None,
    "31/04/2012": None,
    "2012-13-01": None,
    "2012-00-00": None,
    "0000-00-00": None,
    "0012-03-04": None,
    "2012-03-0456": None,
    "2012-03-04x": None,
    "20120304": None,
    "04/03/12": None,
    "03/25/2012": None,
    "41000": None,
    "1.3306E+09": None,
    "hier": None,
}


@pytest.mark.parametrize("written", DATES)
def test_a_date_is_read_in_iso_or_french_order_and_left_out_where_there_is_no_such_day(
    import_file: Import, written: str
) -> None:
    report = import_file(file(row(0, end=f",{written}\n"), header=f"{HEADER},date_creation"))
    assert Entreprise.objects.get().date_creation == DATES[written]
    assert report["values_left_out_by_reason"] == ({} if DATES[written] else {"date-creation-malformed": 1})


POSITIONS: dict[tuple[str, str], tuple[float, float] | str] = {
    ("48.85", "2.35"): (48.85, 2.35),
    ('"48,85"', '"2,35"'): (48.85, 2.35),
    ("-21.1", "55.5"): (-21.1, 55.5),
    ("90", "-180"): (90, -180),
    ("4.885e1", "2.35"): (48.85, 2.35),
    ("90.1", "2.35"): "latitude-malformed",
    ("48.85", "-180.5"): "longitude-malformed",
    ("NaN", "2.35"): "latitude-malformed",
    ("Infinity", "2.35"): "latitude-malformed",
    ("-inf", "2.35"): "latitude-malformed",
    ("1e400", "2.35"): "latitude-malformed",
    ("48°51'N", "2.35"): "latitude-malformed",
    ("48.85.1", "2.35"): "latitude-malformed",
    ("0x30", "2.35"): "latitude-malformed",
    ("48.85", "x"): "longitude-malformed",
    ("48.85", ""): "position-incomplete",
    ("", "2.35"): "position-incomplete",
}


@pytest.mark.parametrize("written", POSITIONS, ids=str)
def test_a_position_is_two_numbers_of_degrees_or_none(import_file: Import, written: tuple[str, str]) -> None:
    expected = POSITIONS[written]
    report = import_file(file(row(0, end=f",{','.join(written)}\n"), header=f"{HEADER},latitude,longitude"))
    found = Entreprise.objects.get()
    place = (None, None) if isinstance(expected, str) else expected
    assert (found.latitude, found.longitude) == place
    assert report["values_left_out_by_reason"] == ({expected: 1} if isinstance(expected, str) else {})


POSTAL = {
    "42000": "42000",
    "1000": "01000",
    "75 015": "75015",
    "75015.0": "75015",
    "2A004": "",
    "420000": "",
    "7.5E4": "",
    "F-75015": "",
    "７５０１５": "",
}


@pytest.mark.parametrize("written", POSTAL)
def test_a_postal_code_is_five_digits_and_left_out_otherwise(import_file: Import, written: str) -> None:
    report = import_file(file(f"{S},NOM,RUE,{written},X,62.01Z\n".encode()))
    assert Entreprise.objects.get().code_postal == POSTAL[written]
    assert report["values_left_out_by_reason"] == ({} if POSTAL[written] else {"code-postal-malformed": 1})


def test_a_siret_gets_back_the_zeros_of_its_siren(import_file: Import) -> None:
    siren = siren_with_key(542_012)
    nic = next(f"{n:05d}" for n in range(100) if luhn(f"{siren}{n:05d}"))
    data = file(f"{siren[1:]},NOM,R,42000,X,62.01Z,{siren[1:]}{nic}\n".encode(), header=f"{HEADER},siret")
    import_file(data)
    assert (Entreprise.objects.get().siren, Entreprise.objects.get().siret) == (siren, siren + nic)
