"""Staff create, correct and deactivate companies; everyone else reads, and never reads who did what."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from rest_framework.authtoken.models import Token

from foxreviews.api import public
from foxreviews.enterprise.models import Correction, Entreprise, Etablissement, Modification
from foxreviews.location.models import Ville

from .test_problems import problem

pytestmark = pytest.mark.django_db

SIREN = "732829320"
ADDRESS = f"/api/entreprises/{SIREN}/"
PERMISSIONS = (
    "add_entreprise",
    "change_entreprise",
    "delete_entreprise",
    "view_correction",
    "view_modification",
)
Staff = Callable[..., Client]


@pytest.fixture
def staff() -> Staff:
    """staff("change_entreprise"): a client with the token of an account that has these permissions."""

    def make(*permissions: str, name: str = "marie", is_staff: bool = True) -> Client:
        user = User.objects.create(username=name, is_staff=is_staff)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        return Client(headers={"authorization": f"Token {Token.objects.create(user=user).key}"})

    return make


@pytest.fixture
def marie(staff: Staff) -> Client:
    return staff(*PERMISSIONS)


@pytest.fixture
def acme(company: Callable[..., Entreprise]) -> Entreprise:
    Ville.objects.create(
        code_insee="42218", nom="Saint-Étienne", slug="saint-etienne", departement="42",
        codes_postaux=["42000"], nom_recherche="SAINT ETIENNE",
    )  # fmt: skip
    Ville.objects.create(
        code_insee="69266", nom="Villeurbanne", slug="villeurbanne", departement="69",
        codes_postaux=["69100"], nom_recherche="VILLEURBANNE",
    )  # fmt: skip
    return company(
        "ACME", siren=SIREN, categorie_juridique="5710", code_postal="42000", ville_nom="Saint-Étienne",
        ville_id="42218", departement="42", naf_code="62.01Z", naf_libelle="Programmation informatique",
        naf25_code="62.10Y", adresse="1 RUE DU PORT",
    )  # fmt: skip


def etag(client: Client | None = None) -> str:
    return str((client or Client()).get(ADDRESS)["ETag"])


def write(
    client: Client, method: str = "patch", address: str = ADDRESS, *, match: str | None = None, **values: Any
) -> Any:
    headers = {} if match == "" else {"if-match": match or etag()}
    return getattr(client, method)(
        address, json.dumps(values), content_type="application/json", headers=headers
    )


def told(client: Client, what: str = "modifications") -> list[dict[str, Any]]:
    return list(client.get(f"/api/{what}/", {"siren": SIREN}).json()["results"])


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_who_has_no_token_writes_nothing(acme: Entreprise, method: str) -> None:
    response = write(Client(), method, nom="OTHER")
    problem(response, 401, "not-authenticated")
    assert response["WWW-Authenticate"] == "Token"
    problem(
        write(Client(headers={"authorization": "Token nobody"}), method, nom="OTHER"),
        401,
        "not-authenticated",
    )
    assert Entreprise.objects.get().nom == "ACME"


def test_a_method_that_an_address_lacks_is_405_with_and_without_a_token(
    acme: Entreprise, marie: Client
) -> None:
    for client in (Client(), marie):
        for method in ("put", "patch", "delete"):
            problem(write(client, method, "/api/entreprises/", nom="X"), 405, "method-not-allowed")
        problem(write(client, "post", nom="X"), 405, "method-not-allowed")
    for what in ("corrections", "modifications"):
        for method in ("post", "put", "patch", "delete"):
            problem(write(marie, method, f"/api/{what}/"), 405, "method-not-allowed")
            problem(write(Client(), method, f"/api/{what}/"), 401, "not-authenticated")


def test_a_session_is_no_token(acme: Entreprise) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
    problem(write(client, nom="OTHER"), 401, "not-authenticated")


@pytest.mark.parametrize(
    ("method", "needed"), [("post", "add"), ("put", "change"), ("patch", "change"), ("delete", "delete")]
)
def test_each_method_needs_its_permission_and_an_account_of_staff(
    acme: Entreprise, staff: Staff, method: str, needed: str
) -> None:
    address = "/api/entreprises/" if method == "post" else ADDRESS
    others = [each for each in PERMISSIONS if each != f"{needed}_entreprise"]
    for client in (staff(*others), staff(*PERMISSIONS, name="visitor", is_staff=False)):
        error = problem(write(client, method, address, nom="OTHER"), 403, "not-allowed")
        assert f"enterprise.{needed}_entreprise" in error["detail"]


def test_a_change_needs_what_was_read(acme: Entreprise, marie: Client) -> None:
    for method in ("put", "patch", "delete"):
        assert (
            "If-Match"
            in problem(write(marie, method, match="", nom="OTHER"), 428, "precondition-required")["detail"]
        )


@pytest.mark.parametrize("spelt", ["{}", "W/{}", '"nothing", {}', "*"])
def test_the_etag_of_a_detail_lets_correct_it_once(acme: Entreprise, marie: Client, spelt: str) -> None:
    seen = spelt.format(etag(marie))
    assert write(marie, match=seen, nom="FIRST").status_code == 200
    if spelt != "*":
        problem(write(marie, match=seen, nom="SECOND"), 412, "changed-meanwhile")
        assert Entreprise.objects.get().nom == "FIRST"


def test_the_etag_that_everyone_gets_will_do(
    acme: Entreprise, marie: Client, company: Callable[..., Any]
) -> None:
    seen = etag()
    company("ANOTHER")  # which makes another version of the dataset, and changes nothing here
    answer = write(marie, match=seen, nom="FIRST")
    assert answer.status_code == 200
    assert answer["ETag"] == etag(marie)
    problem(write(marie, match=seen, nom="SECOND"), 412, "changed-meanwhile")


def test_who_has_the_answer_gets_304_with_its_etag(acme: Entreprise) -> None:
    seen = etag()
    again = Client().get(ADDRESS, headers={"if-none-match": seen})
    assert (again.status_code, again["ETag"]) == (304, seen)
    Entreprise.objects.update(nom="OTHER")
    assert Client().get(ADDRESS, headers={"if-none-match": seen}).status_code == 200


def test_who_has_not_the_whole_etag_gets_the_answer_with_it(
    acme: Entreprise, marie: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 304 would leave a client without what it must send to write."""
    monkeypatch.setattr(public, "SETTLED_SECONDS", -1.0)
    first = Client().get(ADDRESS)
    begins = first["ETag"].rpartition("-")[0]
    for headers in (
        {"if-modified-since": first["Last-Modified"]},
        {"if-none-match": f'{begins}"'},
        {"if-none-match": f'{begins}-<script>"'},
    ):
        again = Client().get(ADDRESS, headers=headers)
        assert (again.status_code, again["ETag"]) == (200, first["ETag"])
        assert write(marie, match=again["ETag"], nom="ACME").status_code == 200
    several = Client().get(ADDRESS, headers={"if-none-match": f'"other", {begins}", {first["ETag"]}'})
    assert (several.status_code, several["ETag"]) == (304, first["ETag"])


