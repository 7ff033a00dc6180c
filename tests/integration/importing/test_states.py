"""A cell has three states, a value, empty, and not known; only a value overwrites unless the file is to empty."""

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from foxreviews.enterprise.models import Entreprise
from foxreviews.reference.identifiers import luhn

from .conftest import HEADER, Import
from .hostile import SIRENS

A, B, C = SIRENS[:3]
STATES = f"{HEADER},statut_diffusion,etat_administratif"


def stored(siren: str, *columns: str) -> Any:
    values = Entreprise.objects.values_list(*columns).get(siren=siren)
    return values if len(columns) > 1 else values[0]


def line(siren: str, *more: str) -> str:
    return ",".join((siren, "NOM", "RUE", "42000", "X", "62.01Z", *more))


def test_every_import_reads_who_may_be_shown_and_who_has_ceased(import_rows: Import) -> None:
    lines = [line(A, "Partiellement diffusible", "Radiée"), line(B, "O", "A"), line(C, "N", "F")]
    import_rows(*lines, header=STATES)
    assert [stored(siren, "statut_diffusion", "is_active") for siren in (A, B, C)] == [
        ("P", False),
        ("O", True),
        ("P", False),
    ]


def test_a_new_company_of_unknown_words_is_neither_public_nor_active(import_rows: Import) -> None:
    report = import_rows(line(A, "réservé", "on ne sait pas"), line(B, "", ""), header=STATES)
    assert stored(A, "statut_diffusion", "is_active") == ("P", False)
    assert stored(B, "statut_diffusion", "is_active") == ("O", True), "as in a file without these columns"
    assert report["values_left_out_by_reason"] == {"is-active-unknown": 1, "statut-diffusion-unknown": 1}


@pytest.mark.parametrize("word", ["réservé", ""])
@pytest.mark.parametrize("flags", [(), ("--empty-overwrites",)])
@pytest.mark.parametrize(("diffusion", "active"), [("P", False), ("O", True)])
def test_an_unknown_word_or_none_leaves_the_state_as_it_was(
    import_rows: Import, word: str, flags: tuple[str, ...], diffusion: str, active: bool
) -> None:
    import_rows(line(A, diffusion, "A" if active else "C"), header=STATES)
    import_rows(line(A, word, word), header=STATES, flags=flags)
    assert stored(A, "statut_diffusion", "is_active") == (diffusion, active)


OPTIONAL = (
    f"{HEADER},siret,nom_commercial,telephone,email,site_web,latitude,longitude,date_creation,tranche_effectif,"
    "categorie_juridique,categorie_entreprise,est_employeur"
)
GIVEN = (
    "CHEZ NOM",
    "0199001234",
    "a@example.org",
    "https://example.org",
    "45.43",
    "4.39",
    "2012-03-04",
    "11",
)
KEPT = {
    "siret", "nom_commercial", "adresse", "code_postal", "ville_nom", "code_commune", "departement", "naf_code",
    "naf_libelle", "telephone", "email", "site_web", "latitude", "longitude", "date_creation", "tranche_effectif",
    "categorie_juridique", "categorie_entreprise", "est_employeur",
}  # fmt: skip


def full(siren: str) -> str:
    """A company with a value in each column."""
    return ",".join(
        (siren, "NOM", "1 RUE", "42000", "SAINT ETIENNE", "62.01Z", siret(siren), *GIVEN, "5710", "ETI", "O")
    )


def siret(siren: str) -> str:
    return next(f"{siren}0001{key}" for key in range(10) if luhn(f"{siren}0001{key}"))


