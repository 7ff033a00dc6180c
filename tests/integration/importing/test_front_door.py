"""Lists as people have them: other names, titles above, any encoding, marks of spreadsheets. What was done is said."""

import csv
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from foxreviews.core.spreadsheet import restore
from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.load.staging import Staging
from foxreviews.importing.models import ImportReject
from foxreviews.reading import transcoder
from foxreviews.reference.identifiers import luhn

from .conftest import HEADER, Import
from .hostile import SIRENS, file, row, rows

S = SIRENS[0]
SIRET = next(f"{S}{nic:05d}" for nic in range(100) if luhn(f"{S}{nic:05d}"))
LIST = (
    "Export du 01/10/2026;;;;;;;\r\n;;;;;;;\r\n"
    'N° SIREN;Raison sociale;Adresse;"Code\npostal";Commune;Code APE;Tél.;Date de création\r\n'
    f"{S};Crêperie de l'Étang;12 allée des Chênes;29000;Quimper;56.10A;02 98 00 11 22;15/03/2019\r\n"
)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "mac_roman", "cp850", "utf-16"])
def test_a_list_of_any_origin_is_loaded_without_an_option(
    import_file: Import, printed: StringIO, encoding: str
) -> None:
    report = import_file(LIST.encode(encoding))
    found = Entreprise.objects.get()
    assert (found.siren, found.nom, found.adresse) == (S, "Crêperie de l'Étang", "12 allée des Chênes")
    assert (found.code_postal, found.naf_code, found.telephone) == ("29000", "56.10A", "02 98 00 11 22")
    assert found.date_creation == date(2019, 3, 15)
    assert report["header"] == {
        "line": 3,
        "above": ["Export du 01/10/2026", ""],
        "separator": ";",
        "columns": {
            "siren": "N° SIREN", "nom": "Raison sociale", "ville_nom": "Commune", "naf_code": "Code APE",
            "telephone": "Tél.", "date_creation": "Date de création",
        },
        "second_columns": [],
        "likely_columns": {},
    }  # fmt: skip
    assert "nom from «Raison sociale»" in printed.getvalue()
    assert "The header is in line 3; passed over above it: «Export du 01/10/2026»." in printed.getvalue()
    name = {"mac_roman": "macroman"}.get(encoding, encoding)
    assert [*report["encodings"]] == ([name] if name in {"cp1252", "macroman", "cp850"} else [])
    assert (f"were read as {name}" in printed.getvalue()) == bool(report["encodings"])


def test_misread_text_is_mended_and_said(import_file: Import, printed: StringIO) -> None:
    report = import_file(file(rows(1), row(0, "CRÊPERIE L’ÉTÉ".encode().decode("cp1252"))))
    assert Entreprise.objects.get(siren=S).nom == "CRÊPERIE L’ÉTÉ"
    assert report["encodings"] == {"mojibake": {"lines": 1, "first_line": 3}}
    assert "were mended" in printed.getvalue()


def test_a_file_that_mixes_encodings_says_so(import_file: Import, printed: StringIO) -> None:
    lines = [row(0).replace(b"NOM", "L’Hôtel à l’Étang".encode("cp1252")),
             row(1).replace(b"NOM", "allée des Chênes".encode("mac_roman"))]  # fmt: skip
    assert import_file(file(*lines))["encodings"] == {
        "cp1252": {"lines": 1, "first_line": 2},
        "macroman": {"lines": 1, "first_line": 3},
    }
    assert "The file mixes encodings" in printed.getvalue()
    assert set(Entreprise.objects.values_list("nom", flat=True)) == {"L’Hôtel à l’Étang", "allée des Chênes"}


def test_an_encoding_can_be_named(import_file: Import) -> None:
    data = file(row(0).replace(b"NOM", "CRÊPERIE".encode("cp850")))
    import_file(data, "--encoding", "cp850")
    assert Entreprise.objects.get().nom == "CRÊPERIE"
    for name in ("no such thing", "utf-16", "base64"):
        with pytest.raises(CommandError, match=r"is not an encoding|several bytes"):
            import_file(data, "--encoding", name)


def test_letters_that_are_lost_never_replace_what_is_there(import_file: Import) -> None:
    import_file(file(row(0, "CAFÉ"), row(1)))
    report = import_file(file(row(0, "CAF\ufffd"), row(1).replace(b"RUE", "ALL\ufffdE".encode())))
    assert report["rejects_by_reason"] == {"nom-letters-lost": 1}
    assert report["values_left_out_by_reason"] == {"letters-lost": 1}
    assert set(Entreprise.objects.values_list("nom", "adresse")) == {("CAFÉ", "RUE"), ("NOM", "RUE")}


