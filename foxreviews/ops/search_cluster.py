"""Whether the cluster that searches are answered by is fit for it: for preflight and doctor."""

from foxreviews.core.findings import Finding, Severity
from foxreviews.search.cluster.reader import configured_storage
from foxreviews.search.errors import IndexFailedError, UnusableIndexError

SUBJECT = "search cluster"
MEANWHILE = "Searches are answered by this machine's index where it has one, else by PostgreSQL."
SECONDS = 2.0


def search_cluster() -> Finding:
    """Of SEARCH_ENGINE=opensearch: it answers, its index is whole, and another node has a copy of it."""
    storage = configured_storage()
    try:
        found = storage.cluster.call("GET", "/", seconds=SECONDS)
        version = f"{found['version'].get('distribution', 'elasticsearch')} {found['version']['number']}"
    except (IndexFailedError, UnusableIndexError) as error:
        return Finding(SUBJECT, Severity.WARNING, str(error), MEANWHILE, "manage.py search_status")
    try:
        storage.known(seconds=SECONDS)
        health = storage.health(seconds=SECONDS)
    except (IndexFailedError, UnusableIndexError) as error:
        why = f"{version} answers, and has no index for this directory. {MEANWHILE}"
        return Finding(SUBJECT, Severity.WARNING, str(error), why, "manage.py search_rebuild")
    about = f"{version}, {health.nodes} nodes, {health.colour}"
    figures = {"colour": health.colour, "nodes": health.nodes}
    if health.colour == "red":
        why = f"A part of the index is on no node. {MEANWHILE}"
        return Finding(SUBJECT, Severity.WARNING, about, why, "manage.py search_rebuild", figures)
    if health.nodes == 1:
        why = "When it stops, searches are answered more slowly until it is back. Two more nodes would go on."
        return Finding(SUBJECT, Severity.NOTE, about, why, figures=figures)
    if health.colour == "yellow":
        why = "The index has no second copy now: a node is away, or a copy is being made."
        return Finding(SUBJECT, Severity.NOTE, about, why, figures=figures)
    return Finding(SUBJECT, Severity.OK, about, figures=figures)
