"""The header of a list: any columns, of which some say what of a company."""

from pathlib import Path

import pytest

from foxreviews.core.errors import UsageError
from foxreviews.matching.lists import ListColumns, find_header, parse_mapping
from foxreviews.matching.record import FIELDS
from foxreviews.matching.titles import SYNONYMS
from foxreviews.reading.blocks import open_csv
from foxreviews.reading.buffer import Buffer
from foxreviews.reading.errors import WrongColumns


def header(text: str, mapping: dict[str, str] | None = None) -> ListColumns:
    pieces = [text.encode()]
    return find_header(Buffer(lambda: pieces.pop() if pieces else b""), "list.csv", mapping)


def test_synonyms_are_known_and_all_other_columns_are_kept() -> None:
    columns = header("Id;Raison sociale;Adresse;CP;Ville;Tél;N° TVA;Code INSEE\n")
    assert columns.delimiter == ";"
    assert columns.titles == ("Id", "Raison sociale", "Adresse", "CP", "Ville", "Tél", "N° TVA", "Code INSEE")
    assert columns.places == {
        "nom": (1,),
        "adresse": (2,),
        "code_postal": (3,),
        "ville_nom": (4,),
        "tva": (6,),
        "code_commune": (7,),
    }
    assert columns.values(["7", "A", "B", "C", "D", "E", "F", "G"])["tva"] == "F"


def test_titles_above_the_header_are_passed_over() -> None:
    columns = header("Clients 2026\n\nnom,ville\n")
    assert (columns.line, columns.titles) == (3, ("nom", "ville"))


def test_a_street_in_several_columns_is_put_together() -> None:
    columns = header("nom,numéro voie,type voie,libellé voie,ville\n")
    assert columns.values(["A", "12", "RUE", "DE LYON", "X"])["adresse"] == "12 RUE DE LYON"


def test_one_column_with_numbers_will_do() -> None:
    assert header("TVA intracommunautaire|x\n").places == {"tva": (0,)}


def test_a_mapped_column_wins() -> None:
    columns = header("nom,client,ville\n", {"client": "nom", "ville": ""})
    assert columns.places == {"nom": (1,)}


def read(text: str) -> dict[str, str]:
    """What of a header is read for which of our names, in its own words."""
    columns = header(text + "\n")
    return {ours: " + ".join(columns.titles[at] for at in ats) for ours, ats in columns.places.items()}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (  # titulaires of public contracts, next to who bought
            ("uid,acheteur_id,acheteur_nom,acheteur_siren,acheteur_commune_nom,titulaire_denominationSociale,"
            "titulaire_commune_nom,titulaire_departement_code,titulaire_typeIdentifiant,lieuExecution_nom,objet"),
            {
                "nom": "titulaire_denominationSociale",
                "ville_nom": "titulaire_commune_nom",
                "departement": "titulaire_departement_code",
            },
        ),
        ("titulaire_denominationSociale_1|titulaire_denominationSociale_2", {"nom": "titulaire_denominationSociale_1"}),
        ("nomAttribuant;idAttribuant;nomBeneficiaire;montant", {"nom": "nomBeneficiaire"}),  # grants of a town
        ("acheteur_nom;acheteur_commune_nom", {"nom": "acheteur_nom", "ville_nom": "acheteur_commune_nom"}),
        (
            "siret,nom_entreprise,adresse,code_postal,commune,telephone,nom_qualification",  # RGE
            {
                "siret": "siret",
                "nom": "nom_entreprise",
                "adresse": "adresse",
                "code_postal": "code_postal",
                "ville_nom": "commune",
            },
        ),
        (  # training bodies
            ("denomination;adressePhysiqueOrganismeFormation.voie;adressePhysiqueOrganismeFormation.codePostal;"
            "adressePhysiqueOrganismeFormation.ville;organismeEtrangerRepresente.denomination"),
            {
                "nom": "denomination",
                "adresse": "adressePhysiqueOrganismeFormation.voie",
                "code_postal": "adressePhysiqueOrganismeFormation.codePostal",
                "ville_nom": "adressePhysiqueOrganismeFormation.ville",
            },
        ),
        (  # associations
            ("id;titre;titre_court;objet;adrs_numvoie;adrs_typevoie;adrs_libvoie;adrs_codeinsee;adrs_codepostal;adrs_libcommune;"
            "adrg_libvoie;adrg_codepostal"),
            {
                "nom": "titre",
                "nom_commercial": "titre_court",
                "adresse": "adrs_numvoie + adrs_typevoie + adrs_libvoie",
                "code_commune": "adrs_codeinsee",
                "code_postal": "adrs_codepostal",
                "ville_nom": "adrs_libcommune",
            },
        ),
        (  # hospitals
            "rs;rslongue;numvoie;typvoie;voie;compvoie;commune;departement;ligneacheminement",
            {
                "nom": "rs",
                "nom_commercial": "rslongue",
                "adresse": "numvoie + typvoie + voie",
                "ville_nom": "commune",
                "departement": "departement",
                "code_postal": "ligneacheminement",
            },
        ),
        (  # installations
            "Nom_Etablissement;Raison_sociale;Adresse1;Adresse2;Adresse3;Code postal;Commune",
            {
                "nom": "Raison_sociale",
                "nom_commercial": "Nom_Etablissement",
                "adresse": "Adresse1 + Adresse2 + Adresse3",
                "code_postal": "Code postal",
                "ville_nom": "Commune",
            },
        ),
        (  # inspections of restaurants
            "APP_Libelle_etablissement;Adresse_2_UA;Code_postal;Libelle_commune;APP_Libelle_activite_etablissement",
            {
                "nom": "APP_Libelle_etablissement",
                "adresse": "Adresse_2_UA",
                "code_postal": "Code_postal",
                "ville_nom": "Libelle_commune",
                "naf_libelle": "APP_Libelle_activite_etablissement",
            },
        ),
        ("commercant;ville;cp", {"nom": "commercant", "ville_nom": "ville", "code_postal": "cp"}),
        (
            "Code;Nom du fournisseur;Adresse complète;CP Ville;Code fournisseur",
            {"nom": "Nom du fournisseur", "adresse": "Adresse complète", "code_postal": "CP Ville"},
        ),
        (
            "CT_Intitule\tCT_Adresse\tCT_CodePostal\tCT_Ville",
            {"nom": "CT_Intitule", "adresse": "CT_Adresse", "code_postal": "CT_CodePostal", "ville_nom": "CT_Ville"},
        ),
        ("libelle;adresse_postale;localite", {"nom": "libelle", "adresse": "adresse_postale", "ville_nom": "localite"}),
        (
            "denominationUniteLegale,enseigne1Etablissement,codePostalEtablissement,libelleCommuneEtablissement",
            {
                "nom": "denominationUniteLegale",
                "nom_commercial": "enseigne1Etablissement",
                "code_postal": "codePostalEtablissement",
                "ville_nom": "libelleCommuneEtablissement",
            },
        ),
        ("adresse;adresse_1;adresse_2;nom", {"nom": "nom", "adresse": "adresse"}),
        ("Libellé;Fournisseur;Objet", {"nom": "Fournisseur"}),
        ("Objet du marché;Titulaire(s) du marché;Montant", {"nom": "Titulaire(s) du marché"}),
        ("Structure bénéficiaire;CP", {"nom": "Structure bénéficiaire", "code_postal": "CP"}),
        ("L1_NORMALISEE;L4_NORMALISEE;L6_NORMALISEE", {
            "nom": "L1_NORMALISEE", "adresse": "L4_NORMALISEE", "code_postal": "L6_NORMALISEE",
        }),
    ],
)  # fmt: skip
def test_the_columns_of_public_lists_are_known(text: str, places: dict[str, str]) -> None:
    assert read(text) == places


