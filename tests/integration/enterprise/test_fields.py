"""Finding companies by part of their name, and what the table does without Django."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import CharField, F
from django.utils import timezone

from foxreviews.enterprise.models import Entreprise
from tests.shape import one_table

pytestmark = pytest.mark.django_db

TRIGRAM_INDEX = "enterprise_entreprise_nom_trgm_idx"


def companies(*names: str) -> None:
    first = 100_000_000 + Entreprise.objects.count()
    Entreprise.objects.bulk_create(
        Entreprise(siren=str(first + number), nom=name) for number, name in enumerate(names)
    )


def found(text: str) -> list[str]:
    return sorted(Entreprise.objects.filter(nom__icontains=text).values_list("nom", flat=True))


def plan(sql: str, *params: str) -> str:
    """The plan of the query where the table is not read from end to end."""
    with connection.cursor() as cursor:
        # What other tests' companies left in the indexes decides between them.
        cursor.execute("TRUNCATE enterprise_entreprise")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}", params or None)
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.parametrize("text", ["restaurant", "RESTAURANT", "Restau", "ant du p", "T DU"])
def test_a_part_of_the_name_finds_it_whatever_the_case(text: str) -> None:
    companies("RESTAURANT DU PORT", "Restaurant du Parc", "BOULANGERIE")
    assert found(text) == ["RESTAURANT DU PORT", "Restaurant du Parc"]


@pytest.mark.parametrize("text", ["café", "CAFÉ", "Café", "cAFÉ", "é d"])
def test_accented_letters_are_found_whatever_their_case(text: str) -> None:
    companies("CAFÉ DE LA GARE", "Café des Arts", "Le café du coin", "CAFE DE LA PLAGE", "CAFÈ DU PORT")
    assert found(text) == ["CAFÉ DE LA GARE", "Café des Arts", "Le café du coin"]


@pytest.mark.parametrize(
    ("text", "only"),
    [("l'œuvre", "L'ŒUVRE"), ("ñ", "EL NIÑO"), ("ÇA", "ça va"), ("šk", "ŠKODA")],
)
def test_every_accented_letter_follows_the_same_rule(text: str, only: str) -> None:
    companies("L'ŒUVRE", "EL NIÑO", "ça va", "ŠKODA", "L'OEUVRE", "NINO", "CA VA", "SKODA")
    assert found(text) == [only]


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("100%", "100% PUR JUS"),
        ("a_b", "A_B CONSEIL"),
        ("c\\d", "C\\D"),
        ("%", "100% PUR JUS"),
        ("_", "A_B CONSEIL"),
        ("\\", "C\\D"),
        ("é%", "CAFÉ% BIO"),
        ("É_", "CAFÉ_BAR"),
        ("é\\", "CAFÉ\\THÉ"),
        ("o'b", "O'BRIEN"),
        ('"', 'LE "BAR"'),
    ],
)
def test_the_wildcards_of_sql_are_letters_like_others(text: str, only: str) -> None:
    companies(
        "100% PUR JUS", "1000 PUR JUS", "A_B CONSEIL", "AXB CONSEIL", "C\\D", "C D", "O'BRIEN", 'LE "BAR"'
    )
    companies("CAFÉ ET BAR", "OBRIEN")
    if not text.isascii():
        companies("CAFÉ% BIO", "CAFÉ_BAR", "CAFÉ\\THÉ")
    assert found(text) == [only]


def test_an_empty_text_finds_every_company() -> None:
    companies("A", "")
    assert found("") == ["", "A"]


def test_the_trade_name_is_found_in_the_same_way() -> None:
    Entreprise.objects.create(siren="732829320", nom="SARL DUPONT", nom_commercial="Chez Léa")
    assert Entreprise.objects.filter(nom_commercial__icontains="LÉA").exists()


def test_a_name_can_be_compared_with_another_column() -> None:
    Entreprise.objects.create(siren="732829320", nom="CHEZ LEA SARL", nom_commercial="Chez Lea")
    Entreprise.objects.create(siren="552100554", nom="SARL DUPONT", nom_commercial="Chez Paul")
    matches = Entreprise.objects.filter(nom__icontains=F("nom_commercial"))
    assert [company.siren for company in matches] == ["732829320"]


@one_table
@pytest.mark.parametrize("text", ["restaurant", "café du port", "100% pur", "l'œuvre"])
def test_the_lookup_is_served_by_the_trigram_index(text: str) -> None:
    query, params = Entreprise.objects.filter(nom__icontains=text).order_by().query.sql_with_params()
    assert TRIGRAM_INDEX in plan(query, *params)


@one_table
def test_the_plan_s_ilike_is_served_by_the_trigram_index() -> None:
    sql = "SELECT * FROM enterprise_entreprise WHERE nom ILIKE '%restaurant%' LIMIT 20"
    assert TRIGRAM_INDEX in plan(sql)


@one_table
@pytest.mark.parametrize(
    ("column", "text", "indexes"),
    [
        ("naf_code", "62", "enterprise_entreprise_naf_(nom_)?idx"),
        ("siren", "7328", "enterprise_entreprise_siren_key"),
        ("code_postal", "750", "enterprise_entreprise_cp_(active|created|nom)_idx"),
        ("ville_nom", "Saint-", "enterprise_entreprise_ville_naf_idx"),
        ("departement", "97", "enterprise_entreprise_departement_(nom_)?idx"),
    ],
)
def test_the_beginning_of_a_code_is_served_by_a_plain_index(column: str, text: str, indexes: str) -> None:
    queryset = Entreprise.objects.filter(**{f"{column}__startswith": text}).order_by()
    query, params = queryset.query.sql_with_params()
    line = plan(query, *params)
    assert re.search(indexes, line)
    assert f"{column})::text >= " in line  # a range of the index, not a filter on all of it


def test_companies_come_newest_first_and_the_last_written_first_among_equals() -> None:
    now = timezone.now()
    for siren, age in (("100000001", 2), ("100000002", 1), ("100000003", 1), ("100000004", 3)):
        Entreprise.objects.create(siren=siren, nom="X", created_at=now - timedelta(days=age))
    sirens = [company.siren for company in Entreprise.objects.all()]
    assert sirens == ["100000003", "100000002", "100000001", "100000004"]


def test_a_siren_and_a_name_are_enough_for_an_insert_by_hand() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO enterprise_entreprise (siren, nom) VALUES ('732829320', 'CAFÉ DE LA GARE')"
        )
    company = Entreprise.objects.get(siren="732829320")
    assert company.is_active
    assert company.statut_diffusion == Entreprise.Diffusion.PUBLIC
    assert company.created_at == company.updated_at
    assert company.ville_id is None
    texts = [field.name for field in Entreprise._meta.get_fields() if isinstance(field, CharField)]
    assert {name for name in texts if getattr(company, name)} == {"siren", "nom", "statut_diffusion"}


def test_a_company_keeps_the_code_of_a_town_that_is_not_loaded() -> None:
    Entreprise.objects.create(siren="732829320", nom="X", ville_id="99999")
    assert Entreprise.objects.get(ville_id="99999").siren == "732829320"


MANY = """
INSERT INTO enterprise_entreprise (siren, nom) SELECT lpad(n::text, 9, '0'), 'A ' || n FROM generate_series(1, 3000) n;
INSERT INTO enterprise_etablissement (siren, siret) SELECT siren, siren || '00017' FROM enterprise_entreprise
"""


def updates(table: str) -> tuple[int, int]:
    """All, and those that found room on their page."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = %s", [table]
        )
        found: tuple[int, int] = cursor.fetchone()
    return found


@one_table
@pytest.mark.parametrize(
    ("table", "column"), [("enterprise_entreprise", "adresse"), ("enterprise_etablissement", "libelle_voie")]
)
def test_a_row_with_a_new_street_finds_room_beside_its_old_version(table: str, column: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE enterprise_entreprise, enterprise_etablissement")
        cursor.execute(MANY)
        before = updates(table)  # of this session, as far as they are not in pg_stat_user_tables yet
        cursor.execute(f"UPDATE {table} SET {column} = 'RUE NEUVE' WHERE siren LIKE '%%00'")
    assert [after - was for after, was in zip(updates(table), before, strict=True)] == [30, 30]
