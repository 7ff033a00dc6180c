"""The page that matches a list: a form, a table, a file; nothing of the list is kept, and none of it does harm."""

import csv
import io
import logging
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from foxreviews.core.rate_table import Rate
from foxreviews.enterprise.models import Entreprise
from foxreviews.enterprise.privacy import PARTIAL
from foxreviews.matching.results import RESULTS
from foxreviews.matching.short_list import MAX_BYTES, MAX_COLUMNS, MAX_LINES
from foxreviews.reference.register import NATURAL_PERSON
from foxreviews.web.match import LINES_AT_ONCE, MAX_BODY, REVIEWED
from tests.integration.web.pages import Page, compressed, read
from tests.integration.web.test_pages import HOSTILE, inline
from tests.integration.web.test_pages import MAX_BYTES as MAX_PAGE

pytestmark = pytest.mark.django_db

FORM, RESULT, LINES, FILE = (f"/rapprocher{each}" for each in ("", "/resultat", "/lignes", "/fichier"))
LIST = "Nom;Adresse;CP;Ville;Note\nLe Fournil de Lion;12 r des lilas;69003;LYON;=1+1\nZwyx;;;;\n"


@pytest.fixture
def directory(bakery: Entreprise, person: Entreprise, index: Callable[[], None]) -> Entreprise:
    index()
    return bakery


def post(path: str, **fields: Any) -> Any:
    return Client().post(path, fields)


def matched(text: str = LIST, **fields: Any) -> Page:
    response = post(RESULT, liste=text, **fields)
    assert response.status_code == 200, response.content
    return read(response)


def tokens(page: Page) -> list[str]:
    return [each["value"] for each in page.all("input", name="lot")]


def rows_of(response: Any) -> list[dict[str, str]]:
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response["Content-Disposition"]
    text = response.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_the_page_takes_a_list_in_both_languages(directory: Entreprise, client: Client) -> None:
    for prefix, title in (("", "Rapprocher une liste"), ("/en", "Match a list")):
        response = client.get(f"{prefix}{FORM}")
        page = read(response)
        assert response.status_code == 200
        assert title in page.text
        assert page.all("form", action=f"{prefix}{RESULT}", method="post")
        assert "public" in response["Cache-Control"]
        assert not response.cookies
        assert compressed(response) <= MAX_PAGE
    assert read(client.get("/")).all("a", href=FORM)
    assert read(client.get("/activites")).all("a", href=FORM), "in the foot of each page"


def test_each_line_has_its_company_with_why_and_how_sure(directory: Entreprise) -> None:
    page = matched()
    first, second = page.all("tr", role="row")[1:]
    assert (first["data-number"], second["data-number"]) == ("2", "3")
    assert (first["data-decision"], second["data-decision"]) == ("accept", "none")
    assert page.all("input", name="l2", value="1")[0]["checked"] == ""
    assert "checked" in page.all("input", name="l3", value="0")[0]
    assert page.all("a", href=f"/entreprise/{directory.siren}-le-fournil-de-lyon")
    for words in ("retenue", "presque le même nom", "à la même adresse", "69003 Lyon", "99 %"):
        assert words in page.text, words
    assert "aucune entreprise ne porte ce nom" in page.text
    assert (page.wrong, page.open, inline(page)) == ([], [], [])
    assert "noindex" in page.all("meta", name="robots")[0]["content"]


def test_a_file_is_read_as_what_is_pasted_and_comes_before_it(directory: Entreprise) -> None:
    file = SimpleUploadedFile("clients.csv", LIST.encode("cp1252"), "text/csv")
    page = matched("nom\nA\nB\nC\n", fichier=file)
    assert len(page.all("tr", role="row")) == 3


