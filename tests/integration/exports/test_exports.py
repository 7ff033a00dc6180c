"""An export has every row of its list, as the API shows it, in every format."""

import csv
import io
import json
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.api.errors import InvalidParametersError
from foxreviews.api.exports.params import FORMATS, KEYS
from foxreviews.core.spreadsheet import neutralise, restore
from foxreviews.enterprise.models import Entreprise
from foxreviews.exports import formats, run, sources, workbook
from foxreviews.exports.formats import Compression
from foxreviews.exports.run import Export
from foxreviews.exports.sources import UnknownKeyError
from foxreviews.exports.workbook import TooManyRowsError
from foxreviews.location.models import Ville
from foxreviews.reference.identifiers import siren_with_key

Row = dict[str, Any]
Add = Callable[..., Any]
PLACES = (
    ("69123", "LYON", "69", "69003"), ("01053", "BOURG EN BRESSE", "01", "01000"), ("75056", "PARIS", "75", "75001"),
)  # fmt: skip
FORMS = ("5710", "1000", "", "2110", "5499")
TRADES = ("62.01Z", "56.10A", "")
# What people write into fields, and what a reader of files may take for something else
ODD = (
    "=1+1", "+33 1 23", "-2", "@SUM(A1)", "\t=1", 'a "b", c;d', "two\nlines", "two\r\nlines", "\\.", "\\N", "NULL",
    "a\x1fb", "é€🍕", " spaced ", "'=1", "x,=1", "<b>&amp;</b>", "00123", "\u200b=1", "BOULANGERIE DU PORT",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks are read here, in the test's transaction, and not ahead in a thread; each has few rows."""
    monkeypatch.setattr(run, "prefetch", lambda blocks: iter(list(blocks)))
    monkeypatch.setattr(sources, "BLOCK", 7)
    monkeypatch.setattr(sources, "PAGE", 5)


@pytest.fixture
def directory(company: Add, etablissement: Add, index: Callable[[], None]) -> None:
    for code, nom, departement, postal in PLACES:
        Ville.objects.create(
            code_insee=code, nom=nom, slug=nom.lower().replace(" ", "-"), departement=departement,
            region={"69": "84", "01": "84", "75": "11"}[departement], codes_postaux=[postal, "99999"],
            nom_recherche=nom, population=None if departement == "01" else 5,
        )  # fmt: skip
    for number, nom in enumerate(ODD):
        code, town, departement, postal = PLACES[number % 3]
        made = company(
            nom, siren=siren_with_key(10_000_000 + number), siret=f"{siren_with_key(10_000_000 + number)}00011",
            adresse=ODD[-number - 1], nom_commercial=nom if number % 4 else "", ville_nom=town, code_postal=postal,
            ville_id=code if number % 5 else None, departement=departement, naf_code=TRADES[number % 3],
            naf25_code="62.10Y" if number % 2 else "", categorie_juridique=FORMS[number % 5],
            statut_diffusion="P" if number % 6 == 1 else "O", is_active=bool(number % 4),
            tranche_effectif=("NN", "11", "")[number % 3], est_employeur=(False, True, None)[number % 3],
            categorie_entreprise=("", "PME", "ETI", "GE")[number % 4], telephone="+33 1",
            date_creation=f"{1850 + 10 * number}-01-02" if number % 7 else None,
            latitude=45.5 if number % 2 else None, longitude=1e-7 if number % 2 else None,
        )  # fmt: skip
        for place in (1, 2):
            etablissement(
                made.siren, place, ODD[-number] if number % 3 else "", est_siege=place == 1, departement=departement,
                ville_id=code, ville_nom=town, code_postal=postal, numero_voie="12 B", libelle_voie=nom,
                localite="PART" if number % 2 else "", pays="", est_employeur=(True, False, None)[number % 3],
                statut_diffusion="P" if number % 6 == 1 else "O", date_fermeture="2020-01-01" if number % 4 else None,
                latitude=45.5, longitude=4.5 + number / 100, naf_code=TRADES[number % 3],
            )  # fmt: skip
    etablissement("999999999", 1)  # of a company that the directory lacks
    index()


def written(table: str, form: str, query: str = "", compression: Compression = "uncompressed") -> bytes:
    file = io.BytesIO()
    result = Export(table, form, query, compression).write(file)
    assert result.bytes == len(file.getvalue())
    return file.getvalue()


def exported(table: str, query: str = "") -> list[Row]:
    return [json.loads(line) for line in written(table, "ndjson", query).decode().split("\n") if line]


def listed(table: str, query: str = "") -> list[Row]:
    """All rows of a list, page by page."""
    rows: list[Row] = []
    url = f"/api/{table}/?page_size=100&{query}"
    while url:
        answer = Client().get(url).json()
        assert "results" in answer, answer
        rows += answer["results"]
        url = answer["next"]
    return [_spelt(row) for row in rows]


def in_order(table: str) -> list[Row]:
    return sorted(listed(table), key=lambda row: str(row[KEYS[table]]))


def _spelt(row: Row) -> Row:
    """Moments of the API, which have no zeros behind the second, as exports spell them; no distance."""
    row.pop("distance_km", None)
    for name in {"created_at", "updated_at"} & row.keys():
        whole, _, fraction = row[name].rstrip("Z").partition(".")
        row[name] = f"{whole}.{fraction or '0':0<6}Z"
    return row


@pytest.mark.parametrize("table", KEYS)
def test_ndjson_has_every_row_as_the_api_shows_it(directory: None, table: str) -> None:
    assert exported(table) == in_order(table)


@pytest.mark.parametrize("table", KEYS)
def test_a_csv_has_every_row_as_the_api_shows_it(directory: None, table: str) -> None:
    text = written(table, "csv").decode()
    found = [
        {name: restore(cell) for name, cell in row.items()}
        for row in csv.DictReader(io.StringIO(text, newline=""))
    ]
    assert found == [{name: _cell(value) for name, value in row.items()} for row in in_order(table)]


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return {45.5: "45.5", 1e-7: "1e-7"}.get(value, repr(value))
    return "|".join(value) if isinstance(value, list) else "" if value is None else str(value)


@pytest.mark.parametrize("table", KEYS)
def test_pyarrow_and_duckdb_read_every_row_of_a_parquet(directory: None, table: str, tmp_path: Any) -> None:
    path = tmp_path / "export.parquet"
    path.write_bytes(written(table, "parquet"))
    expected = in_order(table)
    assert [_plain(row) for row in pq.read_table(path).to_pylist()] == expected
    session = duckdb.connect()
    session.execute("SET TimeZone = 'UTC'")
    cursor = session.execute(f"SELECT * FROM read_parquet('{path}')")
    names = [column[0] for column in cursor.description or ()]
    assert [_plain(dict(zip(names, row, strict=True))) for row in cursor.fetchall()] == expected


def _plain(row: Row) -> Row:
    """With days and moments as texts."""
    for name in {"created_at", "updated_at"} & row.keys():
        row[name] = f"{row[name]:%Y-%m-%dT%H:%M:%S.%f}Z"
    for name in {"date_creation", "date_fermeture"} & row.keys():
        row[name] = row[name] and row[name].isoformat()
    return row


@pytest.mark.parametrize("table", KEYS)
def test_a_workbook_has_every_row_as_the_api_shows_it(directory: None, table: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(table, "xlsx")), read_only=True)
    header, *rows = book.worksheets[0].values
    expected = [{name: _of_sheet(value) for name, value in row.items()} for row in in_order(table)]
    assert [dict(zip(header, row, strict=True)) for row in rows] == expected


