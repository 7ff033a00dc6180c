"""What can be wrong with a file or a run as a whole; a single bad record is a reject, not an error."""

import psycopg
from django.db import Error

from foxreviews.core.errors import FoxreviewsError, UsageError


class NothingLoaded(FoxreviewsError):
    """The file has no record that could be loaded. Nothing was merged."""

    status = 422
    code = "nothing-loaded"


class UnbalancedRun(FoxreviewsError):
    """The counts of a run do not add up to its records: a program defect, never to be ignored."""

    code = "unbalanced-run"


class TooManyRejects(FoxreviewsError):
    """More of the file is rejected than --max-reject-rate allows. Nothing was merged."""

    status = 422
    code = "too-many-rejects"


class TooFewActive(FoxreviewsError):
    """The file would make more companies inactive than --min-ratio allows. Nothing was merged."""

    status = 422
    code = "too-few-active"


class ColumnEmptied(FoxreviewsError):
    """The file would empty a column of, or hide, more companies than --max-emptied allows. Nothing was merged."""

    status = 422
    code = "column-emptied"


class UnknownNomenclature(FoxreviewsError):
    """The register names a nomenclature of activities that nobody knows. Nothing was merged."""

    status = 422
    code = "unknown-nomenclature"


class TooManyGone(FoxreviewsError):
    """The register lacks more of the companies that it had than --max-gone allows. Nothing was merged."""

    status = 422
    code = "too-many-gone"


class InputChanged(UsageError):
    """The text is not that of the interrupted import. Nothing was merged."""

    code = "input-changed"


class DatabaseGone(FoxreviewsError):
    """PostgreSQL stopped, closed the connection or ran out of disk; the same command continues once it is back."""

    status = 503
    code = "database-gone"

    @classmethod
    def because(cls, error: Error, then: str) -> "DatabaseGone":
        """With the message of PostgreSQL; `then` says what is there now, and what to do."""
        first: BaseException = error
        # Django reconnects after a lost transaction: the error of that attempt hides why the server stopped.
        while isinstance(first.__context__, Error | psycopg.Error):
            first = first.__context__
        said, *more = (str(first).strip() or type(first).__name__).splitlines()
        hints = [line.removeprefix("HINT:").strip() for line in more if line.startswith("HINT:")]
        reason = " ".join(f"{sentence.rstrip('.')}." for sentence in (said, *hints))
        return cls(f"PostgreSQL stopped the import: {reason} {then}")
