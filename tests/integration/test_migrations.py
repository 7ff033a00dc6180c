"""Migrations of tables in use block no session for long."""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, AlterField, RunPython, RunSQL

# Tables that requests read, or that may have millions of rows.
IN_USE = {("enterprise", "entreprise"), ("location", "ville"), ("importing", "importreject")}
# Why each of these does no harm.
LOOKED_AT = {
    ("enterprise", "0002_naf25_code"): "a column with a constant default rewrites nothing",
    ("enterprise", "0003_nom_statistics"): "SHARE UPDATE EXCLUSIVE: neither reading nor writing waits",
    ("enterprise", "0004_room_for_updates"): "SHARE UPDATE EXCLUSIVE: neither reading nor writing waits",
    ("enterprise", "0005_naf25"): "constant defaults rewrite nothing; its index is built CONCURRENTLY",
    ("importing", "0002_reject_indexes"): "only an import writes rejects",
    ("enterprise", "0006_privacy"): "triggers: writing waits for milliseconds, reading not at all",
    (
        "enterprise",
        "0007_withhold_stored",
    ): "an update of rows that hold what is hidden, next to readers and writers",
    (
        "enterprise",
        "0008_naf25_lighter",
    ): "a dropped column rewrites nothing; the index is built CONCURRENTLY",
    ("enterprise", "0009_autres_noms"): "a constant default rewrites nothing; triggers, as 0006",
    (
        "enterprise",
        "0011_etablissement_triggers",
    ): "triggers, as 0006; the table of establishments is new",
    ("enterprise", "0013_anciens_noms"): "triggers, as 0006; the table of former names is new",
    ("enterprise", "0014_near"): "its indexes are built CONCURRENTLY",
    ("enterprise", "0015_pages_by_filter"): "its indexes are built CONCURRENTLY",
    ("enterprise", "0016_room_for_establishments"): "as 0004",
    ("enterprise", "0017_dataset_change"): "triggers, as 0006",
    ("enterprise", "0018_partitions"): "a new table, and functions that no trigger calls yet",
    ("enterprise", "0020_corrections"): "new tables, and the functions of triggers: nothing waits",
    ("enterprise", "0021_categorie_employeur"): "constant defaults, and none: nothing is rewritten",
    ("location", "0002_former_communes"): "a column with a constant default rewrites nothing",
    ("location", "0003_names_index"): "its index is built CONCURRENTLY",
    ("search", "0001_change_log"): "triggers: writing waits for milliseconds, reading not at all",
    ("search", "0002_places"): "the log and towns: writing waits for milliseconds, reading not at all",
    ("search", "0003_naf25"): "the function of a trigger: nothing waits",
    ("search", "0004_autres_noms"): "the function of a trigger: nothing waits",
    ("search", "0005_etablissements"): "triggers: a lock that waits for no reader",
    ("search", "0006_anciens_noms"): "triggers of a new table",
    ("search", "0007_date_creation"): "the function of a trigger: nothing waits",
    ("search", "0008_categorie_employeur"): "the function of a trigger: nothing waits",
}


@pytest.mark.django_db
def test_a_migration_that_may_lock_a_table_in_use_was_looked_at() -> None:
    """Add an index with AddIndexConcurrently; see CONTRIBUTING for the others."""
    found = set()
    for (app, name), migration in MigrationLoader(connection).graph.nodes.items():
        if not _is_ours(app) or migration.initial:
            continue
        for operation in migration.operations:
            model = (app, str(getattr(operation, "model_name", "")).lower())
            changes = isinstance(operation, AddIndex | AddConstraint | AddField | AlterField)
            anything = isinstance(operation, RunSQL | RunPython)
            if anything or (changes and model in IN_USE and not _is_concurrent(operation)):
                found.add((app, name))
    assert found == LOOKED_AT.keys()


def _is_ours(app: str) -> bool:
    return app in {"enterprise", "location", "importing", "search", "ops", "api"}


def _is_concurrent(operation: object) -> bool:
    return type(operation).__name__.endswith("Concurrently")
