"""The operator's page: for staff alone, kept by nobody; imports, rejects, the index, and what the checks say."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from foxreviews.core.locks import file_lock
from foxreviews.importing.models import ImportReject, ImportRun
from foxreviews.search.lag import Lag
from foxreviews.web import checks
from foxreviews.web.operations import MAX_RUNS, REJECTS_AT_ONCE, REJECTS_SHOWN
from tests.integration.web.pages import Page, read
from tests.integration.web.test_pages import HOSTILE, inline

pytestmark = pytest.mark.django_db

PAGE, REJECTS, FILE, CHECK = (
    f"/admin/exploitation{each}" for each in ("", "/rejets", "/rejets.csv", "/controle/doctor")
)
FINDINGS = {
    "holds": False,
    "findings": [
        {"subject": "migrations", "severity": "ok", "found": "all applied", "why": "", "fix": "", "figures": {}},
        {"subject": "statistics", "severity": "warning", "found": "<b>old</b>", "why": "It plans by them.",
         "fix": "manage.py maintain", "figures": {}},
        {"subject": "privacy", "severity": "error", "found": "silent", "why": "Names may be stored.",
         "fix": "manage.py migrate", "figures": {}},
    ],
}  # fmt: skip
STATUS = {
    "in_sync": False, "why": "It lacks 3 changes.", "engine": "tantivy", "folder": "/var/search", "generation": "g1",
    "format": 9, "built_at": "2026-01-31T12:00:00+00:00", "documents": 1234, "places": 5, "companies": 1237,
    "changes": 3, "seconds": 60.0, "bytes": 2048, "daemon": None, "rebuild": None, "health": "", "previous": "",
}  # fmt: skip


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
    return client


def add_run(rejects: int = 0, reason: str = "siren-key", **fields: Any) -> ImportRun:
    report = {
        "records": 12_345,
        "created": 12_000,
        "rejected": rejects,
        "rejects_by_reason": {reason: rejects},
    }
    run = ImportRun.objects.create(
        **{
            "source": "data/entreprises.csv",
            "status": "done",
            "report": report,
            "finished_at": timezone.now(),
        }
        | fields
    )
    ImportReject.objects.bulk_create(
        ImportReject(run=run, line=line, offset=line * 50, reason=reason, column="siren", raw=f"7328{line},X")
        for line in range(2, rejects + 2)
    )
    return run


def command(folder: Path, text: str) -> None:
    (folder / "manage.py").write_text(text)


@pytest.fixture
def says(tmp_path: Path, settings: Any) -> Callable[..., None]:
    """says(FINDINGS): what the command will print."""

    def write(said: object, code: int = 1) -> None:
        command(tmp_path, f"import sys\nprint({json.dumps(said)!r})\nsys.exit({code})\n")

    settings.BASE_DIR = tmp_path
    return write


def opened(client: Client, path: str, **query: object) -> Page:
    response = client.get(path, query)
    assert response.status_code == 200, path
    page = read(response)
    assert (page.wrong, page.open, inline(page)) == ([], [], []), path
    return page


def ran(client: Client, path: str) -> Page:
    response = client.post(path)
    assert response.status_code == 200, path
    page = read(response)
    assert (page.wrong, page.open, inline(page)) == ([], [], []), path
    return page


@pytest.mark.parametrize("path", [PAGE, REJECTS, FILE, CHECK, f"/admin/en{PAGE.removeprefix('/admin')}"])
def test_who_may_not_see_it_is_asked_to_log_in_or_refused(path: str) -> None:
    visitor, customer, clerk = Client(), Client(), Client()
    customer.force_login(User.objects.create_user("customer"))
    clerk.force_login(User.objects.create_user("clerk", is_staff=True))
    for client in (visitor, customer):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next={path}")
    refused = clerk.get(path)
    assert refused.status_code == 403
    for response in (visitor.get(path), refused):
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_the_permissions_of_the_admin_decide_who_sees_rejects() -> None:
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_importrun"))
    client = Client()
    client.force_login(user)
    run = add_run(rejects=1)
    page = opened(client, PAGE)
    assert not page.all("a", href=f"{REJECTS}?run={run.pk}")
    assert client.get(REJECTS).status_code == client.get(FILE).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_importreject"))
    assert client.get(REJECTS).status_code == 200


@pytest.mark.parametrize("path", [PAGE, REJECTS])
def test_it_is_kept_by_nobody_and_found_by_no_search_engine(operator: Client, path: str) -> None:
    add_run(rejects=1)
    for _ in range(2):
        response = operator.get(path)
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert "ETag" not in response
    assert "noindex" in read(response).all("meta", name="robots")[0]["content"]


def test_the_last_imports_are_there_with_their_counts_and_rejects(operator: Client) -> None:
    first = add_run(rejects=3)
    add_run(status="failed", report={})
    killed = ImportRun.objects.create(source="-", status="running")
    page = opened(operator, PAGE)
    assert "12 345" in page.text
    assert "entreprises.csv" in page.text
    for word in ("terminé", "échoué", "interrompu"):
        assert word in page.text
    assert page.all("a", href=f"{REJECTS}?run={first.pk}")
    assert page.all("a", href=f"{REJECTS}?run={killed.pk}"), "what it rejected before is there"
    assert str(killed.pk) in page.text
    assert "12,345" in opened(operator, "/admin/en/exploitation").text


def test_it_says_how_old_the_data_is(operator: Client) -> None:
    assert "Aucun import n’est encore terminé" in opened(operator, PAGE).text
    add_run(finished_at=timezone.now() - timedelta(days=50))
    assert "1 mois, 2 semaines" in opened(operator, PAGE).text
    assert "ancien : le répertoire paraît chaque mois" in opened(operator, PAGE).text


def test_it_says_how_the_index_stands(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(operator, PAGE)
    assert "ne répond pas There is no index." in page.text
    for lag, said in (
        (Lag("", 1234, indexer_up=True), "à jour 1 234 entreprises"),
        (Lag("", 1234, changes=1, seconds=9.0), "1 changement de retard"),
    ):
        monkeypatch.setattr("foxreviews.web.operations.read_lag", lambda lag=lag: lag)
        page = opened(operator, PAGE)
        assert said in page.text
        assert ("manage.py search_catchup --follow" in page.text) != lag.indexer_up


def test_rejects_are_filtered_by_import_and_reason_and_paged(operator: Client) -> None:
    run = add_run(rejects=REJECTS_SHOWN + 5)
    ImportReject.objects.create(run=run, line=900, offset=9, reason="nom-missing", raw="732829320,")
    other = add_run(rejects=1)
    (chosen,) = opened(operator, REJECTS).all("option", selected="")
    assert chosen["value"] == str(other.pk), "the newest, where none is asked for"
    page = opened(operator, REJECTS, run=run.pk)
    assert len(page.all("th", scope="row")) == REJECTS_SHOWN
    (following,) = page.all("a", rel="next")
    assert len(read(operator.get(following["href"])).all("th", scope="row")) == 6
    some = opened(operator, REJECTS, run=run.pk, motif="nom-missing")
    assert len(some.all("th", scope="row")) == 1
    assert "732829320," in some.text
    assert (
        operator.get(REJECTS, {"run": "0"}).status_code
        == operator.get(REJECTS, {"run": "x"}).status_code
        == 404
    )
    assert "rejeté aucun" in opened(operator, REJECTS, run=run.pk, motif="\0x").text


def test_a_run_before_the_last_ones_and_a_reason_without_a_count_stay_chosen(operator: Client) -> None:
    run = add_run(report={}, status="failed")
    ImportReject.objects.create(run=run, line=900, offset=9, reason="nom-missing", raw="732829320,")
    for _ in range(MAX_RUNS):
        add_run()
    page = opened(operator, REJECTS, run=run.pk, motif="nom-missing")
    assert [each["value"] for each in page.all("option", selected="")] == [str(run.pk), "nom-missing"]
    assert "732829320," in page.text


def test_rejects_are_a_file_that_no_spreadsheet_runs(operator: Client) -> None:
    run = add_run(rejects=2)
    ImportReject.objects.create(run=run, line=90, offset=900, reason="nom-missing", raw="=cmd|' /C calc'!A0")
    response = operator.get(FILE, {"run": run.pk})
    assert f'filename="rejets-{run.pk}.csv"' in response["Content-Disposition"]
    assert response["Cache-Control"] == "private, no-store"
    text = b"".join(response).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["line"] for row in rows] == ["2", "3", "90"]
    assert rows[2]["raw"].startswith("'=cmd|")
    some = b"".join(operator.get(FILE, {"run": run.pk, "motif": "nom-missing"})).decode()
    assert some.count("\n") == 2


def test_a_file_of_many_rejects_comes_a_piece_at_a_time(operator: Client) -> None:
    run = add_run(rejects=REJECTS_AT_ONCE + 1)
    pieces = list(operator.get(FILE, {"run": run.pk}))
    assert len(pieces) == 3
    assert sum(piece.count(b"\n") for piece in pieces) == REJECTS_AT_ONCE + 2


def test_no_rejected_record_does_harm(operator: Client) -> None:
    run = add_run()
    for number, text in enumerate(HOSTILE):
        ImportReject.objects.create(
            run=run, line=number, offset=0, reason="siren-key", column=text[:40], raw=text
        )
    page = opened(operator, REJECTS, run=run.pk)
    assert {tag for tag, _ in page.tags}.isdisjoint({"img", "b"})


def test_the_page_asks_little_of_the_database(operator: Client) -> None:
    for _ in range(20):
        add_run()
    with CaptureQueriesContext(connection) as few:
        opened(operator, PAGE)
    assert len(few) <= 12


def test_findings_come_worst_first_each_with_its_fix(operator: Client, says: Callable[..., None]) -> None:
    says(FINDINGS)
    page = ran(operator, CHECK)
    assert page.text.index("privacy") < page.text.index("statistics") < page.text.index("all applied")
    assert "1 va bien" in page.text
    fixes = [each["data-copy"] for each in page.all("button") if "data-copy" in each]
    assert [fix.rpartition("manage.py ")[2] for fix in fixes] == ["migrate", "maintain"]
    assert not page.all("b"), "nothing that is found is HTML"


def test_the_state_of_the_index_is_that_of_search_status(operator: Client, says: Callable[..., None]) -> None:
    says(STATUS)
    page = ran(operator, "/admin/exploitation/controle/search_status")
    assert "pas à jour It lacks 3 changes." in page.text
    assert "1 234 / 1 237" in page.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "import sys\nprint('CommandError: The database is away.', file=sys.stderr)\nsys.exit(1)",
            "The database is away.",
        ),
        ("raise SystemExit(2)", "It has failed"),
        ("print('no JSON')", "It has failed"),
        ("import time\ntime.sleep(3600)", "It took longer than"),
    ],
)
def test_a_check_that_says_nothing_is_said_with_its_command(
    operator: Client, says: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    command(tmp_path, text)
    if "sleep" in text:
        monkeypatch.setattr(checks, "CHECK_SECONDS", 0.5)
    page = ran(operator, CHECK)
    assert said in page.text
    assert "manage.py doctor" in page.text


def test_one_check_runs_at_a_time(operator: Client, says: Callable[..., None], settings: Any) -> None:
    says(FINDINGS)
    lock = settings.SEARCH_INDEX_DIR.with_name(f"{settings.SEARCH_INDEX_DIR.name}.check.lock")
    with file_lock(lock, message=str):
        assert "Another check is running" in ran(operator, CHECK).text
    assert "va bien" in ran(operator, CHECK).text


def test_a_check_runs_by_its_button_alone(
    operator: Client, says: Callable[..., None], tmp_path: Path
) -> None:
    command(tmp_path, "open('ran', 'w')")
    assert operator.head(CHECK).status_code == 200
    page = opened(operator, CHECK)
    assert page.all("form", action=CHECK, method="post")
    assert page.all("input", name="csrfmiddlewaretoken")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = operator.cookies
    assert strict.post(CHECK).status_code == 403, "another site has no token"
    assert not (tmp_path / "ran").exists()
    ran(operator, CHECK)
    assert (tmp_path / "ran").exists()


def test_there_is_no_other_command(operator: Client) -> None:
    for name in ("flush", "restore", "maintain"):
        assert operator.get(f"/admin/exploitation/controle/{name}").status_code == 404


def test_staff_find_it_from_the_admin(operator: Client) -> None:
    page = read(operator.get("/admin/"))
    assert page.all("a", href="/admin/en/exploitation")
    assert not read(Client().get("/")).all("a", href=PAGE), "and visitors nowhere"
