"""The rule of privacy in PostgreSQL: at the row, whoever writes it, and in the forms that ask for it."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import orjson
import pytest
from django.db import connection, transaction

from foxreviews.core.sql import value
from foxreviews.enterprise.hidden_since import HiddenSince, hidden_since
from foxreviews.enterprise.models import Entreprise
from foxreviews.enterprise.privacy import (
    CONTACTS,
    HIDDEN,
    HIDDEN_SQL,
    MASK,
    NAMES,
    POSITION,
    REGISTER,
    is_hidden,
)
from foxreviews.reference.register import LEGAL_FORMS
from foxreviews.search.index.changes import position

pytestmark = pytest.mark.django_db

STATUSES, FORMS, NOMS = ("O", "P", "N", ""), ("", "1", "571", *LEGAL_FORMS), ("ACME", MASK)
SIREN = "732829320"
SECRETS: dict[str, Any] = {
    "nom": "JEANNE MYSTERE",
    "nom_commercial": "CHEZ MYSTERE",
    "autres_noms": "nom_naissance:JEANNE SECRETE",
    "adresse": "7 RUE MYSTERE",
    "telephone": "0102030405",
    "email": "jeanne@mystere.example",
    "site_web": "https://mystere.example",
    "latitude": 48.123456,
    "longitude": 2.123456,
}
WITHHELD = {"nom": MASK, **dict.fromkeys((*NAMES[1:], *CONTACTS), ""), **dict.fromkeys(POSITION)}
PLACELESS = dict.fromkeys(CONTACTS, "") | dict.fromkeys(POSITION)


def every_company() -> Iterator[Entreprise]:
    for number, (status, form, nom) in enumerate(product(STATUSES, FORMS, NOMS)):
        siren = str(100_000_000 + number)
        known = {"siren": siren, "statut_diffusion": status, "categorie_juridique": form}
        yield Entreprise(**SECRETS | known | {"nom": nom})


def expected(company: Entreprise) -> dict[str, Any]:
    given = {name: getattr(company, name) for name in SECRETS}
    if is_hidden(vars(company)):
        return WITHHELD
    return given if company.statut_diffusion == "O" else given | PLACELESS


def stored(**which: Any) -> dict[str, dict[str, Any]]:
    rows = Entreprise.objects.filter(**which).values("siren", *SECRETS)
    return {row.pop("siren"): row for row in rows}


def execute(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)


def public(**fields: Any) -> Entreprise:
    return Entreprise.objects.create(**{"siren": SIREN, "categorie_juridique": "1000", **SECRETS, **fields})


def test_what_is_inserted_is_masked_by_the_rule_on_every_status_form_and_name() -> None:
    companies = list(every_company())
    Entreprise.objects.bulk_create(companies)
    assert stored() == {company.siren: expected(company) for company in companies}


def test_what_is_updated_is_masked_by_the_rule_on_every_status_form_and_name() -> None:
    companies = list(every_company())
    Entreprise.objects.bulk_create(Entreprise(siren=each.siren, nom="ACME") for each in companies)
    names = (*SECRETS, "statut_diffusion", "categorie_juridique")
    execute(
        f"UPDATE enterprise_entreprise AS kept SET {', '.join(f'{name} = given.{name}' for name in names)} "
        "FROM jsonb_populate_recordset(NULL::enterprise_entreprise, %s) AS given WHERE kept.siren = given.siren",
        orjson.dumps(
            [{name: getattr(each, name) for name in ("siren", *names)} for each in companies]
        ).decode(),
    )
    assert stored() == {company.siren: expected(company) for company in companies}


def test_what_is_copied_is_masked() -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY enterprise_entreprise (siren, nom, adresse, statut_diffusion) FROM STDIN") as rows,
    ):
        rows.write_row((SIREN, "JEANNE MYSTERE", "7 RUE MYSTERE", "P"))
    assert stored()[SIREN] == WITHHELD


def test_all_forms_of_the_rule_hide_the_same_companies_where_no_trigger_did() -> None:
    companies = list(every_company())
    execute("ALTER TABLE enterprise_entreprise DISABLE TRIGGER USER")
    Entreprise.objects.bulk_create(companies)
    hidden = {company.siren for company in companies if is_hidden(vars(company))}
    assert set(Entreprise.objects.filter(HIDDEN).values_list("siren", flat=True)) == hidden
    everyone = {company.siren for company in companies}
    assert set(Entreprise.objects.filter(~HIDDEN).values_list("siren", flat=True)) == everyone - hidden
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT siren FROM enterprise_entreprise WHERE {HIDDEN_SQL}")
        assert {siren for (siren,) in cursor.fetchall()} == hidden


@pytest.mark.parametrize(
    "written",
    [
        SECRETS,
        SECRETS | {"statut_diffusion": "O"},
        SECRETS | {"statut_diffusion": "O", "categorie_juridique": "5710"},
        SECRETS | {"categorie_juridique": "5710"},
        SECRETS | {"statut_diffusion": "", "categorie_juridique": ""},
    ],
)
@pytest.mark.parametrize("form", ["1000", "2110", ""])
def test_nothing_that_is_written_lifts_what_is_hidden(form: str, written: dict[str, Any]) -> None:
    public(statut_diffusion="P", categorie_juridique=form)
    Entreprise.objects.filter(siren=SIREN).update(**written)
    assert stored()[SIREN] == WITHHELD
    found = Entreprise.objects.get()
    assert is_hidden(vars(found))
    # What hides it is there, too, so that it stays hidden where its name is no longer [ND].
    assert is_hidden(vars(found) | {"nom": "JEANNE MYSTERE"})


def test_a_name_that_was_masked_is_not_written_again_by_anybody_else() -> None:
    public(nom=MASK)
    Entreprise.objects.update(nom="JEANNE MYSTERE", adresse="7 RUE MYSTERE")
    assert stored()[SIREN] == WITHHELD


@pytest.mark.parametrize("nom", ["[nd]", " [ND] ", "[ND] [ND]", "[ N.D. ]", "M. [Nd] DUPOND"])
def test_a_mask_as_people_type_it_hides_too(nom: str) -> None:
    public()
    Entreprise.objects.update(nom=nom)
    assert (stored()[SIREN], is_hidden(vars(Entreprise.objects.get()))) == (WITHHELD, True)
    Entreprise.objects.all().delete()
    public(nom=nom)
    assert stored()[SIREN] == WITHHELD


@pytest.mark.parametrize("nom", ["ND", "N.D. FRANCE", "[NDA] STUDIO", "AND [CO]"])
def test_a_name_that_is_no_mask_hides_nobody(nom: str) -> None:
    public(nom=nom)
    assert Entreprise.objects.get().nom == nom


def test_who_was_removed_is_known_to_an_index_that_is_older() -> None:
    public()
    Entreprise.objects.all().delete()
    public(statut_diffusion="P", categorie_juridique="1000")
    assert value("SELECT siren FROM enterprise_hidden") == SIREN


def test_a_legal_person_who_is_not_public_can_be_renamed_and_gets_no_street() -> None:
    public(categorie_juridique="5710", statut_diffusion="P")
    Entreprise.objects.update(nom="ACME", adresse="7 RUE MYSTERE", statut_diffusion="O")
    found = Entreprise.objects.get()
    assert (found.nom, found.adresse, found.statut_diffusion) == ("ACME", "", "P")


def test_the_register_alone_lifts_it_and_for_one_transaction() -> None:
    public(statut_diffusion="P")
    with transaction.atomic():
        execute(REGISTER)
        Entreprise.objects.update(**SECRETS, statut_diffusion="O")
    assert stored()[SIREN] == SECRETS


def test_the_register_masks_who_it_hides() -> None:
    public()
    execute(REGISTER)
    Entreprise.objects.update(statut_diffusion="P")
    assert stored()[SIREN] == WITHHELD


def test_other_columns_of_a_hidden_company_are_written() -> None:
    public(statut_diffusion="P")
    Entreprise.objects.update(naf_code="62.01Z", ville_nom="Mende", is_active=False)
    found = Entreprise.objects.get()
    assert (found.naf_code, found.ville_nom, found.is_active) == ("62.01Z", "Mende", False)


@pytest.mark.parametrize(
    ("change", "newly"),
    [
        ({"statut_diffusion": "P"}, {SIREN}),
        ({"nom": MASK}, {SIREN}),
        ({"nom": "OTHER"}, set()),
        ({"statut_diffusion": "P", "categorie_juridique": "5710"}, set()),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_who_became_hidden_since_a_moment_is_known(change: dict[str, str], newly: set[str]) -> None:
    public()
    before = position()
    Entreprise.objects.update(**change)
    Entreprise.objects.update(ville_nom="Mende")  # no change of who is hidden
    assert hidden_since(before) == newly
    assert hidden_since(position()) == set()


@pytest.mark.django_db(transaction=True)
def test_rows_of_an_index_s_answer_come_without_the_hidden_ones_and_tell_who_else_is() -> None:
    public()
    Entreprise.objects.create(siren="552100554", nom="FOX")
    hidden = HiddenSince(position())
    Entreprise.objects.filter(siren=SIREN).update(statut_diffusion="P")
    assert [row["siren"] for row in hidden.rows_of(["552100554"])] == ["552100554"]
    assert hidden.sirens == {SIREN}
    assert hidden.rows_of([SIREN]) == []