def test_with_javascript_lines_are_matched_a_few_at_a_time(directory: Entreprise) -> None:
    count = LINES_AT_ONCE + 10
    page = matched("nom;cp\n" + "Le Fournil de Lyon;69003\n" * count, progress="1")
    assert page.all("progress", max=str(count))
    first, second = tokens(page)
    assert not page.all("input", type="radio", name="l2")
    piece = read(post(LINES, lot=first))
    assert len(piece.all("tr")) == LINES_AT_ONCE
    assert len(read(post(LINES, lot=second)).all("tr")) == 10
    (done,) = tokens(piece)
    assert post(LINES, lot=done).status_code == 400, "they are matched already"
    assert (piece.wrong, piece.open, inline(piece)) == ([], [], [])


def test_a_piece_speaks_the_language_of_its_address(directory: Entreprise) -> None:
    (token,) = tokens(matched(progress="1"))
    assert "accepted" in read(post(f"/en{LINES}", lot=token)).text
    assert "retenue" in read(post(LINES, lot=token)).text


def test_the_file_has_the_list_what_was_found_and_what_was_decided(directory: Entreprise) -> None:
    page = matched()
    first, second = rows_of(post(FILE, lot=tokens(page), l2="1", l3="0"))
    assert [*first] == ["Nom", "Adresse", "CP", "Ville", "Note", *RESULTS, REVIEWED]
    assert (first["Nom"], first["match_siren"], first["match_decision"]) == (
        "Le Fournil de Lion", directory.siren, "accept",
    )  # fmt: skip
    assert first["match_evidence"].startswith("presque le même nom; ")
    assert (first[REVIEWED], second[REVIEWED], second["match_siren"]) == ("", "", "")
    assert first["Note"] == "'=1+1", "no spreadsheet runs it"
    refused, _ = rows_of(post(FILE, lot=tokens(page), l2="0", l3="0"))
    assert (refused["match_decision"], refused["match_siren"], refused[REVIEWED]) == ("none", "", "yes")
    assert refused["match_2_siren"] == directory.siren


def test_the_other_company_may_be_chosen(
    directory: Entreprise, company: Callable[..., Entreprise], index: Callable[[], None]
) -> None:
    for _ in range(2):
        company("LE MOULIN", code_postal="44000", ville_nom="Nantes", ville_id="44109", departement="44")
    index()
    page = matched("nom;ville\nLe Moulin;Nantes\n")
    (row,) = page.all("tr", role="row")[1:]
    assert row["data-decision"] == "review"
    assert not any("checked" in each for each in page.all("input", type="radio", name="l2")), "a person must"
    (untouched,) = rows_of(post(FILE, lot=tokens(page)))
    assert (untouched["match_decision"], untouched[REVIEWED]) == ("review", "")
    (first,) = rows_of(post(FILE, lot=tokens(page), l2="1"))
    (other,) = rows_of(post(FILE, lot=tokens(page), l2="2"))
    assert (first["match_siren"], first[REVIEWED]) == (untouched["match_siren"], "yes")
    assert (other["match_siren"], other["match_2_siren"]) == (first["match_2_siren"], first["match_siren"])
    assert (other["match_decision"], other[REVIEWED]) == ("accept", "yes")


def test_lines_that_are_not_matched_yet_are_in_the_file_as_they_are(directory: Entreprise) -> None:
    first, _ = rows_of(post(FILE, lot=tokens(matched(progress="1"))))
    assert (first["Nom"], first["match_decision"]) == ("Le Fournil de Lion", "")


def test_a_list_that_was_matched_before_gets_new_results(directory: Entreprise) -> None:
    page = matched("nom;match_siren;match_reviewed\nZwyx;111111118;yes\n")
    (row,) = rows_of(post(FILE, lot=tokens(page), l2="0"))
    assert (row["match_siren"], row[REVIEWED]) == ("", "")


def test_a_thousand_lines_come_back_with_their_choices(directory: Entreprise) -> None:
    page = matched("nom;adresse;cp\n" + "Le Fournil de Lyon;12 rue des Lilas;69003\n" * MAX_LINES)
    choices = {f"l{number}": "1" for number in range(2, MAX_LINES + 2)}
    sent = tokens(page)
    assert sum(map(len, sent)) + 8 * MAX_LINES < MAX_BODY, "what a web server takes"
    assert len(rows_of(post(FILE, lot=sent, **choices))) == MAX_LINES


