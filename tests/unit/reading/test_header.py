"""The header names the columns, in any order and spelling, by our names or by those that lists give them."""

import re

import pytest

from foxreviews.core.errors import UsageError
from foxreviews.reading import header
from foxreviews.reading.buffer import Buffer
from foxreviews.reading.errors import AmbiguousColumns, WrongColumns
from foxreviews.reading.header import (
    MAX_LINES_ABOVE,
    MAX_SHOWN,
    OURS,
    REQUIRED,
    Columns,
    find_header,
    first_line,
    parse_mapping,
    printable,
)
from foxreviews.reading.synonyms import SYNONYMS

LINE = ",".join(REQUIRED)
DATA = "732829320;UN;RUE;42000;X;62.01Z\n"


def first(data: bytes) -> str:
    parts = iter([data])
    return first_line(Buffer(lambda: next(parts, b"")), "FILE")


def find(text: str, *mapping: str) -> tuple[Columns, str]:
    """The columns, and what stands below the header."""
    parts = iter([text.encode()])
    buffer = Buffer(lambda: next(parts, b""))
    return find_header(buffer, "FILE", parse_mapping(mapping)), buffer.data.decode()


def read_header(line: str) -> Columns:
    """The columns of a file that has this line alone."""
    return find(f"{line}\n")[0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_order_case_spaces_and_accents_do_not_matter(delimiter: str) -> None:
    names = [f" {name.upper().replace('_', ' ')} " for name in reversed(REQUIRED)]
    names[0] = names[0].replace("E", "É")
    columns = read_header(delimiter.join(names))
    assert (columns.delimiter, columns.names, columns.ignored) == (delimiter, REQUIRED[::-1], ())


def test_an_unknown_column_is_ignored_and_a_missing_one_is_named() -> None:
    assert read_header(f"{LINE},fax\0").ignored == ("fax�",)
    assert read_header(f"fax,{LINE}").names[0] is None
    with pytest.raises(WrongColumns, match="no column siren, nom"):
        read_header(LINE.replace("siren,nom,", ""))


def test_the_header_of_a_real_list_is_read_without_an_option() -> None:
    line = "N° SIREN;Raison sociale;Adresse;C.P.;Commune;Code APE;Tél.;Mail;Site Internet;Créée le;Effectif;"
    columns = read_header(line + "Forme juridique")
    assert columns.names == (
        "siren", "nom", "adresse", "code_postal", "ville_nom", "naf_code", "telephone", "email", "site_web",
        "date_creation", "effectif", "categorie_juridique",
    )  # fmt: skip
    assert columns.taken["nom"] == "Raison sociale"
    assert "adresse" not in columns.taken, "it has our own name"
    english = read_header("Company number,Company name,Street,Zip code,City,Activity code,Phone,Website")
    assert english.names == (*REQUIRED, "telephone", "site_web")


def test_no_synonym_means_two_things_or_is_another_column_of_ours() -> None:
    keys: dict[str, str] = {}
    for ours, names in SYNONYMS.items():
        assert ours in OURS
        for name in names:
            key = header._key(name)
            assert keys.setdefault(key, name) == name, f"{name} is there twice"
            assert header.KEYS_OF_OURS.get(key, ours) == ours, name
    assert {"raisonsociale", "cp", "codeape", "nsiret", "tel"} <= keys.keys()


def test_a_siret_will_do_for_a_siren() -> None:
    columns = read_header(LINE.replace("siren", "N° SIRET"))
    assert columns.names[0] == "siret"
    assert columns.siren_at == 0
    assert read_header(f"{LINE},siret").siren_at == 0


def test_of_two_columns_of_one_meaning_the_mapped_one_wins_then_ours_then_the_first() -> None:
    columns = read_header(f"{LINE},Nom")
    assert columns.names == (*REQUIRED, None)
    assert (columns.second, columns.ignored) == ((("Nom", "nom"),), ())
    columns = read_header(f"Ville,{LINE},Commune")
    assert columns.names == (None, *REQUIRED, None)
    assert columns.second == (("Ville", "ville_nom"), ("Commune", "ville_nom"))
    columns = read_header(LINE.replace("ville_nom", "Commune,Ville"))
    assert columns.taken["ville_nom"] == "Commune"
    assert columns.second == (("Ville", "ville_nom"),)
    columns, _ = find(f"{LINE},Enseigne", "Enseigne=nom")
    assert columns.names == ("siren", None, *REQUIRED[2:], "nom")
    assert columns.second == (("nom", "nom"),)


def test_a_person_next_to_a_company_is_no_company() -> None:
    line = f"{LINE},Prénom,Raison sociale"
    with pytest.raises(AmbiguousColumns, match='--map "Raison sociale=nom" or --map "nom=nom"'):
        read_header(line)
    assert find(line, "Raison sociale=nom")[0].names[-1] == "nom"
    assert find(line, "nom=nom")[0].names[1] == "nom"


@pytest.mark.parametrize(
    "name",
    ["statutDiffusionUniteLegale", "statutDiffusionEtablissement", "statut_diffusion_unite_legale",
     "statut_diffusion_etablissement", "Statut de diffusion de l'unité légale", "Diffusible"],
)  # fmt: skip
def test_who_may_be_shown_is_read_under_the_names_of_insee(name: str) -> None:
    assert read_header(f"{LINE},{name}").known == (*REQUIRED, "statut_diffusion")


@pytest.mark.parametrize("name", ["Canal diff. (diffusion)", "DIFFUSABLE", "Statut diff.", "Non publiable"])
def test_a_column_that_may_say_who_is_not_public_is_read_or_ignored_on_purpose(name: str) -> None:
    with pytest.raises(AmbiguousColumns, match=rf'{re.escape(name)} say who may be shown.* --map "'):
        read_header(f"{LINE},{name}")
    with pytest.raises(AmbiguousColumns):
        read_header(f"{LINE},statut_diffusion,{name}")
    assert find(f"{LINE},{name}", f"{name}=statut_diffusion")[0].names[-1] == "statut_diffusion"
    assert find(f"{LINE},{name}", f"{name}=")[0].ignored == (name,)


@pytest.mark.parametrize("name", ["Confidentialité", "Diffusion partielle", "Non diffusible"])
def test_a_column_in_which_yes_means_not_public_is_not_advised_as_one_in_which_it_means_public(
    name: str,
) -> None:
    with pytest.raises(AmbiguousColumns, match="write O") as caught:
        read_header(f"{LINE},{name}")
    assert f'"{name}="' in str(caught.value)
    assert f'"{name}=statut_diffusion"' not in str(caught.value)


def test_of_two_columns_that_say_who_may_be_shown_none_is_passed_over() -> None:
    line = f"{LINE},statutDiffusionUniteLegale,statutDiffusionEtablissement"
    with pytest.raises(AmbiguousColumns, match='--map "statutDiffusionEtablissement=statut_diffusion"'):
        read_header(line)
    columns, _ = find(line, "statutDiffusionEtablissement=statut_diffusion")
    assert columns.names[-2:] == (None, "statut_diffusion")
    with pytest.raises(AmbiguousColumns, match="all but one out of the file"):
        read_header(f"{LINE},Diffusion,diffusion")


def test_the_names_of_insee_and_the_commonest_of_lists_are_read() -> None:
    line = "siren,denominationUniteLegale,adresse,code_postal,ville_nom,activitePrincipaleUniteLegale"
    more = "etatAdministratifUniteLegale,trancheEffectifsUniteLegale,categorieJuridiqueUniteLegale"
    assert read_header(f"{line},{more},dateCreationUniteLegale").names == (
        *REQUIRED, "etat_administratif", "tranche_effectif", "categorie_juridique", "date_creation",
    )  # fmt: skip
    for name in ("Code NAF", "NAF", "CODE_NAF"):
        assert read_header(LINE.replace("naf_code", name)).names == REQUIRED
    for name in ("Raison sociale (ou nom)", "Nom ou raison sociale"):
        assert read_header(LINE.replace(",nom,", f",{name},")).names == REQUIRED
    assert read_header(f"{LINE},etatAdministratifEtablissement").known[-1] == "etat_administratif"


def test_an_address_in_several_columns_is_to_be_joined() -> None:
    line = LINE.replace("adresse", "N° voie,Libellé voie")
    with pytest.raises(
        WrongColumns, match="must be in one column, adresse: join N° voie, Libellé voie"
    ) as caught:
        read_header(line)
    assert "=adresse" not in str(caught.value)


@pytest.mark.parametrize("name", ["Statut", "Situation"])
def test_a_column_of_states_under_a_vague_name_is_likely_the_state(name: str) -> None:
    def likely(*values: str) -> dict[str, str]:
        return {
            **find("\n".join([f"{LINE},{name}", *(f"1,2,3,4,5,6,{value}" for value in values)]) + "\n")[
                0
            ].likely
        }

    assert likely("Active", "", "Radiée") == {name: "etat_administratif"}
    assert likely("Active", "prospect") == {}
    assert likely("") == {}


def test_a_second_column_of_the_same_name_cannot_be_exchanged() -> None:
    assert read_header(f"{LINE},Nom").exchangeable == ()
    columns = read_header(f"{LINE},Entreprise,entreprise")
    assert columns.exchangeable == (("Entreprise", "nom"),)


def test_a_column_that_is_nearly_called_like_one_of_ours_is_named_with_what_it_may_be() -> None:
    assert read_header(f"{LINE},Telehpone,Prénom").likely == {"Telehpone": "telephone"}
    with pytest.raises(WrongColumns, match='Did you mean --map "Raison social=nom"'):
        read_header(LINE.replace(",nom", ",Raison social"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("A=nmo",), "no column 'nmo'. Did you mean nom"),
        (("A",), "write it as"),
        (("=nom",), "write it as"),
        (("A=nom", "B=nom"), "nom has another column"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        parse_mapping(arguments)


def test_a_mapping_reads_any_column_as_ours_and_ignores_any() -> None:
    columns, _ = find(LINE.replace("nom,", "Le = client,", 1) + ",Tel\n", "Le = client=Nom", "tel=")
    assert columns.names == (*REQUIRED, None)
    assert columns.ignored == ("Tel",)
    with pytest.raises(WrongColumns, match=r"no column 'Telefon'\. Did you mean Tel\? It has: siren, "):
        find(f"{LINE},Tel\n", "Telefon=telephone")
    with pytest.raises(WrongColumns, match="It has none of --map either: Klient"):
        find(LINE.replace("nom,", "Client,", 1), "Klient=nom")


@pytest.mark.parametrize(
    "above",
    ["sep=;\n", '"sep=;"\r\n', "Liste des clients\n", "Liste;;;;;\n;;;;;\n", "\n\r\n  \n", "A;B\nsep=;\nC\n"],
)
def test_titles_and_blank_lines_above_the_header_are_passed_over_and_kept_for_the_report(above: str) -> None:
    columns, rest = find(above + LINE.replace(",", ";") + "\n" + DATA)
    assert (columns.names, columns.delimiter, rest) == (REQUIRED, ";", DATA)
    assert columns.line == len(above.splitlines()) + 1
    assert len(columns.above) == columns.line - 1


def test_a_separator_that_the_file_names_is_taken() -> None:
    assert find("sep=^\n" + LINE.replace(",", "^") + "\n")[0].delimiter == "^"
    assert find("sep=\t\n" + LINE.replace(",", "\t") + "\n")[0].delimiter == "\t"
    assert find("sep=;\n" + LINE + "\n")[0].delimiter == ",", "where it is right"


def test_the_header_is_looked_for_in_the_first_lines_and_no_further() -> None:
    assert find("x\n" * MAX_LINES_ABOVE + LINE)[0].line == MAX_LINES_ABOVE + 1
    with pytest.raises(WrongColumns, match="no column siren"):
        find("x\n" * (MAX_LINES_ABOVE + 1) + LINE)


def test_a_company_above_the_header_is_not_lost() -> None:
    with pytest.raises(AmbiguousColumns, match="Line 1 holds a company"):
        find(DATA + LINE.replace(",", ";") + "\n")
    own = "Client;SIREN;732829320;;;\n"
    assert find(own + LINE.replace(",", ";") + "\n")[0].line == 2


def test_names_may_have_line_breaks_inside_quotes() -> None:
    text = 'siren;nom;adresse;"code\r\npostal";"ville\n\nnom";naf_code\n'
    columns, rest = find("Titre\n" + text + DATA)
    assert (columns.names, rest) == (REQUIRED, DATA)


def test_the_number_of_people_is_read_where_there_is_no_band() -> None:
    assert read_header(f"{LINE},Effectif").known == (*REQUIRED, "effectif")
    columns = read_header(f"{LINE},Effectif,Tranche d'effectif")
    assert columns.known == (*REQUIRED, "tranche_effectif")
    assert columns.second == (("effectif", "tranche_effectif"),)


@pytest.mark.parametrize("name", ["latitude", "longitude"])
def test_half_a_position_is_ignored_and_a_whole_one_is_not(name: str) -> None:
    columns = read_header(f"{LINE},{name}")
    assert (columns.known, columns.ignored) == (REQUIRED, (name,))
    assert read_header(f"{LINE},latitude,longitude").ignored == ()


def test_a_file_that_is_empty_or_begins_with_an_empty_line_is_refused() -> None:
    with pytest.raises(WrongColumns, match="FILE is empty"):
        first(b"\n \n")
    with pytest.raises(WrongColumns, match="first line is empty"):
        first(b"\nsiren\n")


def test_a_header_may_be_as_long_as_the_limit_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(header, "MAX_HEADER_BYTES", 10)
    assert first(b"123456789\n1\n") == "123456789\n"
    parts = iter([b"1234567890", b"\n"])
    with pytest.raises(WrongColumns, match="longer than 10 bytes"):
        first_line(Buffer(lambda: next(parts, b"")), "FILE")


def test_the_name_of_an_ignored_column_can_be_printed() -> None:
    assert printable(" A\x1bB ") == "A�B"
    assert len(printable("x" * (MAX_SHOWN + 1))) == MAX_SHOWN