def test_a_correction_is_answered_and_told_with_who_when_and_why(acme: Entreprise, marie: Client) -> None:
    answer = write(marie, nom="ACME  SAS", telephone="0102030405", reason="Letter").json()
    assert (answer["nom"], answer["telephone"], answer["adresse"]) == (
        "ACME SAS",
        "0102030405",
        "1 RUE DU PORT",
    )
    trail = {each["field"]: each for each in told(marie)}
    assert trail.keys() == {"nom", "telephone"}
    nom = trail["nom"]
    assert (nom["old_value"], nom["new_value"], nom["action"]) == ("ACME", "ACME SAS", "corrected")
    assert (nom["author"], nom["reason"]) == ("marie", "Letter")
    assert nom["changed_at"].endswith("Z")
    assert {each["field"]: each["register_value"] for each in told(marie, "corrections")} == {
        "nom": "ACME",
        "telephone": "",
    }


def test_what_is_said_already_is_neither_written_nor_told(acme: Entreprise, marie: Client) -> None:
    before = etag(marie)
    assert write(marie, nom="ACME").status_code == 200
    assert etag(marie) == before
    assert told(marie) == told(marie, "corrections") == []


def test_a_place_is_corrected_whole(acme: Entreprise, marie: Client) -> None:
    answer = write(marie, code_postal="69100", ville_nom="villeurbanne").json()
    assert (answer["ville_nom"], answer["code_commune"], answer["departement"]) == (
        "Villeurbanne",
        "69266",
        "69",
    )
    assert {each["field"] for each in told(marie, "corrections")} == {
        "code_postal", "ville_nom", "code_commune", "departement",
    }  # fmt: skip
    assert write(marie, code_commune="42218", code_postal="42000").json()["ville_nom"] == "Saint-Étienne"
    assert told(marie, "corrections") == []  # it is as it was


