"""Questions that are refused before they are sent, and searches that are given up."""

from foxreviews.core.errors import FoxreviewsError, UsageError


class EmptyQuestionError(UsageError):
    """Nothing was typed."""

    code = "empty-question"


class QuestionTooLongError(UsageError):
    """More was typed than a name can hold."""

    code = "question-too-long"


class TooManyToSortError(UsageError):
    """More companies were found than can be sorted by something else than relevance."""

    code = "too-many-to-sort"


class SearchTimeoutError(FoxreviewsError):
    """The search took longer than it may."""

    status = 503
    code = "search-timeout"


class UnusableIndexError(FoxreviewsError):
    """There is no index, or it must be built anew; PostgreSQL answers meanwhile."""

    status = 503
    code = "no-search-index"


class IndexFailedError(FoxreviewsError):
    """The index could not be read or written: the disk is full, files are damaged or gone."""

    status = 503
    code = "search-index-failed"
