"""The address that the scaling plan gives to these two classes."""

from foxreviews.api.entreprises.views import EnterpriseCursorPagination, EntrepriseViewSet  # noqa: F401