def test_a_part_of_a_place_that_stays_is_the_correction_of_who_made_it(
    acme: Entreprise, marie: Client, staff: Staff
) -> None:
    write(marie, code_postal="69100", ville_nom="Villeurbanne", reason="Letter")
    write(staff(*PERMISSIONS, name="paul"), ville_nom="Atlantis", reason="Call")
    made = {each["field"]: (each["author"], each["reason"]) for each in told(marie, "corrections")}
    assert (made["code_postal"], made["ville_nom"]) == (("marie", "Letter"), ("paul", "Call"))
    assert write(marie, code_postal="42000", ville_nom="Saint-Étienne").status_code == 200
    assert told(marie, "corrections") == []


def test_an_activity_is_corrected_whole(acme: Entreprise, marie: Client) -> None:
    answer = write(marie, naf_code="10.71c", naf25_code="").json()
    assert (answer["naf_code"], answer["naf_libelle"]) == ("10.71C", "Boulangerie et boulangerie-pâtisserie")
    assert len(told(marie, "corrections")) == 4


def test_a_company_is_deactivated_and_stays(acme: Entreprise, marie: Client) -> None:
    response = marie.delete(f"{ADDRESS}?reason=Closed", headers={"if-match": etag()})
    assert (response.status_code, response.json()["is_active"]) == (200, False)
    (entry,) = told(marie)
    assert (entry["field"], entry["old_value"], entry["new_value"], entry["reason"]) == (
        "is_active",
        True,
        False,
        "Closed",
    )


def test_all_of_a_company_is_put(acme: Entreprise, marie: Client) -> None:
    assert "siret" in problem(write(marie, "put", nom="ACME"), 400, "invalid-parameters")["errors"]
    seen = marie.get(ADDRESS).json()
    fields = (
        "siret", "nom", "nom_commercial", "adresse", "code_postal", "ville_nom", "code_commune", "naf_code",
        "naf25_code", "categorie_juridique", "tranche_effectif", "categorie_entreprise", "est_employeur",
        "date_creation", "is_active", "statut_diffusion", "latitude", "longitude", "telephone", "email", "site_web",
    )  # fmt: skip
    whole = {name: seen[name] for name in fields} | {"date_creation": "2012-03-04"}
    assert write(marie, "put", **whole).json()["date_creation"] == "2012-03-04"
    assert [each["field"] for each in told(marie)] == ["date_creation"]


def test_a_correction_is_taken_back(acme: Entreprise, marie: Client) -> None:
    write(marie, nom="OTHER", code_postal="69100", ville_nom="Villeurbanne")
    address = f"{ADDRESS}corrections/code_commune/"
    problem(marie.delete(address), 428, "precondition-required")
    problem(marie.delete(address, headers={"if-match": '"nothing"'}), 412, "changed-meanwhile")
    problem(Client().delete(address, headers={"if-match": etag()}), 401, "not-authenticated")
    answer = marie.delete(f"{address}?reason=Mistake", headers={"if-match": etag()}).json()
    assert (answer["ville_nom"], answer["departement"], answer["nom"]) == ("Saint-Étienne", "42", "OTHER")
    assert [each["field"] for each in told(marie, "corrections")] == ["nom"]
    assert {each["action"] for each in told(marie)} == {"corrected", "taken-back"}
    problem(marie.delete(address, headers={"if-match": etag()}), 404, "not-found")
    problem(marie.delete(f"{ADDRESS}corrections/id/", headers={"if-match": etag()}), 404, "not-found")