def test_errors_of_a_spreadsheet_overwrite_nothing(import_file: Import) -> None:
    columns = ("telephone", "email", "site_web", "siret", "date_creation", "categorie_juridique", "tranche_effectif",
               "latitude", "longitude", "is_active", "statut_diffusion", "nom_commercial", "naf_libelle")  # fmt: skip
    header = f"{HEADER},{','.join(columns)}"
    end = f"01,a@b.fr,b.fr,{SIRET},2019-03-15,5710,11,47.1,2.5,A,O,CAFE,Bars\n"
    import_file(f"{header}\n{S},UN,RUE,42000,X,62.01Z,{end}")
    before = Entreprise.objects.values(*columns, "adresse", "ville_nom", "naf_code").get()
    report = import_file(f"{header}\n{S},UN{',#N/A' * (4 + len(columns))}\n", "--empty-overwrites")
    assert Entreprise.objects.values(*before).get() == before
    assert report["values_left_out_by_reason"]["spreadsheet-error"] == 7
    report = import_file(f"{header}\n{SIRENS[1]},DEUX{',#N/A' * (4 + len(columns))}\n")
    new = Entreprise.objects.get(siren=SIRENS[1])
    assert (new.statut_diffusion, new.is_active, new.telephone) == ("P", False, "")


def test_an_interrupted_import_of_an_old_encoding_goes_on_where_it_was(
    import_file: Import, small_blocks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcoder, "FIRST_BYTES", 300)
    data = file(*(row(n).replace(b"NOM", "allée des Chênes".encode("cp850")) for n in range(200)))
    add, calls = Staging.add, []

    def interrupted(self: Staging, frame: Any) -> None:
        calls.append(frame)
        if len(calls) == 3:
            raise KeyboardInterrupt
        add(self, frame)

    with monkeypatch.context() as patch:
        patch.setattr(Staging, "add", interrupted)
        with pytest.raises(KeyboardInterrupt):
            import_file(data)
    report = import_file(data)
    assert (report["created"], report["resumed_from"] or 0) > (199, 0)
    assert report["encodings"] == {"cp850": {"lines": 200, "first_line": 2}}
    assert set(Entreprise.objects.values_list("nom", flat=True)) == {"allée des Chênes"}


WITHOUT_SIREN = HEADER.replace("siren", "siret")


@pytest.mark.parametrize(
    ("header", "start"),
    [
        (WITHOUT_SIREN, SIRET),
        (WITHOUT_SIREN, f"{SIRET[:3]} {SIRET[3:6]} {SIRET[6:9]} {SIRET[9:]}"),
        (WITHOUT_SIREN, f'="{SIRET}"'),
        (WITHOUT_SIREN, f"{SIRET}.0"),
        (WITHOUT_SIREN.replace("siret", "N° SIRET"), f"'{SIRET}"),
        (HEADER, SIRET),
        (HEADER, f"{SIRET}.0"),
        (HEADER.replace("siren", "siren,siret"), f",{SIRET}"),
        (HEADER.replace("siren", "siren,siret"), f"{SIRET},{SIRET}"),
    ],
)
def test_a_siret_gives_the_siren(import_file: Import, header: str, start: str) -> None:
    import_file(f"{header}\n{start},NOM,RUE,42000,X,62.01Z\n")
    found = Entreprise.objects.get()
    assert (found.siren, found.siret) == (S, SIRET if "SIRET" in header.upper() else "")


BOTH = HEADER.replace("siren", "siren,siret")
WRONG_KEY = f"{SIRET[:13]}{(int(SIRET[13]) + 1) % 10}"


@pytest.mark.parametrize(
    ("header", "good", "wrong", "reason"),
    [
        (WITHOUT_SIREN, SIRET, "", "siren-missing"),
        (WITHOUT_SIREN, SIRET, '"4,00E+13"', "siren-malformed"),
        (WITHOUT_SIREN, SIRET, f"400000007{SIRET[9:]}", "siren-key"),
        (HEADER, S, WRONG_KEY, "siren-malformed"),
        (BOTH, f"{S},", ",", "siren-missing"),
        (BOTH, f"{S},", f"{WRONG_KEY},{SIRET}", "siren-malformed"),
    ],
)
def test_a_siret_that_leaves_a_doubt_gives_none(
    import_file: Import, header: str, good: str, wrong: str, reason: str
) -> None:
    end = ",NOM,R,42000,X,62.01Z\n"
    report = import_file(f"{header}\n{good}{end}{wrong}{end}")
    assert (report["created"], report["rejects_by_reason"]) == (1, {reason: 1})


