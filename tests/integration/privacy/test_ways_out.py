"""Every way out of the directory, walked for fifty persons who asked not to be shown: none of their names is there.

The search index knows them by name, and is in sync, late, or kept by nobody any more. A customer's list, loaded after
the register, names them again. All this is committed once for each state of the index, and every test looks at it in a
transaction that is rolled back.
"""

import base64
import csv
import json
import logging
import shutil
import subprocess
from collections.abc import Iterator
from io import StringIO
from itertools import pairwise, product
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, override_settings
from pytest_django import DjangoDbBlocker

from foxreviews.core.progress import Reporter
from foxreviews.enterprise.models import AncienNom, Entreprise, Etablissement, Succession
from foxreviews.enterprise.privacy import WITHHELD
from foxreviews.importing.models import ImportReject, ImportRun
from foxreviews.localdb.binaries import client_of_major
from foxreviews.reference.identifiers import siren_with_key
from foxreviews.search.index.reader import reader_of
from foxreviews.search.index.rebuild import catch_up, rebuild
from foxreviews.search.index.storage import IndexStorage
from foxreviews.search.index.writer import IndexWriter

HEADER = [
    "siren",
    "nom",
    "nom_commercial",
    "adresse",
    "code_postal",
    "ville_nom",
    "naf_code",
    "telephone",
    "email",
]
PERSONS = [siren_with_key(number) for number in range(97_300_000, 97_300_050)]
OTHERS = [siren_with_key(number) for number in range(55_200_000, 55_200_010)]
FIRST = ("ZEPHIRIN", "ODETTE", "HORTENSE", "ODILON", "PELAGIE")


def family(number: int) -> str:
    """QUENOUXAD, a name that nobody else has."""
    return f"QUENOUX{chr(ord('A') + number // 10)}{chr(ord('A') + number % 10)}"


def record(number: int) -> list[str]:
    name = f"{FIRST[number % 5]} {family(number)}"
    street, sign = f"{number} RUE {family(number)}", f"CHEZ {family(number)}"
    contact = (f"04000000{number:02}", f"{family(number).lower()}@example.org")
    return [PERSONS[number], name, sign, street, "69003", "LYON", "10.71C", *contact]


def branch(number: int) -> Etablissement:
    """A shop in Nantes, with a sign, a street and a position."""
    siren, sign = PERSONS[number], f"SHOP {family(number)}"
    names = {"nom_commercial": sign, "autres_noms": f"enseigne:{sign}", "localite": family(number)}
    where = {
        "libelle_voie": family(number),
        "ville_nom": "Nantes",
        "code_postal": "44000",
        "departement": "44",
    }
    return Etablissement(siret=shop(siren), siren=siren, latitude=47.2, longitude=-1.5, **names, **where)


def shop(siren: str) -> str:
    return f"{siren}00002"


def add_former_names_and_successions() -> None:
    """Each had a name before, and took a shop over from the next."""
    AncienNom.objects.bulk_create(
        AncienNom(siren=siren, nature="nom", nom=f"ANCIENNE {family(number)}", date_fin="2020-01-01")
        for number, siren in enumerate(PERSONS)
    )
    kind = {"date": "2020-01-01", "transfert_siege": True, "continuite_economique": True}
    Succession.objects.bulk_create(
        Succession(predecesseur=shop(one), successeur=shop(other), **kind) for one, other in pairwise(PERSONS)
    )


def secrets(number: int) -> set[str]:
    return {family(number), f"04000000{number:02}"}


SECRETS = set[str]().union(*map(secrets, range(50)))


class Quiet(Reporter):
    def __init__(self) -> None:
        super().__init__(StringIO(), logging.getLogger("quiet"))


def load(rows: list[list[str]], *more: str) -> None:
    """load(rows, more header): a customer's list."""
    with NamedTemporaryFile("w", suffix=".csv", newline="") as file:
        csv.writer(file).writerows([[*HEADER, *more], *rows])
        file.flush()
        call_command("import_entreprises_bulk", file.name, stdout=StringIO())