def row(siren: str) -> dict[str, Any]:
    (found,) = Entreprise.objects.filter(siren=siren).values()
    return {name: value for name, value in found.items() if name not in {"id", "created_at", "updated_at"}}


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(",,,,,,,,,,,,,,,", id="empty"),
        pytest.param(",4200X,,Traiteur,9.77E+13,,,,,91,x,43831,beaucoup,SARL,TPE,peut-être", id="not known"),
    ],
)
def test_what_the_directory_has_is_kept_in_every_column_and_counted(
    villes: None, import_rows: Import, cells: str
) -> None:
    import_rows(full(A), header=OPTIONAL)
    before = row(A)
    lines, flags = [f"{A},NOM BIS,{cells}"], ("--dry-run",)
    promised = import_rows(*lines, header=OPTIONAL, flags=flags)
    report = import_rows(*lines, header=OPTIONAL)
    assert row(A) == before | {"nom": "NOM BIS"}
    assert {name for name, count in report["values_kept_by_column"].items() if count == 1} >= KEPT
    assert (report["updated"], report["values_kept_by_column"]) == (1, promised["values_kept_by_column"])
    assert import_rows(*lines, header=OPTIONAL)["unchanged"] == 1


def test_a_cell_that_is_empty_overwrites_where_asked_and_one_that_cannot_be_read_never_does(
    villes: None, import_rows: Import
) -> None:
    import_rows(full(A), full(B), header=OPTIONAL)
    kept = row(B)
    lines = [
        f"{A},NOM,,,,,,,,,,,,,,,,",
        f"{B},NOM,1 RUE,4200X,SAINT ETIENNE,Traiteur,9.77E+13,{','.join(GIVEN[:4])},91,4,43831,beaucoup,SARL,TPE,?",
    ]
    report = import_rows(*lines, header=OPTIONAL, flags=("--empty-overwrites",))
    emptied = row(A)
    assert {name for name, value in emptied.items() if value not in ("", None)} == {
        "siren", "nom", "is_active", "statut_diffusion",
    }  # fmt: skip
    assert row(B) == kept
    assert report["values_kept_by_column"].keys() >= {"siret", "code_postal", "naf_code", "latitude"}


def test_a_place_is_kept_whole_or_changed_whole(villes: None, import_rows: Import) -> None:
    import_rows(full(A), full(B), header=OPTIONAL)
    place = ("code_postal", "ville_nom", "ville_id", "departement")
    import_rows(f"{A},NOM,2 RUE,,PARIS,62.01Z", f"{B},NOM,2 RUE,75015,PARIS,62.01Z")
    assert stored(A, *place, "adresse") == ("42000", "Saint-Étienne", "42218", "42", "2 RUE")
    assert stored(B, *place) == ("75015", "Paris", "75115", "75")


def test_a_town_without_its_postal_code_is_better_than_no_town(villes: None, import_rows: Import) -> None:
    import_rows(f"{A},NOM,RUE,,,62.01Z")
    import_rows(f"{A},NOM,RUE,,PARIS,62.01Z")
    assert stored(A, "ville_nom") == "PARIS"


def test_half_a_position_keeps_the_whole_one(import_rows: Import) -> None:
    import_rows(full(A), header=OPTIONAL)
    import_rows(line(A, "48.85", "x"), line(B, "48.85", "x"), header=f"{HEADER},latitude,longitude")
    assert stored(A, "latitude", "longitude") == (45.43, 4.39)
    assert stored(B, "latitude", "longitude") == (None, None)


def test_what_was_kept_is_printed(import_rows: Import, printed: StringIO) -> None:
    import_rows(full(A), header=OPTIONAL)
    import_rows(line(A, "").replace("RUE", ""), header=f"{HEADER},telephone")
    assert "Kept, where the file's cell is empty or not known" in printed.getvalue()
    assert "telephone" in printed.getvalue()


def test_a_list_from_a_spreadsheet_says_who_has_closed(import_file: Import, shared_data: Path) -> None:
    report = import_file(shared_data.parent / "cases" / "20_decimal.csv")
    assert (report["created"], report["rejected"]) == (5, 0)
    found = {each.nom: each for each in Entreprise.objects.all()}
    assert {nom for nom, each in found.items() if not each.is_active} == {"CAFE SERIAL", "CAFE DATE"}
    assert {each.naf_code for each in found.values()} == {"56.30Z"}
    assert report["values_left_out_by_reason"]["date-creation-malformed"] == 2, "43831 and 01/02/20"
    assert report["values_left_out_by_reason"]["categorie-juridique-malformed"] >= 1, "SARL"
    assert {found[nom].date_creation for nom in ("CAFE VIRGULE", "CAFE DATE", "CAFE DATE2")} == {
        date(2020, 2, 1)
    }