def test_a_list_that_could_not_come_back_is_refused_before_it_is_matched(directory: Entreprise) -> None:
    chance = random.Random(1)
    lines = "".join(f"{chance.randbytes(9).hex()};{chance.randbytes(80).hex()}\n" for _ in range(MAX_LINES))
    for fields in ({"progress": "1"}, {}):
        response = post(RESULT, liste=f"nom;note\n{lines}", **fields)
        page = read(response)
        assert response.status_code == 413
        assert "une page peut en renvoyer 250 000" in page.text
        assert page.all("textarea", name="liste")
    assert lines[:200] in response.content.decode(), "columns can be left out of it"
    part = lines[: len(lines) // 3].rpartition("\n")[0]
    assert post(RESULT, liste=f"nom;note\n{part}", progress="1").status_code == 200


def test_one_piece_that_is_sent_again_and_again_is_no_list(directory: Entreprise) -> None:
    (token,) = tokens(matched())
    assert post(FILE, lot=[token] * 700, l2="1", l3="0").status_code == 400
    (other,) = tokens(matched("nom\n" + "\n" * 9 + "Zwyx\n"))
    assert post(FILE, lot=[token, other], l2="1", l3="0").status_code == 400, "of another width"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "La liste est vide"),
        ("nom\n", "La liste est vide"),
        ("prix;ville\n1;Lyon\n", "nom;ville. Elle dit : prix;ville"),
        ("nom\n" + "A\n" * (MAX_LINES + 1), "La liste a 1 001 lignes, et peut en avoir 1 000"),
        ('nom;ville\n"A;Lyon\nB;Lyon\n', "La ligne 2 ouvre un guillemet"),
        ("nom;" + "x;" * 200 + "\nA\n", "colonnes, et peut en avoir 100"),
    ],
)
def test_a_list_that_cannot_be_read_is_the_page_again_with_the_reason(
    client: Client, text: str, said: str
) -> None:
    response = client.post(RESULT, {"liste": text})
    page = read(response)
    assert response.status_code == 400
    assert page.all("div", role="alert")
    assert said in page.text
    assert text.strip()[:20] in response.content.decode().replace("&quot;", '"'), "it can be put right"
    assert (page.wrong, page.open, inline(page)) == ([], [], [])
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04" + b"x" * 100, "Enregistrez le classeur au format CSV"),
        ("nom\nПекарня у моста\n".encode("cp1251"), "Les lettres de ce fichier ne se lisent pas"),
    ],
)
def test_a_file_that_is_no_list_says_what_to_do(client: Client, content: bytes, said: str) -> None:
    response = client.post(RESULT, {"fichier": SimpleUploadedFile("a.xlsx", content)})
    assert (response.status_code, said in read(response).text) == (400, True)


@pytest.mark.parametrize("size", [MAX_BYTES + 1, MAX_BODY + 1])
def test_a_list_that_is_too_large_is_a_413_of_the_same_design(client: Client, size: int) -> None:
    response = client.post(RESULT, {"fichier": SimpleUploadedFile("a.csv", b"nom\n" + b"A" * (size - 4))})
    assert response.status_code == 413
    assert "La liste est trop lourde : elle peut avoir 200 000 octets" in read(response).text


def test_a_line_with_too_many_cells_is_left_out_and_named(directory: Entreprise) -> None:
    page = matched("nom;cp\nZwyx;69003;1;2\nLe Fournil de Lyon;69003\n")
    assert [row["data-number"] for row in page.all("tr", role="row")[1:]] == ["3"]
    assert "elles ont été laissées de côté : 2" in page.text


