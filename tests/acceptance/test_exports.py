"""Exports by the production server: every row, in every format, and nothing that is held back by who goes away."""

import http.client
import io
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest

from tests import commands
from tests.acceptance.web import CHECKOUT, Server, serving
from tests.waiting import DEADLINE, wait_until

ROWS = 300
BULK = 60_000  # rows of 800 bytes: more than the buffers between an export and its client hold

ADD_TOWNS = """
    INSERT INTO location_ville (code_insee, nom, slug, departement, nom_recherche, codes_postaux)
    SELECT code, nom, lower(nom), left(code, 2), nom, ARRAY[code]
    FROM (VALUES ('69123', 'LYON'), ('01053', 'BOURG'), ('75056', 'PARIS')) AS town (code, nom)
"""
ADD_BULK = """
    INSERT INTO enterprise_entreprise (siren, nom, adresse, site_web, departement)
    SELECT (900000000 + n)::text, 'N', repeat(md5((-n)::text), 15), repeat(md5(n::text), 7), '986'
    FROM generate_series(1, %s) AS n
"""
EXPORTS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND (query LIKE 'COPY %' OR query LIKE 'SET statement_timeout%')"
)


@pytest.fixture(scope="module")
def database(
    shared_database: dict[str, str], companies_file: Callable[[int], Path]
) -> Iterator[psycopg.Connection]:
    """Fictional companies and three towns."""
    done = commands.run(shared_database, "import_entreprises_bulk", companies_file(ROWS))
    assert done.returncode == 0, done.stderr
    with psycopg.connect(shared_database["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(ADD_TOWNS)
        yield connection


@pytest.fixture(scope="module")
def site(
    database: psycopg.Connection, shared_database: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with serving(shared_database, tmp_path_factory.mktemp("exports") / "web.log") as running:
        yield running


@pytest.fixture(scope="module")
def bulk(database: psycopg.Connection) -> None:
    """So many rows that an export is under way while a client takes its time."""
    database.execute(ADD_BULK, [BULK])


def fetch(site: Server, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=DEADLINE)
    with closing(connection):
        connection.request(
            "GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def export(site: Server, file: str, query: str = "", **headers: str) -> bytes:
    status, _, body = fetch(site, f"/api/exports/{file}?{query}", **headers)
    assert status == 200, body[:500]
    return body


@pytest.mark.parametrize(("table", "rows"), [("entreprises", ROWS), ("villes", 3)])
def test_the_server_streams_what_the_command_writes(
    site: Server, shared_database: dict[str, str], table: str, rows: int, tmp_path: Path
) -> None:
    for form in ("csv", "parquet"):
        out, report = tmp_path / f"{table}.{form}", tmp_path / "report.json"
        done = commands.run(shared_database, "export", table, out, "--report", report)
        assert done.returncode == 0, done.stderr
        assert json.loads(report.read_text())["rows"] == rows
        assert export(site, out.name) == out.read_bytes()


def test_what_is_sent_is_compressed_as_the_client_takes_it(site: Server) -> None:
    plain = export(site, "villes.csv")
    _, headers, packed = fetch(site, "/api/exports/villes.csv", Accept_Encoding="gzip, deflate")
    assert headers["Content-Encoding"] == "gzip"
    assert zlib.decompress(packed, wbits=31) == plain
    _, headers, packed = fetch(site, "/api/exports/villes.csv", Accept_Encoding="gzip;q=0.5, zstd")
    assert headers["Content-Encoding"] == "zstd"
    assert pa.input_stream(io.BytesIO(packed), compression="zstd").read() == plain
    _, headers, _ = fetch(site, "/api/exports/villes.parquet", Accept_Encoding="gzip, zstd")
    assert headers["Content-Encoding"] is None


def test_what_only_the_rows_can_say_is_refused_before_a_byte_is_sent(site: Server) -> None:
    status, headers, body = fetch(site, "/api/exports/entreprises.csv?q=xqzw&after=800000000")
    assert (status, json.loads(body)["code"]) == (400, "invalid-export"), body
    assert "Start again" in json.loads(body)["detail"]
    assert headers["Content-Type"] == "application/problem+json"


def test_a_thousand_numbers_fit_an_address_and_a_longer_one_is_refused_in_words(site: Server) -> None:
    numbers = ",".join(f"{n:014}" for n in range(1_000))
    assert fetch(site, f"/api/etablissements/?siret={numbers}")[0] == 200
    status, headers, body = fetch(site, f"/api/etablissements/?siret={numbers},{numbers}")
    assert (status, json.loads(body)["code"]) == (414, "address-too-long")
    assert headers["Content-Type"] == "application/problem+json"


@contextmanager
def slow_client(site: Server, path: str, **headers: str) -> Iterator[socket.socket]:
    """One that has asked, and takes nothing but the beginning."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", site.port))
        more = "".join(f"{name.replace('_', '-')}: {text}\r\n" for name, text in headers.items())
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n".encode())
        assert client.recv(12) == b"HTTP/1.1 200"
        yield client


def exporting() -> list[int]:
    """The processes that export for a web server of ours."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().split(b"\0")
            if b"export" in line and (folder / "cwd").readlink() == Path.cwd():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def sessions(database: psycopg.Connection) -> int:
    (count,) = database.execute(EXPORTS).fetchone() or (0,)
    return int(count)


def test_a_client_that_leaves_frees_its_place_its_process_and_its_connection(
    site: Server, database: psycopg.Connection, bulk: None
) -> None:
    with slow_client(site, "/api/exports/entreprises.csv"):
        assert exporting()
        assert sessions(database) == 1
    wait_until(lambda: not exporting(), "its process goes on")
    wait_until(lambda: not sessions(database), "its connection stays")


def test_a_client_that_takes_nothing_is_left_and_a_transaction_never_waits_for_it(
    site: Server, database: psycopg.Connection, bulk: None
) -> None:
    """The web server lets it take ten seconds for a part; nothing is open in the database meanwhile."""
    idle = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY %' AND state <> 'idle'"
    with slow_client(site, "/api/exports/entreprises.csv"):
        wait_until(lambda: database.execute(idle).fetchone() == (0,), "a statement waits for the client")
        wait_until(lambda: not exporting(), "it holds its place for ever")
    wait_until(lambda: not sessions(database), "its connection stays")


def test_no_more_exports_run_at_once_than_may_and_pages_are_answered_beside_them(
    site: Server, bulk: None
) -> None:
    with (
        slow_client(site, "/api/exports/entreprises.csv"),
        slow_client(site, "/api/exports/entreprises.ndjson"),
    ):
        status, headers, body = fetch(site, "/api/exports/villes.csv")
        assert (status, json.loads(body)["code"]) == (429, "too-many-exports")
        assert int(headers["Retry-After"]) > 0
        for _ in range(20):
            assert site.get("/api/entreprises/")[0] == 200
    wait_until(lambda: fetch(site, "/api/exports/villes.csv")[0] == 200, "no place is free again")


def test_a_client_has_one_export_at_a_time(site: Server, bulk: None) -> None:
    other = {"X_Forwarded_For": "192.0.2.1"}  # it did not come from this machine directly
    with slow_client(site, "/api/exports/entreprises.csv", **other):
        status, _, body = fetch(site, "/api/exports/villes.csv", **other)
        assert status == 429
        assert "of yours" in json.loads(body)["detail"]
        assert fetch(site, "/api/exports/villes.csv")[0] == 200
    wait_until(lambda: fetch(site, "/api/exports/villes.csv", **other)[0] == 200, "its place is not free")


def test_an_export_whose_process_is_killed_ends_without_an_end_and_can_be_gone_on_with(
    site: Server, bulk: None
) -> None:
    query = "fields=siren,nom,adresse"
    whole = export(site, "entreprises.csv", query)
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=DEADLINE)
    with closing(connection):
        connection.request("GET", f"/api/exports/entreprises.csv?{query}")
        answer = connection.getresponse()
        begun = answer.read(200_000)
        for pid in exporting():
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(http.client.IncompleteRead) as broken:
            answer.read()
        begun += broken.value.partial
    assert len(begun) < len(whole)
    whole_rows = begun[: begun.rindex(b"\n") + 1]
    last = whole_rows.splitlines()[-1].split(b",")[0].decode()
    assert whole_rows + export(site, "entreprises.csv", f"{query}&after={last}") == whole


def test_the_command_compresses_by_the_name_of_its_file(
    site: Server, shared_database: dict[str, str], tmp_path: Path, bulk: None
) -> None:
    out, report = tmp_path / "companies.csv.gz", tmp_path / "report.json"
    where = ("--where", "departement=986&fields=siren,nom")
    done = commands.run(shared_database, "export", "entreprises", out, *where, "--report", report)
    assert done.returncode == 0, done.stderr
    said = json.loads(report.read_text())
    assert (said["rows"], said["bytes"]) == (BULK, out.stat().st_size)
    assert said["last"] == f"{900_000_000 + BULK}"
    lines = zlib.decompress(out.read_bytes(), wbits=31).decode().splitlines()
    assert [line.split(",")[0] for line in lines] == ["siren", *(f"{900_000_001 + n}" for n in range(BULK))]


def test_a_command_that_is_killed_leaves_the_file_that_was_there(
    shared_database: dict[str, str], tmp_path: Path, bulk: None
) -> None:
    out = tmp_path / "companies.csv"
    out.write_text("before")
    running = commands.Command(shared_database, "export", "entreprises", out, stdout=subprocess.DEVNULL)
    wait_until(
        lambda: list(tmp_path.glob(".companies*.part")) or running.poll() is not None, "it writes nothing"
    )
    running.kill()
    running.wait()
    assert out.read_text() == "before"


def test_the_command_refuses_what_cannot_be_meant(shared_database: dict[str, str], tmp_path: Path) -> None:
    for arguments, said in (
        (["entreprises", "x.doc"], "does not end in a format"),
        (["entreprises", "x.csv", "--where", "colour=red"], "There is no such parameter"),
        (["entreprises", "no/such/folder/x.csv"], "cannot be written"),
    ):
        table, out, *more = arguments
        done = commands.run(shared_database, "export", table, tmp_path / out, *more)
        assert done.returncode == 2, done.stderr
        assert said in done.stderr
    assert not list(tmp_path.iterdir())


def test_what_the_page_tells_to_type_works(
    site: Server, shared_database: dict[str, str], tmp_path: Path
) -> None:
    page = (CHECKOUT / "docs" / "howto" / "export.md").read_text()
    typed = [
        line for block in re.findall(r"^```sh\n(.*?)^```$", page, re.M | re.S) for line in block.splitlines()
    ]
    assert typed
    for line in typed:
        _, _, *words = shlex.split(line)
        named = [str(tmp_path / word) if Path(word).suffix and "=" not in word else word for word in words]
        done = commands.run(shared_database, *named)
        assert done.returncode == 0, (line, done.stderr)
    written = {path.name for path in tmp_path.iterdir()}
    assert written >= {
        "entreprises.csv.gz",
        "etablissements.parquet",
        "villes.ndjson",
        "report.json",
        "rhone.csv",
    }
    assert (tmp_path / "excel.csv").read_bytes().startswith(b"\xef\xbb\xbfsiren;")
    assert json.loads((tmp_path / "report.json").read_text())["rows"] == 3