def test_a_company_is_created(acme: Entreprise, marie: Client) -> None:
    given = {
        "siren": "552100554",
        "nom": "FOURNIL",
        "code_postal": "42000",
        "ville_nom": "st etienne",
        "naf_code": "10.71C",
    }
    response = write(marie, "post", "/api/entreprises/", **given)
    assert response.status_code == 201
    assert response["Location"] == "http://testserver/api/entreprises/552100554/"
    assert response["ETag"] == marie.get(response["Location"])["ETag"]
    assert (response.json()["code_commune"], response.json()["departement"]) == ("42218", "42")
    assert not Correction.objects.exists()
    assert Modification.objects.filter(
        siren="552100554", action="created", field="nom", new_value="FOURNIL"
    ).exists()
    problem(write(marie, "post", "/api/entreprises/", **given), 409, "already-there")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"nam": "X"}, "nam"),
        ({"siren": "552100554"}, "siren"),
        ({"nom": ""}, "nom"),
        ({"nom": " [nd] "}, "nom"),
        ({"nom": "X" * 256}, "nom"),
        ({"nom": "A\0B"}, "nom"),
        ({"nom": None}, "nom"),
        ({"siret": "73282932000075"}, "siret"),
        ({"siret": "55210055400013"}, "siret"),
        ({"code_postal": "4200"}, "code_postal"),
        ({"code_commune": "00001"}, "code_commune"),
        ({"naf_code": "99.99Z"}, "naf_code"),
        ({"naf25_code": "62.01Z"}, "naf25_code"),
        ({"categorie_juridique": "57"}, "categorie_juridique"),
        ({"tranche_effectif": "99"}, "tranche_effectif"),
        ({"categorie_entreprise": "TPE"}, "categorie_entreprise"),
        ({"est_employeur": "perhaps"}, "est_employeur"),
        ({"date_creation": "04/03/2012"}, "date_creation"),
        ({"latitude": 45.0}, "latitude"),
        ({"latitude": None}, "latitude"),
        ({"longitude": None}, "latitude"),
        ({"latitude": None, "longitude": 4.5}, "latitude"),
        ({"latitude": 91, "longitude": 0}, "latitude"),
        ({"is_active": "perhaps"}, "is_active"),
        ({"reason": "X" * 501, "nom": "Y"}, "reason"),
        ({"reason": "alone"}, "nom"),
    ],
)
def test_what_is_no_value_is_refused_and_nothing_is_written(
    acme: Entreprise, marie: Client, values: dict[str, Any], field: str
) -> None:
    assert field in problem(write(marie, **values), 400, "invalid-parameters")["errors"]
    assert not Modification.objects.exists()


@pytest.mark.parametrize("body", ["[]", '"nom"', "null", "1"])
def test_a_body_that_is_no_object_is_refused(acme: Entreprise, marie: Client, body: str) -> None:
    response = marie.patch(ADDRESS, body, content_type="application/json", headers={"if-match": etag()})
    problem(response, 400, "invalid-parameters")


def test_who_prefers_french_is_refused_in_french(acme: Entreprise, marie: Client, staff: Staff) -> None:
    def refused(client: Client, match: str = "*", **values: Any) -> str:
        headers = {"accept-language": "fr", "if-match": match}
        answer = client.patch(ADDRESS, json.dumps(values), content_type="application/json", headers=headers)
        assert answer["Content-Language"] == "fr"
        return str(answer.json()["detail"])

    assert refused(Client()).startswith("Seule l’équipe peut le faire")
    assert refused(Client(headers={"authorization": "Token nobody"})).startswith("Aucun compte actif")
    assert "n’a pas la permission enterprise.change_entreprise" in refused(staff(name="other"))
    assert refused(marie, match="").startswith("Envoyez l’ETag")
    assert refused(marie, match='"nothing"', nom="X").startswith(f"{SIREN} a changé depuis sa lecture.")
    assert refused(marie, code_postal="4200") == "code_postal: Un code postal a cinq chiffres."
    assert refused(marie, nam="X").startswith("nam: L’équipe n’écrit pas de telle colonne.")
    assert refused(marie, nom=None) == "nom: Ce champ ne peut être nul."


def test_a_company_that_is_not_there_is_404(marie: Client) -> None:
    problem(write(marie, match="*", nom="X"), 404, "not-found")
    problem(write(marie, address="/api/entreprises/73282932000074/", match="*", nom="X"), 404, "not-found")
    problem(write(marie, address="/api/entreprises/x/", match="*", nom="X"), 400, "invalid-siren")


