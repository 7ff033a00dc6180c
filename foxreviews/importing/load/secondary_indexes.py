"""The directory's secondary indexes around a first load: dropped before it, built in parallel after it.

An insertion into the trigram index costs more than all the rest of a load. A table that has rows keeps its indexes,
because it may be read.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager, suppress
from queue import SimpleQueue

import psycopg
from django.db import connection
from django.db.models import Index, Model

from foxreviews.enterprise.models import Entreprise, Etablissement

Models = type[Model]
BUILDERS = 2
TRIGRAM = "trgm"  # in the name of such an index
SECONDS_BETWEEN_CHECKS = 0.05
# Each builder has one core: the trigram index takes as long as a third of all.
BUILDER_SETTINGS = """
SET max_parallel_maintenance_workers = 0;
SET client_connection_check_interval = '200ms';
"""
# The trigram index of 1,000,000 names takes 11.9 s of processor time in 256 MB, and 9.9 s in 1 GB, which a server with
# 4 GB of shared buffers has.
TRIGRAM_MEMORY = """
RESET maintenance_work_mem;
SELECT set_config('maintenance_work_mem', greatest(pg_size_bytes(current_setting('maintenance_work_mem')),
                                                   pg_size_bytes(current_setting('shared_buffers')) / 4,
                                                   pg_size_bytes('256MB')) / 1024 || 'kB', false)
"""
# The others are sorted in what the processor's cache holds, and merged then: less work than in one large sort.
SORT_MEMORY = "SET maintenance_work_mem = '16MB'"


@contextmanager
def rebuilt(model: Models) -> Iterator[None]:
    """Fill the model's empty table in the block, in the caller's transaction. Its keys are built after it.

    1,000,000 rows: 1.3 s to insert and 1.0 s to build both keys, against 9 s with the keys in place.
    """
    with connection.cursor() as cursor:
        for index in model._meta.indexes:
            cursor.execute(f'DROP INDEX IF EXISTS "{index.name}"')
        table, keys = model._meta.db_table, _keys(model)
        for name, _ in keys:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        yield
        for name, definition in keys:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def _keys(model: Models) -> list[tuple[str, str]]:
    """The primary key and the unique constraints, as PostgreSQL defines them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = %s::regclass AND contype IN ('p', 'u') ORDER BY contype",
            [model._meta.db_table],
        )
        keys: list[tuple[str, str]] = cursor.fetchall()
    return keys


def missing() -> list[tuple[Models, Index]]:
    """The indexes of the models that their tables lack, or have only as an invalid leftover."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = ANY(%s::regclass[]) AND indisvalid",
            [[model._meta.db_table for model in (Entreprise, Etablissement)]],
        )
        present = {row[0] for row in cursor.fetchall()}
    return [
        (model, index)
        for model in (Entreprise, Etablissement)
        for index in model._meta.indexes
        if index.name not in present
    ]


def build(indexes: list[tuple[Models, Index]], built: Callable[[str, float], None]) -> None:
    """Build the indexes, two at a time; `built` gets the name and seconds of each. Readers continue, writers wait.

    Raises django.db.OperationalError where PostgreSQL fails one. Whatever is raised, no build continues after it.
    """
    with connection.schema_editor(collect_sql=True) as editor:
        # What takes longest starts first, so that both builders end together: the trigram index, then by columns.
        ordered = sorted(indexes, key=lambda pair: (TRIGRAM not in pair[1].name, -len(pair[1].fields)))
        statements = {index.name: str(index.create_sql(model, editor)) for model, index in ordered}
    with ExitStack() as stack, ThreadPoolExecutor(BUILDERS) as pool:
        with connection.wrap_database_errors:
            sessions = [stack.enter_context(_session()) for _ in range(min(BUILDERS, len(indexes)))]
        free: SimpleQueue[psycopg.Connection] = SimpleQueue()
        for session in sessions:
            free.put(session)
        started = [pool.submit(_build_one, free, name, statement) for name, statement in statements.items()]
        try:
            for future in as_completed(started):
                with connection.wrap_database_errors:
                    built(*future.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            while not all(future.done() for future in started):
                for session in sessions:
                    with suppress(psycopg.Error):  # it has gone with its server
                        session.cancel_safe()
                time.sleep(SECONDS_BETWEEN_CHECKS)  # a builder may have been between two statements
            raise


def _session() -> psycopg.Connection:
    """One for each builder: to open one takes as long as an index of some thousand rows."""
    parameters = connection.get_connection_params()
    parameters = {key: value for key, value in parameters.items() if key not in {"pool", "context"}}
    session = psycopg.connect(**parameters, autocommit=True)
    try:
        session.execute(BUILDER_SETTINGS)
    except BaseException:
        session.close()
        raise
    return session


def _build_one(free: "SimpleQueue[psycopg.Connection]", name: str, statement: str) -> tuple[str, float]:
    started, session = time.monotonic(), free.get()
    try:
        session.execute(TRIGRAM_MEMORY if TRIGRAM in name else SORT_MEMORY)
        session.execute(f'DROP INDEX IF EXISTS "{name}"')
        session.execute(statement)
    finally:
        free.put(session)
    return name, time.monotonic() - started