def _of_sheet(value: Any) -> Any:
    """No empty texts, no control characters, line ends as XML has them."""
    value = "|".join(value) if isinstance(value, list) else value
    return (value.replace("\x1f", "").replace("\r\n", "\n") or None) if isinstance(value, str) else value


@pytest.mark.parametrize(
    "query",
    [
        "departement=01", "region=84", "region=84&departement=69,75", "code_postal=69003,75001", "naf=62,56",
        "ville=lyon", "ville_nom=Paris", "is_active=false", "categorie_juridique=57,1000",
        "categorie_juridique=5", "tranche_effectif=11,NN", "categorie_entreprise=ETI,GE", "est_employeur=false",
        "date_creation_min=1900-01-01&date_creation_max=2000-01-02",
        "date_creation_max=1870-01-02", "siren=100000000,100000009,100000017", "tranche_effectif=11&siren=100000017",
        "categorie_juridique=5&naf=62&departement=69",
    ],
)  # fmt: skip
def test_an_export_has_the_rows_that_the_list_has_with_the_same_filters(directory: None, query: str) -> None:
    """Lists of some filters are answered by the index, exports by PostgreSQL: both find the same."""
    found = exported("entreprises", query)
    assert found == sorted(listed("entreprises", query), key=lambda row: str(row["siren"]))
    assert 0 < len(found) < len(ODD)