def test_a_siren_in_the_column_of_sirets_is_a_siren(import_file: Import) -> None:
    report = import_file(f"{WITHOUT_SIREN}\n{S},NOM,R,42000,X,62.01Z\n")
    assert (Entreprise.objects.get().siren, report["values_left_out_by_reason"]) == (S, {"siret-invalid": 1})


def test_marks_of_a_spreadsheet_go_from_numbers_and_texts_and_formulas_stay(import_file: Import) -> None:
    header = f"{HEADER},telephone,categorie_juridique,effectif"
    import_file(
        f'{header}\n="{S}",="LE CAFÉ","\'12 RUE",="01000",X,62.01Z,="0199001234",5499.0,12\n'
        f"{SIRENS[1]},=A1+B1,'12,'01000,X,62.01Z,'01 99 00 12 34,5710.00,250 salariés\n"
    )
    first, second = Entreprise.objects.order_by("siren")
    assert (first.nom, first.adresse, first.code_postal) == ("LE CAFÉ", "'12 RUE", "01000")
    assert (first.telephone, first.categorie_juridique, first.tranche_effectif) == (
        "0199001234",
        "5499",
        "11",
    )
    assert (second.nom, second.adresse, second.code_postal) == ("=A1+B1", "12", "01000")
    assert (second.telephone, second.categorie_juridique) == ("01 99 00 12 34", "5710")
    assert second.tranche_effectif == "32"


def test_a_column_of_another_name_is_mapped_by_hand(import_file: Import) -> None:
    data = f"{HEADER.replace('nom,', 'Libellé client,', 1)},Notes\n{S},UN,R,42000,X,62.01Z,?\n"
    with pytest.raises(CommandError, match="no column nom") as caught:
        import_file(data)
    assert caught.value.returncode == 2
    report = import_file(data, "--map", "libelle CLIENT=nom", "--map", "Notes=")
    assert report["header"]["columns"] == {"nom": "Libellé client"}
    assert Entreprise.objects.get().nom == "UN"


def test_a_second_column_is_named_and_not_read(import_file: Import, printed: StringIO) -> None:
    report = import_file(f"{HEADER},Nom,Prénom\n{S},CAFÉ,R,42000,X,62.01Z,Untel,Zoé\n")
    assert Entreprise.objects.get().nom == "CAFÉ"
    assert report["header"]["second_columns"] == [{"column": "Nom", "meaning": "nom"}]
    assert "Not read: «Nom», a second column for nom.\n" in printed.getvalue(), "--map would change nothing"


@pytest.mark.parametrize("excel", [False, True])
def test_rejects_run_nothing_in_a_spreadsheet_and_are_kept_to_the_letter(
    import_file: Import, tmp_path: Path, excel: bool
) -> None:
    raw = '=HYPERLINK("http://exemple.invalid","é");12;@SUM(A1);+33 1'
    path = tmp_path / "rejects.csv"
    import_file(file(rows(1), f"{raw}\n".encode()), "--rejects", str(path), *(["--excel"] if excel else []))
    assert path.read_bytes().startswith(b"\xef\xbb\xbf") == excel
    with path.open(encoding="utf-8-sig", newline="") as lines:
        _, (line, _, _, shown, _) = csv.reader(lines, delimiter=";" if excel else ",")
    assert shown == '\'=HYPERLINK("http://exemple.invalid","é");12;\'@SUM(A1);\'+33 1'
    assert (line, restore(shown)) == ("3", raw)
    assert ImportReject.objects.get().raw == raw


CASES = {
    "01_synonymes_cp1252": {("971000013", "Crêperie de l’Étang"), ("971000021", "Œuvre & Bœuf")},
    "05_sep_ligne": {("971000070", "MENUISERIE DES ALPES")},
    "06_preambule": {("971000070", "MENUISERIE DES ALPES")},
    "10_mojibake": {("971000153", "CRÊPERIE CÉSAR")},
    "16_cp850": {("976000224", "CAFÉ DE L'HÔTEL N°22")},
    "16_macroman": {("976000232", "CAFÉ DE L’HÔTEL N°23")},
    "17_entete_multiligne": {("976000257", "CAFE MULTILIGNE")},
    "18_nom_deux_fois": {("976000265", "CAFE DOUBLON")},
    "19_pipe": {("976000273", "CAFE PIPE")},
    "22_formule": {("976000331", "Crêperie")},
}


@pytest.mark.parametrize("name", CASES)
def test_the_cases_of_public_reports_come_out_right(
    import_file: Import, shared_data: Path, name: str
) -> None:
    path = shared_data.parent / "cases" / f"{name}.csv"
    if not path.exists():
        pytest.skip("there is no folder of cases next to the checkout")
    import_file(path)
    assert set(Entreprise.objects.values_list("siren", "nom")) == CASES[name]