def test_staff_alone_read_corrections_and_the_trail(acme: Entreprise, marie: Client, staff: Staff) -> None:
    write(marie, nom="OTHER")
    for what in ("corrections", "modifications"):
        problem(Client().get(f"/api/{what}/"), 401, "not-authenticated")
        problem(staff("change_entreprise", name=f"other-{what}").get(f"/api/{what}/"), 403, "not-allowed")
        response = marie.get(f"/api/{what}/")
        assert response.json()["results"]
        assert response["Cache-Control"] == "no-store"
    public = Client().get(ADDRESS)
    assert "marie" not in public.content.decode()


def test_the_trail_is_walked_in_pages(acme: Entreprise, marie: Client) -> None:
    for number in range(5):
        write(marie, telephone=str(number))
    first = marie.get("/api/modifications/?page_size=3").json()
    rest = marie.get(first["next"]).json()
    values = [each["new_value"] for page in (first, rest) for each in page["results"]]
    assert values == ["4", "3", "2", "1", "0"]


def hide_by_api(marie: Client) -> None:
    assert write(marie, statut_diffusion="P", reason="Mme Durand asked").status_code == 200


def hide_by_sql(_: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE enterprise_entreprise SET statut_diffusion = 'P'")


def move_and_hide_by_sql(_: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE enterprise_entreprise SET statut_diffusion = 'P', departement = '69'")


def remove(_: Client) -> None:
    Entreprise.objects.all().delete()


@pytest.mark.parametrize("hide", [hide_by_api, hide_by_sql, move_and_hide_by_sql, remove])
def test_what_is_withheld_is_in_no_correction_and_in_no_trail(
    company: Callable[..., Entreprise], marie: Client, hide: Callable[[Client], None]
) -> None:
    company("JEANNE MARTIN", siren=SIREN, categorie_juridique="1000", adresse="1 RUE DU PORT")
    write(
        marie, nom="JEANNE DURAND", adresse="2 RUE DU PORT", tranche_effectif="01", reason="Mme Durand called"
    )
    hide(marie)
    stored = [*Correction.objects.values_list("value", "register_value", "reason")]
    stored += [*Modification.objects.values_list("old_value", "new_value", "reason")]
    for text in ("DURAND", "MARTIN", "Durand", "RUE DU PORT"):
        assert text not in str(stored)
    fields = {each["field"]: each["new_value"] for each in told(marie)}
    assert (fields["nom"], fields["adresse"], fields["tranche_effectif"]) == ("[ND]", "[ND]", "01")


def test_only_the_register_says_what_is_withheld(acme: Entreprise, marie: Client) -> None:
    Etablissement.objects.create(siret=f"{SIREN}00074", siren=SIREN, nom_commercial="LE PORT")
    assert write(marie, statut_diffusion="P").json()["adresse"] == ""
    for values in ({"adresse": "1 RUE"}, {"nom": "X"}, {"telephone": "1"}, {"statut_diffusion": "O"}):
        error = problem(write(marie, **values), 409, "withheld")
        assert next(iter(values)) in error["detail"]
    assert write(marie, tranche_effectif="11").status_code == 200
    answer = marie.delete(f"{ADDRESS}corrections/statut_diffusion/", headers={"if-match": etag()})
    assert answer.json()["statut_diffusion"] == "P"  # until the register is imported
    assert [each["field"] for each in told(marie, "corrections")] == ["tranche_effectif"]


def test_the_account_may_go_and_the_trail_stays(acme: Entreprise, marie: Client) -> None:
    write(marie, nom="OTHER")
    User.objects.all().delete()
    problem(write(marie, nom="THIRD"), 401, "not-authenticated")
    assert Modification.objects.get().author == "marie"


def test_the_schema_has_the_token_the_bodies_and_examples() -> None:
    schema = Client().get("/api/schema/").json()
    operations = schema["paths"]["/api/entreprises/{siren}/"]
    assert {"get", "put", "patch", "delete"} <= operations.keys()
    assert operations["get"].get("security", [{}]) == [{}]
    assert operations["patch"]["security"] == [{"tokenAuth": []}]
    assert operations["patch"]["requestBody"]["content"]["application/json"]["examples"]
    assert "If-Match" in [each["name"] for each in operations["patch"]["parameters"]]
    assert {"401", "403", "412", "428", "409"} <= operations["patch"]["responses"].keys()
    assert "201" in schema["paths"]["/api/entreprises/"]["post"]["responses"]