@pytest.mark.parametrize(
    "query",
    [
        "est_siege=true", "siren=100000000,100000017,999999999", "siret=99999999900001", "departement=75,01",
        "region=11", "code_postal=69003&tranche_effectif=11", "ville=paris&est_employeur=false",
        "q=boulangerie", "near=45.5,4.5&radius_km=10",
    ],
)  # fmt: skip
def test_so_has_an_export_of_establishments(directory: None, query: str) -> None:
    expected = listed("etablissements", query)
    assert exported("etablissements", query) == expected or "tranche" in query
    assert len(expected) < 2 * len(ODD) + 1


@pytest.mark.parametrize(
    "query", ["q=boulangerie", "q=boulangerie&is_active=true", "near=45.5,4.5&radius_km=10"]
)
def test_what_a_query_finds_comes_in_its_order_and_can_be_gone_on_with(directory: None, query: str) -> None:
    expected = [row["siren"] for row in listed("entreprises", query)]
    assert [row["siren"] for row in exported("entreprises", query)] == expected
    for place, siren in enumerate(expected):
        assert [row["siren"] for row in exported("entreprises", f"{query}&after={siren}")] == expected[
            place + 1 :
        ]
    with pytest.raises(UnknownKeyError):
        exported("entreprises", f"{query}&after=000000000")


@pytest.mark.parametrize("form", ["csv", "ndjson"])
@pytest.mark.parametrize("table", KEYS)
def test_the_parts_of_an_export_are_the_whole_byte_for_byte(directory: None, table: str, form: str) -> None:
    whole = written(table, form)
    keys = [row[KEYS[table]] for row in in_order(table)]
    for place in range(len(keys)):
        begun = written(table, form, f"rows={place + 1}")
        assert begun + written(table, form, f"after={keys[place]}") == whole