def test_nothing_of_a_hostile_list_does_harm(directory: Entreprise) -> None:
    text = io.StringIO()
    names = ["nom", "adresse", *HOSTILE][:MAX_COLUMNS]
    csv.writer(text, delimiter=";").writerows([names, *([each, each] for each in HOSTILE)])
    page = matched(text.getvalue())
    assert (page.wrong, page.open, inline(page)) == ([], [], [])
    assert {tag for tag, _ in page.tags}.isdisjoint({"img", "b"})
    assert len(page.all("tr", role="row")) == len(HOSTILE) + 1
    assert len(rows_of(post(FILE, lot=tokens(page)))) == len(HOSTILE)
    header = post(RESULT, liste="<script>alert(1)</script>;\u202eprix\nA\n")
    assert (header.status_code, inline(read(header))) == (400, [])


def test_what_comes_back_is_what_was_sent(directory: Entreprise) -> None:
    page = matched()
    (token,) = tokens(page)
    for lot in ("", "x", token[:-1], token[:-2] + "xx", "a:b:c"):
        assert post(FILE, lot=lot).status_code == 400
        assert post(LINES, lot=lot).status_code == 400
    assert post(FILE).status_code == 400
    assert post(FILE, lot=token, l2="7").status_code == 400, "no such company"
    assert post(FILE, lot=token, l2="-1").status_code == 400


def test_who_is_hidden_is_in_no_result(
    directory: Entreprise, company: Callable[..., Entreprise], index: Callable[[], None]
) -> None:
    hidden = company(
        "SECRET JEAN", categorie_juridique=NATURAL_PERSON, statut_diffusion=PARTIAL, code_postal="69003"
    )
    index()
    response = post(RESULT, liste=f"nom;siren;cp\nJean Secret;{hidden.siren};69003\n")
    assert read(response).all("tr", role="row")[1]["data-decision"] == "none"
    assert "SECRET" not in response.content.decode()


def test_nothing_of_a_list_is_kept_or_logged(directory: Entreprise, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        response = post(RESULT, liste="nom;adresse\nZébulon Confidentiel;99 rue Cachée\n")
    assert "Confidentiel" not in caplog.text
    assert "Cachée" not in caplog.text
    assert not response.cookies
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", [RESULT, LINES, FILE, f"/en{RESULT}"])
def test_a_form_is_taken_from_this_site_alone(client: Client, path: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
    ):
        response = strict.post(path, {"liste": "nom\n"}, headers=headers)
        assert response.status_code == 403, headers
        assert read(response).all("input", name="q")
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}, {}):
        assert strict.post(path, {"liste": "nom\n"}, headers=headers).status_code == 400, headers


def test_who_opens_the_address_of_a_form_comes_to_its_page(client: Client) -> None:
    for path in (RESULT, LINES, FILE):
        assert client.get(path)["Location"] == FORM
        assert client.get(f"/en{path}")["Location"] == f"/en{FORM}"


def test_lists_have_the_rate_of_matching(client: Client, settings: Any) -> None:
    settings.RATES = settings.RATES | {"match": Rate(1, 3600)}
    answers = [client.post(path, {"liste": ""}, REMOTE_ADDR="192.0.2.79") for path in (RESULT, LINES)]
    assert [answer.status_code for answer in answers] == [400, 429]
    assert int(answers[1]["Retry-After"]) > 0
    assert client.get(FORM, REMOTE_ADDR="192.0.2.79").status_code == 200, "the page is a page"


@pytest.mark.parametrize("engine", ["tantivy", "postgres"])
def test_without_an_index_the_page_says_so_and_no_list_waits_for_it(
    towns: None, client: Client, settings: Any, engine: str
) -> None:
    settings.SEARCH_ENGINE = engine
    response = client.get(FORM)
    assert "Aucune liste ne peut être rapprochée pour le moment" in read(response).text
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    for fields in ({"progress": "1"}, {}):
        response = post(RESULT, liste="nom\nZwyx\n", **fields)
        assert (response.status_code, response["Retry-After"] != "") == (503, True)


def test_with_an_index_the_page_says_nothing_of_it(directory: Entreprise, client: Client) -> None:
    assert "index" not in read(client.get(FORM)).text
