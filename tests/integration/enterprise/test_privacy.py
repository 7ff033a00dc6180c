"""The rule of privacy in PostgreSQL, by the ORM and by a statement, against the one for rows."""

from itertools import product

import pytest
from django.db import connection

from foxreviews.enterprise.models import Entreprise
from foxreviews.enterprise.privacy import HIDDEN, HIDDEN_SQL, is_hidden
from foxreviews.reference.register import LEGAL_FORMS

pytestmark = pytest.mark.django_db


def test_all_forms_of_the_rule_hide_the_same_companies() -> None:
    pairs = product(("O", "P", "N", ""), ("", "1", *LEGAL_FORMS))
    companies = [
        Entreprise(siren=str(100_000_000 + number), statut_diffusion=status, categorie_juridique=form)
        for number, (status, form) in enumerate(pairs)
    ]
    Entreprise.objects.bulk_create(companies)
    hidden = {company.siren for company in companies if is_hidden(vars(company).__getitem__)}
    assert len(hidden) == 1
    assert set(Entreprise.objects.filter(HIDDEN).values_list("siren", flat=True)) == hidden
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT siren FROM enterprise_entreprise WHERE {HIDDEN_SQL}")
        assert {siren for (siren,) in cursor.fetchall()} == hidden
