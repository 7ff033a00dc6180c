"""The admin's pages of the ledger, as an operator opens them after an import with many rejects."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foxreviews.enterprise.admin import MAX_ROWS
from foxreviews.importing.models import ImportReject, ImportRun

pytestmark = pytest.mark.django_db

RUNS = "/admin/importing/importrun/"
REJECTS = "/admin/importing/importreject/"


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
    return client


def add_run(rejects: int = 0, reason: str = "siren-key", **report: Any) -> ImportRun:
    report = {"records": 12_345, "rejected": rejects, "rejects_by_reason": {reason: rejects}} | report
    run = ImportRun.objects.create(source="data/entreprises.csv", status="done", report=report)
    ImportReject.objects.bulk_create(
        ImportReject(
            run=run, line=line, offset=line * 50, reason=reason, column="siren", raw=f"73282932{line},X"
        )
        for line in range(2, rejects + 2)
    )
    return run


def open_page(client: Client, url: str, **query: object) -> tuple[str, list[str]]:
    """The page, and the statements that it took."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url, query)
    assert response.status_code == 200
    return response.content.decode(), [statement["sql"] for statement in captured]


def lines(page: str) -> list[int]:
    return [int(line) for line in re.findall(r'class="field-line[^"]*"[^>]*><a [^>]*>(\d+)</a>', page)]


def test_runs_are_listed_with_their_counts_and_lead_to_their_rejects(operator: Client) -> None:
    run = add_run(rejects=3)
    page, _ = open_page(operator, RUNS)
    assert "12,345" in page
    assert "entreprises.csv" in page
    link = f"{REJECTS}?run__id__exact={run.pk}"
    assert link in page
    assert lines(open_page(operator, link)[0]) == [2, 3, 4]


def test_a_run_shows_its_report_as_lines_and_each_reason_as_a_link(operator: Client) -> None:
    run = add_run(rejects=2, values_left_out_by_reason={"siret-invalid": 7_000}, dry_run=False)
    page, _ = open_page(operator, f"{RUNS}{run.pk}/change/")
    assert "<tr><th>records</th><td>12,345</td></tr>" in page
    assert "<tr><th>values left out by reason</th><td>siret-invalid: 7,000</td></tr>" in page
    assert f"{REJECTS}?run__id__exact={run.pk}&amp;reason=siren-key" in page
    assert "{&#x27;" not in page, "no raw dictionary"


def test_rejects_of_one_run_and_reason(operator: Client) -> None:
    run = add_run(rejects=1)
    add_run(rejects=2)
    ImportReject.objects.create(run=run, line=90, offset=900, reason="nom-missing", raw="732829320,")
    page, _ = open_page(operator, REJECTS, run__id__exact=run.pk, reason="nom-missing")
    assert lines(page) == [90]
    assert "732829320," in page


def test_the_reasons_to_choose_from_are_those_of_the_run(operator: Client) -> None:
    run = add_run(rejects=1, establishments={"rejects_by_reason": {"etablissement-siren-key": 4}})
    add_run(rejects=1, reason="nom-missing")
    page, _ = open_page(operator, REJECTS, run__id__exact=run.pk)
    assert re.findall(r"reason=([a-z-]+)", page) == ["etablissement-siren-key", "siren-key"]
    page, _ = open_page(operator, REJECTS)
    assert "reason=" not in page


def test_without_a_run_the_last_rejects_come_first(operator: Client) -> None:
    add_run(rejects=3)
    assert lines(open_page(operator, REJECTS)[0]) == [4, 3, 2]


@pytest.mark.parametrize("run", ["x", "9" * 30, "0"])
def test_a_run_that_is_none_is_no_fault(operator: Client, run: str) -> None:
    response = operator.get(REJECTS, {"run__id__exact": run}, follow=True)
    assert response.status_code == 200


def test_a_rejected_record_shows_its_text_as_text(operator: Client) -> None:
    run = add_run()
    reject = ImportReject.objects.create(
        run=run, line=7, offset=99, reason="siren-key", raw="<script>alert(1)</script>" + "x" * 200
    )
    page, _ = open_page(operator, f"{REJECTS}{reject.pk}/change/")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" + "x" * 200 in page
    listed, _ = open_page(operator, REJECTS)
    assert "<script>alert" not in listed
    assert "x" * 200 not in listed


@pytest.mark.parametrize("query", [{}, {"p": "3"}, {"run": True}, {"run": True, "reason": "siren-key"}])
def test_no_list_counts_the_table_or_joins_or_reads_more_than_its_bound(
    operator: Client, query: dict[str, Any]
) -> None:
    run = add_run(rejects=MAX_ROWS + 60)
    if query.pop("run", False):
        query = {"run__id__exact": run.pk} | query
    page, statements = open_page(operator, REJECTS, **query)
    of_rejects = [sql for sql in statements if 'FROM "importing_importreject"' in sql]
    assert of_rejects
    for sql in of_rejects:
        assert "COUNT(" not in sql
        assert re.search(r" LIMIT (50|1000)\b", sql), sql
        assert "JOIN" not in sql
    assert len(statements) <= 6  # session, user, the run of the filter, the bound, the rows
    assert f"{MAX_ROWS} rejected records" in page


def plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())


def test_both_lists_of_a_run_come_from_an_index_in_their_order(operator: Client) -> None:
    for number in range(4):
        add_run(rejects=3_000, reason=("siren-key", "nom-missing")[number % 2])
    run = add_run(rejects=2_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE importing_importreject")
    of_run = f"SELECT * FROM importing_importreject WHERE run_id = {run.pk}"
    shown = plan(f"{of_run} ORDER BY id LIMIT 50")
    assert "importing_reject_run_idx" in shown
    assert "Sort" not in shown
    shown = plan(f"{of_run} AND reason = 'siren-key' ORDER BY id LIMIT 50")
    assert "Sort" not in shown


def test_no_user_adds_changes_or_deletes(operator: Client) -> None:
    run = add_run(rejects=1)
    reject = run.rejects.get()
    for model, number in ((RUNS, run.pk), (REJECTS, reject.pk)):
        assert operator.get(f"{model}add/").status_code == 403
        assert operator.post(f"{model}{number}/change/", {"status": "failed"}).status_code == 403
        assert operator.post(f"{model}{number}/delete/", {"post": "yes"}).status_code == 403
    run.refresh_from_db()
    assert run.status == "done"
    assert run.rejects.exists()


def test_a_real_import_with_a_reject_is_shown(operator: Client, import_rows: Any) -> None:
    import_rows("732829320,UN,,75015,Paris,62.01Z", "732829321,DEUX,,75015,Paris,62.01Z")
    run = ImportRun.objects.get()
    page, _ = open_page(operator, f"{RUNS}{run.pk}/change/")
    assert "reason=siren-key" in page
    assert lines(open_page(operator, REJECTS, run__id__exact=run.pk)[0]) == [3]