def add_persons_and_others(storage: IndexStorage) -> None:
    """All are public yet, and in the index by name."""
    load([[siren, f"ODETTE FLEURS {n}", "", "1 RUE HAUTE", "69003", "LYON", "47.76Z", "", ""]
          for n, siren in enumerate(OTHERS)])  # fmt: skip
    load([[*record(number), "1000"] for number in range(50)], "categorie_juridique")
    Etablissement.objects.bulk_create(map(branch, range(50)))
    add_former_names_and_successions()
    rebuild(storage, Quiet())
    for typed in (family(7), f"shop {family(7)} nantes", f"ancienne {family(7)}"):
        assert Client().get("/api/entreprises/", {"q": typed}).json()["total"], (
            "they are known by name and sign"
        )


def commit(storage: IndexStorage, state: str) -> None:
    """`state` of the index: "in sync", "late" or "dead"."""
    add_persons_and_others(storage)
    writer = IndexWriter(storage.required())
    half, rest = PERSONS[:25], PERSONS[25:]
    Entreprise.objects.filter(siren__in=half).update(statut_diffusion="P")
    if state == "late":
        writer.apply()
    Entreprise.objects.filter(siren__in=rest).update(statut_diffusion="P")
    load([record(number) for number in range(50)])
    if state == "in sync":
        catch_up(storage, Quiet())


