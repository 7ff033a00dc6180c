"""What can go wrong with the project's own PostgreSQL."""

from foxreviews.core.errors import FoxreviewsError, UsageError


class LocaldbError(FoxreviewsError):
    """The project's own PostgreSQL cannot be made, started, stopped or removed."""

    status = 503
    code = "local-database"


class BinariesMissingError(LocaldbError):
    """No PostgreSQL server programs of a version that will do are installed."""


class LocaldbUsageError(LocaldbError, UsageError):
    """The localdb command was asked for something that it must not do."""