@pytest.mark.parametrize(("table", "query", "read"), [
    ("entreprises", "rows=9", [7, 2]), ("etablissements", "rows=7", [7]), ("entreprises", "rows=3&is_active=true", [3]),
])  # fmt: skip
def test_of_a_list_no_more_rows_are_read_than_were_asked_for(
    directory: None, table: str, query: str, read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven is a block here."""
    copied, heights = sources._copied, list[int]()

    def noted(*arguments: Any) -> Any:
        frame = copied(*arguments)
        heights.append(frame.height)
        return frame

    monkeypatch.setattr(sources, "_copied", noted)
    assert len(exported(table, query)) == sum(read)
    assert heights == read


def test_of_what_is_read_in_pages_none_is_read_behind_the_last_row_that_was_asked_for(
    directory: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three towns, two to a page."""
    monkeypatch.setattr(sources, "PAGE", 2)
    towns, pages = sources.towns, list[int]()

    def noted(*arguments: Any) -> Any:
        page = towns(*arguments)
        pages.append(len(page.rows))
        return page

    monkeypatch.setattr(sources, "towns", noted)
    assert [len(exported("villes", query)) for query in ("rows=2", "rows=1")] == [2, 1]
    assert pages == [2, 2]


def test_rows_that_come_and_go_make_no_other_row_come_twice_or_stay_out(directory: None) -> None:
    stayed = [row["siren"] for row in in_order("entreprises")]
    half = stayed[9]
    begun = [row["siren"] for row in exported("entreprises", "rows=10")]
    Entreprise.objects.filter(siren__in=[stayed[3], stayed[9], stayed[15]]).delete()
    Entreprise.objects.create(siren=f"{int(half) + 1}", nom="NEW")
    rest = [row["siren"] for row in exported("entreprises", f"after={half}")]
    assert begun + [siren for siren in rest if siren in stayed] == [s for s in stayed if s != stayed[15]]


def test_nobody_who_is_hidden_is_shown(directory: None, company: Add) -> None:
    """Whatever the row has: the triggers withhold it, and this is the second line."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE enterprise_entreprise DISABLE TRIGGER USER")
    hidden = company("DOE", categorie_juridique="1000", statut_diffusion="P", adresse="HERE", latitude=1.5)
    legal = company("CORP", categorie_juridique="5710", statut_diffusion="P", adresse="HERE", latitude=1.5)
    rows = {row["siren"]: row for row in exported("entreprises", f"siren={hidden.siren},{legal.siren}")}
    assert {name: rows[hidden.siren][name] for name in ("nom", "adresse", "latitude")} == {
        "nom": "[ND]",
        "adresse": "[ND]",
        "latitude": None,
    }
    assert {name: rows[legal.siren][name] for name in ("nom", "adresse", "latitude")} == {
        "nom": "CORP",
        "adresse": "",
        "latitude": None,
    }


@given(text=st.text(max_size=20) | st.text("=+-@\t\r\n,;|'\" \u200b＝a", max_size=12))
def test_polars_finds_each_text_that_a_spreadsheet_would_run(text: str) -> None:
    """Its pattern is core.spreadsheet's without the look ahead."""
    import polars as pl

    column = formats._neutral(pl.Series("nom", [text, "plain"]))
    assert column.to_list() == [neutralise(text), "plain"]


def test_for_excel_there_are_semicolons_a_mark_and_numbers_as_text(directory: None) -> None:
    body = written(
        "entreprises", "csv", "excel=true&siren=100000017&fields=siren,code_postal,latitude,telephone"
    )
    assert body.startswith(b'\xef\xbb\xbfsiren;code_postal;latitude;telephone\n"=""100000017"""')
    codes = written("entreprises", "csv", "excel=true&code_postal=01000&rows=1&fields=code_postal,latitude")
    assert codes in (
        b'\xef\xbb\xbfcode_postal;latitude\n"=""01000""";45,5\n', b'\xef\xbb\xbfcode_postal;latitude\n"=""01000""";\n',
    )  # fmt: skip


def test_insee_names_its_columns_and_states(directory: None) -> None:
    fields = "siren,nom,categorie_entreprise,est_employeur,is_active,adresse"
    row = exported("entreprises", f"headers=insee&rows=1&fields={fields}")[0]
    assert row.pop("siren")
    assert list(row) == [
        "denominationUniteLegale", "categorieEntreprise", "caractereEmployeurUniteLegale",
        "etatAdministratifUniteLegale", "adresse",
    ]  # fmt: skip
    assert (row["caractereEmployeurUniteLegale"], row["etatAdministratifUniteLegale"]) == ("N", "C")
    place = exported("etablissements", "headers=insee&rows=1")[0]
    assert (place["etatAdministratifEtablissement"], place["caractereEmployeurEtablissement"]) == ("A", "O")


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_what_is_compressed_is_the_same(directory: None, form: str) -> None:
    plain = written("entreprises", form)
    assert zlib.decompress(written("entreprises", form, compression="gzip"), wbits=31) == plain
    packed = written("entreprises", form, compression="zstd")
    assert pa.input_stream(io.BytesIO(packed), compression="zstd").read() == plain


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_without_a_row_is_a_file_without_a_row(db: None, form: str) -> None:
    body = written("villes", form, "fields=code_insee,nom")
    if form == "csv":
        assert body == b"code_insee,nom\n"
    if form == "ndjson":
        assert body == b""
    if form == "parquet":
        assert pq.read_table(io.BytesIO(body)).num_rows == 0
    if form == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(body))
        assert list(book.worksheets[0].values) == [("code_insee", "nom")]


