"""What every level of tests shares: the real input, and a PostgreSQL that belongs to one test process alone.

The server starts when the first test asks for a database and stops when the process ends. It is not the one of
`make demo`: no test touches what a person loaded. Two xdist workers have one each: an open transaction of one would
otherwise hold back what the other may vacuum or read from the change log. With DATABASE_URL set, that server is used.
"""

import fcntl
import gc
import itertools
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, lru_cache, partial
from hashlib import sha256
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands import flush
from django.db import connections
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pytest_django import DjangoDbBlocker
from whitenoise.middleware import WhiteNoiseMiddleware

from foxreviews import localdb
from foxreviews.enterprise import partitions
from foxreviews.localdb import binaries
from foxreviews.localdb.cluster import Cluster
from tests import commands, memory, summary
from tests.few_partitions import FEW_PARTITIONS
from tests.shape import IS_PARTITIONED

CHECKOUT = Path(__file__).parents[1]
SHARED_DATA = CHECKOUT.parent / "shared" / "data"
OF_THIS_RUN = f"test_foxreviews_{os.getpid()}"  # several runs may share the server of DATABASE_URL
MIGRATED = f"{OF_THIS_RUN}_template"
# Through the log, as is the default, it costs more of a processor.
COPY_DATABASE = "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy"
LOADED_ROWS = 2_000
UNHURRIED_MS = 3_600_000  # what is slow on a busy machine would add lines to the log, probes among them
RUN = memory.Run()
OUTPUT = TemporaryDirectory(prefix="foxreviews-output-")
# A transaction over all partitions of companies locks each, with its indexes. Read at the start of a server.
LOCKS = 1_100
INDEXES: dict[tuple[tuple[Any, ...], ...], Any] = {}  # of these rows
MAX_INDEXES = 50
FILLED_BY_MIGRATIONS = {"auth_permission", "django_content_type"}

# An example takes as long as the machine needs: no promise depends on its speed.
hypothesis.settings.register_profile(
    "foxreviews",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture],
)
hypothesis.settings.load_profile("foxreviews")


def pytest_configure() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the server is stopped as after Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts behind itself ignores it
    _find_static_files_once()
    _flush_what_tests_write()
    # Nothing is there: not the index of what a person loaded. A test that wants an index makes one.
    for name in ("SEARCH_INDEX_DIR", "LOG_DIR", "BACKUP_DIR"):
        setattr(settings, name, Path(OUTPUT.name) / name.removesuffix("_DIR").lower())
    partitions._seen = (
        float("inf"),
        IS_PARTITIONED,
    )  # known: a test that counts statements is not the one that asks
    settings.SLOW_REQUEST_MS = settings.SLOW_QUERY_MS = UNHURRIED_MS
    _keep_nothing()


def _keep_nothing() -> None:
    """What a test changes it sees at once, and what it patches has made no answer before."""
    from foxreviews.matching import towns
    from foxreviews.search import version

    version.REFRESH_SECONDS = 0.0
    towns.KEPT_SECONDS = 1e-9
    settings.CACHE_MEMORY = 0