@pytest.fixture(scope="module", params=["in sync", "late", "dead"])
def committed(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    """The folder of logs and of an index of persons who were public, turned partial, and then were named by a list."""
    folder = tmp_path_factory.mktemp("directory")
    with override_settings(**settings_of(folder)):
        try:
            with django_db_blocker.unblock():
                commit(IndexStorage(folder / "search"), request.param)
            yield folder
        finally:
            with django_db_blocker.unblock(), connection.cursor() as cursor:
                call_command("flush", verbosity=0, interactive=False)
                # No tables of models: the flush leaves them.
                cursor.execute("TRUNCATE enterprise_hidden, search_change, search_index")


@pytest.fixture
def storage(committed: Path, tmp_path: Path, settings: Any) -> IndexStorage:
    """A copy of the logs and of the index, which the test may change."""
    shutil.copytree(committed, tmp_path, dirs_exist_ok=True, symlinks=True)
    for name, value in settings_of(tmp_path).items():
        setattr(settings, name, value)
    return IndexStorage(settings.SEARCH_INDEX_DIR)


@pytest.fixture
def directory(storage: IndexStorage, db: None) -> None:
    """All that is committed, in a transaction."""


def settings_of(folder: Path) -> dict[str, Any]:
    return {
        "SEARCH_INDEX_DIR": folder / "search",
        "LOG_DIR": folder / "logs",
        "SEARCH_ENGINE": "tantivy",
    }


def found_in(text: str) -> set[str]:
    return {secret for secret in SECRETS if secret in text.upper()}


def with_cursors(response: Any) -> str:
    """The answer's text, and what its cursors hold."""
    body = response.content.decode()
    if response.headers["Content-Type"] == "application/json":
        for link in filter(None, (response.json().get(name) for name in ("next", "previous"))):
            for cursor in parse_qs(urlsplit(link).query).get("cursor", []):
                data = cursor.split(":")[0]
                body += base64.urlsafe_b64decode(data + "=" * (-len(data) % 4)).decode(errors="replace")
    return body


def walk(url: str) -> Iterator[str]:
    """All pages."""
    while url:
        response = Client().get(url)
        assert response.status_code == 200
        yield with_cursors(response)
        url = response.json()["next"]


def test_no_list_and_no_cursor_holds_a_name(directory: None) -> None:
    for ordering in ("nom", "-nom", "created_at", "-created_at"):
        pages = list(walk(f"/api/entreprises/?ordering={ordering}&page_size=7"))
        assert len(pages) > 8
        assert not found_in("".join(pages))
        assert all(siren in "".join(pages) for siren in PERSONS), "they are listed, without their names"


def test_no_establishment_and_no_succession_tells_who_and_where(directory: None) -> None:
    for query in ("", "&departement=44", "&est_siege=false"):
        pages = "".join(walk(f"/api/etablissements/?page_size=20{query}"))
        assert not found_in(pages)
        assert all(shop(siren) in pages for siren in PERSONS), "they are listed, without name and street"
    for siren in PERSONS[::7]:
        for address in (
            f"entreprises/{siren}/etablissements",
            f"entreprises/{siren}/successions",
            f"etablissements/{shop(siren)}",
            f"etablissements/{shop(siren)}/successions",
        ):
            response = Client().get(f"/api/{address}/")
            assert response.status_code == 200
            assert shop(siren) in response.content.decode()
            assert not found_in(with_cursors(response))


def test_nobody_finds_them_where_their_shop_is(directory: None) -> None:
    near = {"near": "47.2,-1.5", "radius_km": "50"}
    for more in ({}, {"ordering": "distance"}, {"facets": "departement"}):
        body = Client().get("/api/etablissements/", near | more).json()
        assert body["results"] == []
        assert not body.get("total")
    for number, words in product((0, 30), ("{}", "shop {}", "shop {} nantes", "rue {}", "ancienne {}")):
        response = Client().get("/api/etablissements/", {"q": words.format(family(number))})
        assert not {row["siren"] for row in response.json()["results"]} & {*PERSONS}


def test_no_words_find_them_and_no_count_tells_of_them(directory: None) -> None:
    queries = (
        "{}",
        "zephirin {}",
        "{} lyon",
        "shop {} nantes",
        "rue {}",
        "chez {}",
        "boulangerie {}",
        "ancienne {}",
    )
    for number, words, ordering in product((0, 30, 45), queries, ({}, {"ordering": "nom"})):
        asked = {"q": words.format(family(number)), "facets": "departement,is_active", "explain": "true"}
        response = Client().get("/api/entreprises/", asked | ordering)
        body = response.json()
        assert not {row["siren"] for row in body["results"]} & {*PERSONS}
        assert not found_in(with_cursors(response).replace(asked["q"], ""))
        assert body["total"] == len(body["results"])
        assert all(each["count"] <= body["total"] for each in body["facets"]["departement"])


def test_the_words_that_they_share_with_others_count_the_others_alone(directory: None) -> None:
    asked = {"q": "odette", "facets": "is_active", "page_size": 3}
    body = Client().get("/api/entreprises/", asked).json()
    assert body["engine"] == "tantivy"
    assert (body["total"], body["facets"]["is_active"][0]["count"]) == (10, 10)
    assert [row["nom"].split()[1] for row in body["results"]] == ["FLEURS"] * 3
    assert "ODETTE" not in "".join(walk("/api/entreprises/?q=odette&page_size=3")).replace(
        "ODETTE FLEURS", ""
    ).replace("<mark>ODETTE</mark> FLEURS", "")


def test_no_suggestion_names_them(directory: None) -> None:
    for number in range(0, 50, 5):
        for typed in (family(number), family(number)[:-1], f"zephirin {family(number)[:6]}", PERSONS[number]):
            response = Client().get("/api/suggestions/", {"q": typed.lower(), "limit": 20})
            kinds = {each["kind"] for each in response.json()["results"]}
            assert not kinds & {"entreprise", "enseigne"}
    suggested = Client().get("/api/suggestions/", {"q": "odet", "limit": 20}).json()["results"]
    assert {each["code"] for each in suggested} == {*OTHERS}


def test_the_mask_is_no_name(directory: None) -> None:
    for typed in ("[nd]", "nd", "nd lyon"):
        assert Client().get("/api/entreprises/", {"q": typed}).json()["results"] == []


def test_their_pages_and_errors_hold_nothing(directory: None) -> None:
    for siren in PERSONS:
        response = Client().get(f"/api/entreprises/{siren}/")
        assert (response.json()["nom"], response.json()["anciens_noms"]) == ("[ND]", [])
        assert not found_in(with_cursors(response))
    for url in ("/api/entreprises/000000000/", "/api/entreprises/?cursor=x", "/api/entreprises/?page_size=0"):
        assert not found_in(Client().get(url).content.decode())


def test_many_numbers_at_once_tell_no_more(directory: None) -> None:
    asked = {"siren": [*PERSONS], "siret": [shop(siren) for siren in PERSONS]}
    answer = Client().post("/api/lots/", asked, content_type="application/json").content.decode()
    assert json.loads(answer)["not_found"] == {"siren": [], "siret": []}
    assert not found_in(answer)


def test_the_admin_lists_and_shows_no_name(directory: None, client: Client) -> None:
    client.force_login(User.objects.create_superuser("operator"))
    pages = [client.get("/admin/enterprise/entreprise/", {"p": page}) for page in (1, 2)]
    pages += [client.get("/admin/enterprise/entreprise/", {"o": order}) for order in ("2", "-2")]
    pages += [client.get(f"/admin/enterprise/entreprise/{key}/change/")
              for key in Entreprise.objects.filter(siren__in=PERSONS[:5]).values_list("pk", flat=True)]  # fmt: skip
    pages.append(client.get("/admin/enterprise/etablissement/"))
    pages += [client.get(f"/admin/enterprise/etablissement/{shop(siren)}/change/") for siren in PERSONS[:5]]
    assert all(page.status_code == 200 for page in pages)
    assert not found_in("".join(page.content.decode() for page in pages))
    assert PERSONS[3] not in client.get("/admin/enterprise/entreprise/", {"q": family(3)}).content.decode()


def test_logs_and_metrics_hold_nothing(
    directory: None, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "foxreviews"):
        for number in (0, 30):
            Client().get("/api/entreprises/", {"q": family(number)})
    written = caplog.text + "".join(
        str(vars(each)) for each in caplog.records if each.name != "django.db.backends"
    )
    written += Client().get("/metrics").content.decode()
    for path in Path(settings.LOG_DIR).glob("*.log"):
        written += path.read_text()
    assert not found_in(written)


def test_a_dump_of_the_database_holds_nothing(directory: None) -> None:
    parameters = connection.settings_dict
    where = f"host={parameters['HOST']} port={parameters['PORT']} dbname={parameters['NAME']} user={parameters['USER']}"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        major = int(cursor.fetchone()[0]) // 10_000
    dump = subprocess.run(
        [client_of_major("pg_dump", major), where],
        check=True,
        capture_output=True,
        env={"PGPASSWORD": parameters["PASSWORD"] or ""},
    )
    assert PERSONS[0] in dump.stdout.decode()
    assert not found_in(dump.stdout.decode())


def test_the_files_of_the_index_hold_nothing_once_it_was_caught_up(
    storage: IndexStorage, django_db_blocker: DjangoDbBlocker
) -> None:
    with (
        django_db_blocker.unblock()
    ):  # a rebuild, which only reads the database, has a transaction of its own
        catch_up(storage, Quiet())
        indexes = reader_of(storage.folder).indexes()
    assert indexes
    searcher = indexes.entreprises.searcher()
    assert searcher.doc_freq("nom", "FLEURS") == len(OTHERS)
    words = [
        (field, family(number))
        for number in range(50)
        for field in ("nom", "joined", "key", "adresse", "enseigne")
    ]
    assert not [each for each in words if searcher.doc_freq(*each)]
    kept = b"".join(path.read_bytes() for path in storage.required().rglob("*") if path.is_file())
    assert not found_in(kept.decode("latin-1"))
    assert [path for path in storage.folder.iterdir() if path.is_dir() and not path.is_symlink()] == [
        storage.required()
    ]


def test_a_list_that_names_them_says_unchanged_each_time(directory: None) -> None:
    before = list(Entreprise.objects.order_by("siren").values())
    load([record(number) for number in range(50)])
    load([[*record(number), "5710", "O"] for number in range(50)], "categorie_juridique", "statut_diffusion")
    assert list(Entreprise.objects.order_by("siren").values()) == before
    assert not found_in(str(Entreprise.objects.values_list(*WITHHELD)))


def test_rejected_records_keep_no_name(directory: None, settings: Any) -> None:
    too_long = "X" * 300
    with pytest.raises(CommandError, match="Nothing was loaded"):
        load([[*record(number)[:5], too_long, *record(number)[6:]] for number in range(10)])
    told = [siren_with_key(97_400_000), *record(7)[1:5], too_long, *record(7)[6:], "1000", "P"]
    with pytest.raises(CommandError, match="Nothing was loaded"):
        load([told], "categorie_juridique", "statut_diffusion")
    kept = ImportReject.objects.order_by("pk").values_list("raw", flat=True)
    assert list(kept) == [*(f"{siren} [ND]" for siren in PERSONS[:10]), "[ND]"]
    written = "".join(path.read_text() for path in Path(settings.LOG_DIR).glob("*.log"))
    assert not found_in(written + "".join(map(str, ImportRun.objects.values_list("report", flat=True))))
