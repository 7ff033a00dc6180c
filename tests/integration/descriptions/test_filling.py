"""An endpoint that lies, stalls, fails or sends too much harms nobody: the sentences by rule are shown."""

import re
import time
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from foxreviews.descriptions import endpoint as client_side
from foxreviews.descriptions import filling
from foxreviews.descriptions.checker import plain_text
from foxreviews.descriptions.endpoint import EndpointError, ask
from foxreviews.descriptions.facts import Company
from foxreviews.descriptions.models import Day, Description
from foxreviews.enterprise.models import Entreprise
from foxreviews.location.models import Ville
from tests.conftest import CHECKOUT
from tests.integration.descriptions import endpoint as fake
from tests.integration.descriptions.endpoint import Endpoint
from tests.unit.descriptions.test_sentences import ROW

FACTS = Company.of(ROW)
TEXT = "NOVERGIE, société établie à Lyon, emploie entre 10 et 19 salariés."


@pytest.fixture
def endpoint(settings: Any) -> Iterator[Endpoint]:
    with fake.running() as server:
        server.answer = fake.saying(lambda given: given["texte"])
        settings.DESCRIPTION_URL, settings.DESCRIPTION_MODEL = server.url, "tiny"
        settings.DESCRIPTION_KEY = "k3y"
        yield server


@pytest.fixture
def no_trades(monkeypatch: pytest.MonkeyPatch) -> None:
    """1,479 of them come first."""
    monkeypatch.setattr(filling, "_trades", lambda: iter(()))


@pytest.fixture
def novergie(company: Callable[..., Entreprise], no_trades: None) -> Entreprise:
    names = ("ville_nom", "departement", "naf_code", "tranche_effectif", "date_creation")
    return company("NOVERGIE", categorie_juridique="5710", **{name: ROW[name] for name in names})


def fill(*arguments: str) -> str:
    out = StringIO()
    call_command("describe", "--fill", *arguments, stdout=out)
    return out.getvalue().splitlines()[-1]


def detail(siren: str) -> dict[str, Any]:
    answer: dict[str, Any] = Client().get(f"/api/entreprises/{siren}/").json()
    return {name: value for name, value in answer.items() if name.startswith("description")}


def test_the_endpoint_gets_the_facts_the_model_and_the_key(endpoint: Endpoint) -> None:
    endpoint.answer = fake.saying(lambda _given: f"  {TEXT}\n")
    assert ask(FACTS) == TEXT
    ((path, headers, body),) = endpoint.requests
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer k3y"
    assert body["model"] == "tiny"
    assert endpoint.asked() == [FACTS.values]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (fake.refusing(500), "refused"),
        (fake.refusing(429), "refused"),
        (fake.redirecting, "refused"),
        (fake.hanging_up, "unreachable"),
        (fake.sending(b"<html>Bad gateway</html>"), "unreadable"),
        (fake.sending(b'{"choices": []}'), "unreadable"),
        (fake.sending(b"[" * 60_000), "unreadable"),
        (fake.sending(b"\xff\x00"), "unreadable"),
        (fake.saying(lambda _given: None), "unreadable"),
        (fake.saying(lambda _given: "\ud800"), "unreadable"),
        (fake.sending(b"x" * 10_000_000), "too-large"),
        (fake.saying(lambda _given: "x" * 10_000_000), "too-large"),
    ],
)
def test_what_is_no_answer_is_named_and_no_more_is_read(endpoint: Endpoint, answer: Any, reason: str) -> None:
    endpoint.answer = answer
    with pytest.raises(EndpointError) as failed:
        ask(FACTS)
    assert failed.value.reason == reason
    assert "k3y" not in str(failed.value)
    assert len(endpoint.requests) == 1, "no redirection is followed"