def _find_static_files_once() -> None:
    """Each test client has middleware of its own, of which this one looks at 170 files: 0.04 s."""
    find = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[str, object] = {}

    def find_once(middleware: WhiteNoiseMiddleware) -> None:
        if not found:
            find(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    WhiteNoiseMiddleware.add_files_from_finders = find_once


def pytest_collection_finish() -> None:
    """What is imported and collected lives to the end: nobody looks through it for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _flush_what_tests_write() -> None:
    """After each transactional test the tables are emptied, but for what a migration fills and no test writes.

    Filling it again takes 80 queries each time.
    """

    def sql_flush(style: object, connection: Any, reset_sequences: bool, allow_cascade: bool) -> list[str]:
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        return connection.ops.sql_flush(
            style, sorted({*names} - FILLED_BY_MIGRATIONS),
            reset_sequences=reset_sequences, allow_cascade=allow_cascade,
        )  # fmt: skip

    flush.sql_flush = sql_flush
    flush.emit_post_migrate_signal = lambda *_arguments, **_named: None


def pytest_unconfigure() -> None:
    OUTPUT.cleanup()
    RUN.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if reports := terminalreporter.stats.get("skipped"):
        terminalreporter.section("skipped: tests, why, where")
        for line in summary.skipped(reports):
            terminalreporter.line(line)
    for line in summary.counted(terminalreporter.stats.get("passed", ())):
        terminalreporter.line(line)
    if terminalreporter.stats.keys() & {"failed", "error"}:
        RUN.keep = True
        terminalreporter.line(f"What the tests wrote is kept until the next run: {RUN.folder}")
    terminalreporter.line(summary.ran_on())


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real input next to the checkout; a test that asks for it is skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no real input: ../shared/data is not next to this checkout")
    return SHARED_DATA


@pytest.fixture(scope="session")
def cluster_template() -> Iterator[Path]:
    """The home of a cluster that was started and stopped once, to be copied; kept for as long as its code is."""
    var = CHECKOUT / "var"
    var.mkdir(exist_ok=True)
    folder = var / f"test-postgres-{_hash_of_localdb()}"
    with ExitStack() as use:
        with memory.lock(var / "test-postgres.lock"):
            for other in {*var.glob(f"test-postgres-{'?' * 8}/")} - {folder}:
                memory.remove_unused(other)
            folder.mkdir(exist_ok=True)
            use.enter_context(memory.lock(folder / "lock", fcntl.LOCK_SH))
            cluster = Cluster(folder / "postgres")
            if not (cluster.home / "complete").exists():  # begun, and killed
                cluster.destroy()
                cluster.start()
                _execute(
                    cluster.connection_settings(), f"ALTER SYSTEM SET max_locks_per_transaction = {LOCKS}"
                )
            cluster.stop()
        yield cluster.home


def _hash_of_localdb() -> str:
    """Of the code and the PostgreSQL that make a cluster."""
    code = [path.read_bytes() for path in sorted(Path(localdb.__file__).parent.glob("*.py"))]
    return sha256(b"".join((f"{binaries.newest().version} {LOCKS}".encode(), *code))).hexdigest()[:8]


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """Django's settings of a running PostgreSQL for tests."""
    database = settings.DATABASES["default"]
    if settings.DATABASE_URL:
        yield database
        return
    cluster = Cluster(RUN.folder / f"postgres-{os.getpid()}")
    try:
        copy_cluster(request.getfixturevalue("cluster_template"), cluster)
        cluster.start()
        database.update(cluster.connection_settings())
        _settle_for_less(database)
        yield database
    finally:
        cluster.destroy()


def copy_cluster(template: Path, cluster: Cluster) -> None:
    """Less work than making one."""
    subprocess.run(["cp", "-a", str(template), str(cluster.home)], check=True)


def _connect(postgres: dict[str, Any]) -> psycopg.Connection:
    keys = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    given = {name: postgres[key] for name, key in keys.items() if postgres.get(key)}
    return psycopg.connect(make_conninfo(dbname="postgres", **given), autocommit=True)


def _execute(postgres: dict[str, Any], statement: str, *names: str) -> None:
    with _connect(postgres) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _settle_for_less(postgres: dict[str, Any]) -> None:
    """Nothing here outlives the machine: what promises to survive a crash has a server of its own.

    Nothing compiles a query that runs once, as on a server that `tune` has set up, or vacuums what is dropped at once.
    """
    for name in ("fsync", "full_page_writes", "synchronous_commit", "jit", "autovacuum"):
        _execute(postgres, "ALTER SYSTEM SET {} = off", name)
    _execute(postgres, "SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres: dict[str, Any]) -> None:
    """Read by pytest-django before it makes the database of the `db` fixtures."""
    postgres.setdefault("TEST", {})["NAME"] = OF_THIS_RUN


def _environment(postgres: dict[str, Any], name: str) -> dict[str, str]:
    parts = {
        key: quote(str(postgres.get(key) or ""), safe="") for key in ("USER", "PASSWORD", "HOST", "PORT")
    }
    return os.environ | {
        "DATABASE_URL": "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/".format(**parts) + name,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SLOW_REQUEST_MS": str(UNHURRIED_MS),
        "SLOW_QUERY_MS": str(UNHURRIED_MS),
    }


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, postgres: dict[str, Any]
) -> Iterator[None]:
    """The database of the `db` fixtures, where a test of this run asks for it, and MIGRATED: as it was before use."""
    if connections["default"].settings_dict["NAME"] == OF_THIS_RUN:
        with django_db_blocker.unblock():
            connections.close_all()
        _take_shape(postgres, OF_THIS_RUN)
        _execute(postgres, COPY_DATABASE, MIGRATED, OF_THIS_RUN)
    else:
        _execute(postgres, "CREATE DATABASE {}", MIGRATED)
        done = _manage(_environment(postgres, MIGRATED), "migrate", "--verbosity", "0")
        assert done.returncode == 0, done.stderr
        _take_shape(postgres, MIGRATED)
    yield
    _execute(postgres, "DROP DATABASE {} WITH (FORCE)", MIGRATED)


def _take_shape(postgres: dict[str, Any], name: str) -> None:
    if IS_PARTITIONED:
        done = commands.run(_environment(postgres, name), "partition_entreprises", program=FEW_PARTITIONS)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def migrated_template(django_db_setup: None) -> str:
    """A database with the project's tables and nothing in them, to be copied."""
    return MIGRATED


@contextmanager
def _copy(postgres: dict[str, Any], template: str) -> Iterator[str]:
    """A database like that one, while the block runs."""
    name = f"{OF_THIS_RUN}_{secrets.token_hex(4)}"
    _execute(postgres, COPY_DATABASE, name, template)
    try:
        yield name
    finally:
        _execute(postgres, "DROP DATABASE {} WITH (FORCE)", name)


def _folders(folder: Path) -> dict[str, str]:
    return {
        "SEARCH_INDEX_DIR": str(folder / "search"),
        "LOG_DIR": str(folder / "logs"),
        "BACKUP_DIR": str(folder / "backups"),
    }


@pytest.fixture
def empty_database(
    postgres: dict[str, Any], migrated_template: str, tmp_path: Path
) -> Iterator[dict[str, str]]:
    """The environment in which commands work on a migrated, empty database of their own, with no search index."""
    with _copy(postgres, migrated_template) as name:
        yield _environment(postgres, name) | _folders(tmp_path)


@pytest.fixture(scope="module")
def shared_database(
    postgres: dict[str, Any], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """As empty_database, for all tests of a module."""
    with _copy(postgres, migrated_template) as name:
        yield _environment(postgres, name) | _folders(tmp_path_factory.mktemp("shared"))


@pytest.fixture(scope="session")
def companies_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """companies_file(600): a file of so many fictional companies, the same at each call. Nobody writes to it."""

    @cache
    def made(rows: int) -> Path:
        path = tmp_path_factory.mktemp("companies") / "entreprises.csv"
        call_command("generate_entreprises", str(path), rows=rows, stdout=StringIO())
        return path

    return made


@pytest.fixture(scope="session")
def loaded_template(
    postgres: dict[str, Any],
    migrated_template: str,
    companies_file: Callable[[int], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, Path]]:
    """A database with LOADED_ROWS fictional companies, to be copied, and the folder of their file and of the log."""
    folder = tmp_path_factory.mktemp("loaded")
    shutil.copy(companies_file(LOADED_ROWS), folder)
    with _copy(postgres, migrated_template) as name:
        environment = _environment(postgres, name) | _folders(folder)
        done = _manage(environment, "import_entreprises_bulk", folder / "entreprises.csv")
        assert done.returncode == 0, done.stderr
        yield name, folder


@pytest.fixture
def loaded_database(
    postgres: dict[str, Any], loaded_template: tuple[str, Path], tmp_path: Path
) -> Iterator[dict[str, str]]:
    """As empty_database, after an import of LOADED_ROWS fictional companies from tmp_path / "entreprises.csv"."""
    template, folder = loaded_template
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    with _copy(postgres, template) as name:
        yield _environment(postgres, name) | _folders(tmp_path)


def _manage(environment: dict[str, str], *arguments: object) -> subprocess.CompletedProcess[str]:
    return commands.run(environment, *arguments)


@pytest.fixture
def manage(empty_database: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """manage("import_villes", path): run the command as a person would, on an empty database."""
    return partial(_manage, empty_database)


@pytest.fixture
def company(db: None) -> Callable[..., Any]:
    """company("3M", is_active=False): add a company of that name, with a SIREN of its own."""
    from foxreviews.enterprise.models import Entreprise
    from foxreviews.reference.identifiers import siren_with_key

    numbers = itertools.count(10_000_000)

    def add(nom: str, **fields: object) -> Entreprise:
        return Entreprise.objects.create(**{"siren": siren_with_key(next(numbers)), "nom": nom} | fields)

    return add


@pytest.fixture
def etablissement(db: None) -> Callable[..., Any]:
    """etablissement("732829320", 2, "LE FOURNIL", ville_nom="Nantes"): a company's second one; no head office."""
    from foxreviews.enterprise.models import Etablissement

    def add(siren: str, number: int, sign: str = "", **fields: Any) -> Etablissement:
        signs = {"nom_commercial": sign, "autres_noms": f"enseigne:{sign}" if sign else ""}
        return Etablissement.objects.create(siret=f"{siren}{number:05}", siren=siren, **(signs | fields))

    return add


@pytest.fixture
def indexed(db: None) -> Callable[[], Any]:
    """indexed(): an index in memory of the companies that the database has now."""
    from foxreviews.enterprise.blocks import companies
    from foxreviews.search.index import document, schema

    def made() -> Any:
        frames = [frame for _, frame in companies(document.COLUMNS)]
        rows = tuple(itertools.chain.from_iterable(frame.rows() for frame in frames))
        if rows not in INDEXES:
            if len(INDEXES) == MAX_INDEXES:
                INDEXES.clear()
            blocks = map(document.documents, frames)
            INDEXES[rows] = _index(schema.entreprises, tuple(itertools.chain.from_iterable(blocks)))
        return INDEXES[rows]

    return made


@pytest.fixture
def places(db: None) -> Callable[[], Any]:
    """places(): what looks up towns and trades, in an index in memory of those that the database has now."""
    from foxreviews.search.engines.tantivy import TantivyIndex
    from foxreviews.search.query.places import Places

    return lambda: Places(TantivyIndex(_places()))


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch, indexed: Callable[[], Any], tmp_path: Path) -> Callable[[], None]:
    """index(): from now on the API has an index in memory, of the companies and towns that there are now."""
    from foxreviews.search import engine
    from foxreviews.search.index.reader import Indexes

    def made() -> None:
        indexes = Indexes(tmp_path, indexed(), _places())
        monkeypatch.setattr(engine, "_indexes", lambda: indexes)

    return made


def _places() -> Any:
    from foxreviews.search.index import place_documents, schema

    return _index(schema.places, tuple(place_documents.documents()))


@lru_cache(maxsize=50)  # tests only read it, and most have the same few towns and companies again: 0.1 s each
def _index(described: Callable[[], Any], documents: tuple[str, ...]) -> Any:
    import tantivy

    from foxreviews.search.index import schema

    index = schema.prepared(tantivy.Index(described()))
    writer = index.writer(20_000_000, 1)
    for each in documents:
        writer.add_json(each)
    writer.commit()
    index.reload()
    return index