@pytest.mark.parametrize(
    ("text", "nom"),
    [
        ("Nom;Prénom;Raison sociale;Ville", "Raison sociale"),
        ("Nom;Prénom;Ville", "Nom + Prénom"),
        ("Prénom;Nom du dirigeant;Société", "Société"),
    ],
)
def test_the_name_of_a_person_is_the_name_where_there_is_no_other(text: str, nom: str) -> None:
    assert read(text)["nom"] == nom


@pytest.mark.parametrize(
    "text",
    [
        "Fournisseur\n\nNom;CP;Ville\nA;69003;Lyon\n",
        "Entreprise;;\n;;\nNom;CP;Ville\nA;69003;Lyon\n",
        "Société\nÉdition du 01/10/2026\nNom;CP;Ville\n",
    ],
)
def test_a_title_that_is_the_name_of_a_column_is_no_header(text: str) -> None:
    assert header(text).titles == ("Nom", "CP", "Ville")


def test_a_list_of_one_column_begins_below_its_name() -> None:
    assert header("Fournisseur\nNOVERGIE\nDUPONT\n").line == 1


@pytest.mark.parametrize(
    "title", ["Type d'établissement", "Code client", "Siège", "Date", "Adresse mail", "Statut"]
)
def test_a_column_about_something_else_is_not_read(title: str) -> None:
    assert read(f"nom;{title}") == {"nom": "nom"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "iso8859-15"])
@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_a_public_file_is_read_in_any_usual_form(tmp_path: Path, encoding: str, separator: str) -> None:
    rows = [
        ["Subventions versées en 2026", "", "", ""],
        ["nomBeneficiaire", "Libellé de la commune", "Montant", ""],
        ["Crêperie de l'Étang", "Saint-Étienne", "1 000", ""],
        [f'"Les Amis{separator} du Livre"', "", "250", ""],
        ["", "TOTAL", "1 250", ""],
    ]
    file = tmp_path / "list.csv"
    file.write_bytes("\r\n".join(separator.join(row) for row in rows).encode(encoding))
    with open_csv(str(file), find_header) as source:
        columns = source.columns
        assert isinstance(columns, ListColumns)
        lines = [columns.values(row) for block in source.blocks(10) for row in block.frame.rows()]
    assert lines == [
        {"nom": "Crêperie de l'Étang", "ville_nom": "Saint-Étienne"},
        {"nom": f"Les Amis{separator} du Livre", "ville_nom": ""},
        {"nom": "", "ville_nom": "TOTAL"},
    ]


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "ville,adresse\n", "\n\n", ""])
def test_a_list_that_names_no_company_is_refused(text: str) -> None:
    with pytest.raises(WrongColumns):
        header(text)


def test_a_mapping_of_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(WrongColumns, match="no column 'Nmo'"):
        header("nom,ville\n", {"Nmo": "nom"})


@pytest.mark.parametrize("argument", ["nom", "=nom", "A=nmo"])
def test_a_mapping_that_is_not_understood_is_refused(argument: str) -> None:
    with pytest.raises(UsageError):
        parse_mapping([argument])


def test_every_field_that_a_list_may_call_otherwise_is_one_of_a_record() -> None:
    assert {*SYNONYMS} <= {*FIELDS}