@pytest.mark.parametrize("answer", [fake.stalling, fake.dripping, fake.dripping_text])
def test_an_answer_that_does_not_end_is_given_up(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    endpoint.answer = answer
    monkeypatch.setattr(client_side, "TIMEOUT", 0.5)
    started = time.monotonic()
    with pytest.raises(EndpointError) as failed:
        ask(FACTS)
    assert failed.value.reason == "timeout"
    assert time.monotonic() - started >= 0.4


def test_nobody_there_is_named(settings: Any) -> None:
    settings.DESCRIPTION_URL = "http://127.0.0.1:1/v1"
    with pytest.raises(EndpointError) as failed:
        ask(FACTS)
    assert failed.value.reason == "unreachable"


@pytest.mark.parametrize(
    "fields",
    [
        {"categorie_juridique": "1000"},
        {"statut_diffusion": "P"},
        {"categorie_juridique": ""},
        {"nom": "[ND]"},
    ],
)
def test_what_may_not_leave_is_refused_before_anything_is_sent(
    endpoint: Endpoint, fields: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="may not be sent"):
        ask(Company.of(ROW | fields))
    assert endpoint.requests == []


def test_a_text_that_holds_is_shown_for_as_long_as_its_facts_are_those(
    endpoint: Endpoint, novergie: Entreprise
) -> None:
    by_rule = detail(novergie.siren)
    assert by_rule["description_source"] == "rules"
    endpoint.answer = fake.saying(lambda _given: TEXT)
    assert fill() == "1 asked for, 1 kept."
    assert detail(novergie.siren) == {"description": TEXT, "description_source": "model"}
    assert fill() == "0 asked for, 0 kept."
    Entreprise.objects.filter(pk=novergie.pk).update(tranche_effectif="12")
    assert detail(novergie.siren)["description_source"] == "rules"


def test_what_has_changed_is_asked_for_again_and_what_only_looks_changed_is_not(
    endpoint: Endpoint, novergie: Entreprise
) -> None:
    assert fill() == "1 asked for, 1 kept."
    Description.objects.update(made_at="2020-01-01T00:00:00Z")  # as if the row had been written since
    assert fill() == "0 asked for, 0 kept."
    novergie.tranche_effectif = "12"
    novergie.save()
    Description.objects.update(made_at="2020-01-01T00:00:00Z")
    assert fill() == "1 asked for, 1 kept."
    assert "de 20 à 49 salariés" in detail(novergie.siren)["description"]


def test_a_lie_is_thrown_away_and_asked_for_again_of_another_model_alone(
    endpoint: Endpoint, novergie: Entreprise, settings: Any
) -> None:
    endpoint.answer = fake.saying(lambda _given: f"{TEXT[:-1]} et 3 000 salariés à Marseille.")
    assert fill() == "1 asked for, 0 kept, 1 thrown away (number)."
    assert detail(novergie.siren)["description_source"] == "rules"
    assert Description.objects.get().text == "", "a lie is not kept"
    assert fill() == "0 asked for, 0 kept."
    settings.DESCRIPTION_MODEL = "larger"
    endpoint.answer = fake.saying(lambda _given: TEXT)
    assert fill() == "1 asked for, 1 kept."


def test_persons_and_who_is_not_public_are_never_sent(
    endpoint: Endpoint, company: Callable[..., Entreprise], no_trades: None
) -> None:
    company("ODETTE FLEURS", categorie_juridique="1000")
    company("ODILON", categorie_juridique="1000", statut_diffusion="P")
    company("SCI DES LILAS", categorie_juridique="6540", statut_diffusion="P")
    company("PELAGIE", categorie_juridique="")
    company("INDIVISION HORTENSE", categorie_juridique="2110")
    company("CEASED", categorie_juridique="5710", is_active=False)
    company("NOVERGIE", categorie_juridique="5710")
    fill()
    assert [facts["nom"] for facts in endpoint.asked()] == ["NOVERGIE"]


def test_who_is_hidden_later_has_no_text_any_more(endpoint: Endpoint, novergie: Entreprise) -> None:
    fill()
    assert Description.objects.exists()
    Entreprise.objects.filter(pk=novergie.pk).update(categorie_juridique="1000", statut_diffusion="P")
    shown = detail(novergie.siren)
    assert shown["description_source"] == "rules"
    assert "NOVERGIE" not in shown["description"]
    fill()
    assert not Description.objects.exists()


def test_the_budget_of_a_day_is_kept_whatever_comes_of_the_requests(
    endpoint: Endpoint, company: Callable[..., Entreprise], no_trades: None, settings: Any
) -> None:
    for number in range(5):
        company(f"SOCIETE {number}", categorie_juridique="5710")
    settings.DESCRIPTION_BUDGET = 3
    assert fill("--max", "5").endswith("The budget of 3 a day is spent.")
    assert fill("--max", "5").startswith("0 asked for")
    assert len(endpoint.requests) == 3
    Day.objects.update(day="2020-01-01")
    assert fill("--max", "1").startswith("1 asked for, 1 kept")
    settings.DESCRIPTION_BUDGET = 0
    Day.objects.all().delete()
    assert fill("--max", "1").startswith("0 asked for")


def test_an_endpoint_that_is_down_ends_the_run_soon_and_nothing_is_lost(
    endpoint: Endpoint, company: Callable[..., Entreprise], no_trades: None
) -> None:
    for number in range(8):
        company(f"SOCIETE {number}", categorie_juridique="5710")
    endpoint.answer = fake.refusing(503)
    with pytest.raises(CommandError, match=r"answers 503 .* 5 times in a row") as failed:
        fill()
    assert failed.value.returncode == 1
    assert len(endpoint.requests) == 5
    endpoint.answer = fake.saying(lambda given: given["texte"])
    assert fill() == "8 asked for, 8 kept."


def test_the_largest_towns_come_before_companies_and_trades_before_towns(
    endpoint: Endpoint, company: Callable[..., Entreprise]
) -> None:
    company("NOVERGIE", categorie_juridique="5710")
    for code, nom, people in (
        ("69123", "Lyon", 519_127),
        ("76351", "Le Havre", 165_830),
        ("01001", "Abergement", None),
    ):
        Ville.objects.create(code_insee=code, nom=nom, slug=nom, departement=code[:2], population=people)
    assert fill("--max", "2") == "2 asked for, 2 kept."
    assert all("activité" in facts for facts in endpoint.asked())
    list(filling.due(10_000))
    names = [facts.names[0] for facts in filling.due(10_000)][-4:]
    assert names == ["Lyon", "Le Havre", "Abergement", "NOVERGIE"]


def test_a_town_shows_the_text_of_the_endpoint_too(endpoint: Endpoint, no_trades: None, db: None) -> None:
    Ville.objects.create(code_insee="69123", nom="Lyon", slug="lyon", departement="69", region="84")
    endpoint.answer = fake.saying(lambda _given: "Lyon est une commune du territoire, établie dans le Rhône.")
    assert fill() == "1 asked for, 1 kept."
    assert Client().get("/api/villes/69123/").json()["description_source"] == "model"


@pytest.mark.django_db(transaction=True)
def test_two_runs_do_not_ask_for_the_same(endpoint: Endpoint) -> None:
    import psycopg
    from django.db import connection

    from foxreviews.core.locks import _keys

    parameters = {
        name: connection.settings_dict[name.upper()] for name in ("host", "port", "user", "password")
    }
    with psycopg.connect(dbname=connection.settings_dict["NAME"], **parameters) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", _keys(filling.LOCK))
        with pytest.raises(CommandError, match="Another run asks") as refused:
            fill()
    assert refused.value.returncode == 3


def test_without_an_endpoint_filling_says_what_to_set(db: None) -> None:
    with pytest.raises(CommandError, match="set DESCRIPTION_URL and DESCRIPTION_MODEL") as refused:
        fill()
    assert refused.value.returncode == 2


def test_without_an_endpoint_no_statement_is_sent_for_a_description(
    company: Callable[..., Entreprise], django_assert_num_queries: Any
) -> None:
    siren = company("NOVERGIE").siren
    with django_assert_num_queries(1):
        assert detail(siren)["description"] == "NOVERGIE est une entreprise."


def test_a_list_has_no_descriptions(company: Callable[..., Entreprise]) -> None:
    company("NOVERGIE")
    (shown,) = Client().get("/api/entreprises/").json()["results"]
    assert not any(name.startswith("description") for name in shown)


def test_describe_shows_companies_towns_and_trades(company: Callable[..., Entreprise]) -> None:
    Ville.objects.create(code_insee="2A004", nom="Ajaccio", slug="ajaccio", departement="2A", region="94")
    siren, out = company("NOVERGIE").siren, StringIO()
    call_command("describe", siren, "2a004", "6201z", stdout=out)
    shown = out.getvalue().splitlines()
    assert shown[0] == f"{siren} (rules): NOVERGIE est une entreprise."
    assert shown[1] == "2a004 (rules): Ajaccio est une commune située en Corse-du-Sud, en Corse."
    assert shown[2].startswith("6201z (rules): La programmation informatique relève")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["69123"], 1), (["732829320"], 1), (["99.99Z"], 1), (["what"], 1), ([], 2), (["--max", "3"], 2),
     (["62.01Z", "--fill"], 2)],
)  # fmt: skip
def test_what_there_is_not_and_what_is_not_meant_is_refused(
    db: None, arguments: list[str], code: int
) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("describe", *arguments, stdout=StringIO())
    assert refused.value.returncode == code


def test_the_page_is_typed_as_it_stands(endpoint: Endpoint, novergie: Entreprise) -> None:
    page = (CHECKOUT / "docs" / "howto" / "descriptions.md").read_text()
    typed = re.search(r"^```sh\n\S+ manage.py (.*)\n```\n\n```\n(.*)\n```", page, re.MULTILINE)
    filled = re.search(r"^\S+ manage.py (describe --fill .*)$", page, re.MULTILINE)
    assert typed
    assert filled
    out = StringIO()
    call_command(*typed[1].split(), stdout=out)
    assert plain_text(out.getvalue()) == plain_text(typed[2])
    call_command(*filled[1].split(), stdout=out)
    assert out.getvalue().endswith("1 asked for, 1 kept.\n")