def test_more_rows_than_a_sheet_has_are_refused_before_the_first_and_taken_in_pieces(
    directory: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (sources, workbook):
        monkeypatch.setattr(module, "MAX_SHEET", len(ODD) - 1)
    with pytest.raises(TooManyRowsError, match="more than"):
        written("entreprises", "xlsx")
    assert written("entreprises", "xlsx", "departement=69")
    assert written("entreprises", "xlsx", "rows=3")


@pytest.mark.parametrize(
    ("table", "form", "query", "named"),
    [
        ("entreprises", "csv", "colour=red", "colour"),
        ("entreprises", "csv", "fields=siren,nam", "fields"),
        ("entreprises", "csv", "fields=,", "fields"),
        ("entreprises", "csv", "ville=nowhere-at-all", "ville"),
        ("entreprises", "csv", "siren=12", "siren"),
        ("entreprises", "csv", "siren=" + ",".join(f"{n:09}" for n in range(1_001)), "siren"),
        ("entreprises", "csv", "categorie_juridique=57A", "categorie_juridique"),
        ("entreprises", "csv", "tranche_effectif=99", "tranche_effectif"),
        ("entreprises", "csv", "region=99", "region"),
        ("entreprises", "csv", "date_creation_min=yesterday", "date_creation_min"),
        ("entreprises", "parquet", "excel=true", "excel"),
        ("entreprises", "xlsx", "rows=2000000", "rows"),
        ("entreprises", "csv", "q=a&updated_at_min=2020-01-01", "updated_at_min"),
        ("entreprises", "csv", "facets=departement", "facets"),
        ("etablissements", "csv", "headers=ours", "headers"),
        ("villes", "csv", "rows=0", "rows"),
        # In the order of texts they stand somewhere, and the rest would look like all that is left
        ("entreprises", "csv", "after=732 829 320", "after"),
        ("entreprises", "csv", "after=x", "after"),
        ("etablissements", "ndjson", "after=732829320", "after"),
        ("villes", "csv", "after=lyon", "after"),
    ],
)
def test_what_cannot_be_meant_is_refused(db: None, table: str, form: str, query: str, named: str) -> None:
    with pytest.raises(InvalidParametersError) as refused:
        Export(table, form, query)
    assert set(refused.value.errors) == {named}
    answer = Client().get(f"/api/exports/{table}.{form}?{quote(query, '=&,')}")
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {named})


def test_the_last_day_of_change_is_meant_to_its_end(directory: None) -> None:
    first, second = Entreprise.objects.order_by("siren").values_list("siren", flat=True)[:2]
    Entreprise.objects.update(updated_at="2026-02-01T00:00:00+01:00")
    Entreprise.objects.filter(siren=second).update(updated_at="2026-01-31T23:59:59.999+01:00")
    Entreprise.objects.filter(siren=first).update(updated_at="2026-01-31T00:00:00+01:00")

    def changed(query: str) -> list[str]:
        return [row["siren"] for row in exported("entreprises", query)]

    assert changed("updated_at_min=2026-01-31&updated_at_max=2026-01-31") == [first, second]
    assert changed("updated_at_max=20260131") == [first, second]
    assert changed("updated_at_max=2026-01-31T00:00:00%2B01:00") == [first]
    assert changed("updated_at_max=2026-01-30") == []
    for odd in ("0001-01-01", "9999-12-31T23:59:59-14:00", "2026-02-30", "٢٠٢٦-٠١-٣١"):
        answer = Client().get("/api/exports/entreprises.csv", {"updated_at_min": odd})
        assert answer.json()["errors"]["updated_at_min"][0].startswith("It is a day or a moment"), odd


def test_a_head_says_what_would_come_and_exports_nothing(db: None) -> None:
    answer = Client().head(
        "/api/exports/entreprises.csv", headers={"Accept": "image/png", "Accept-Encoding": "zstd;q=0, gzip"}
    )
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="entreprises.csv"'
    assert answer.headers["Content-Encoding"] == "gzip"


def test_the_command_reads_its_parameters_from_the_input(
    directory: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("departement=69\n"))
    call_command("export", "entreprises", str(tmp_path / "x.ndjson"), "--where", "-", stdout=io.StringIO())
    assert (tmp_path / "x.ndjson").read_bytes() == written("entreprises", "ndjson", "departement=69")
