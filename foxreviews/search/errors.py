"""Questions that are refused before they are sent, and searches that are given up."""

from foxreviews.core.errors import FoxreviewsError, UsageError


class EmptyQuestionError(UsageError):
    """Nothing was typed."""

    code = "empty-question"


class QuestionTooLongError(UsageError):
    """More was typed than a name can hold."""

    code = "question-too-long"


class SearchTimeoutError(FoxreviewsError):
    """The search took longer than it may."""

    status = 503
    code = "search-timeout"
