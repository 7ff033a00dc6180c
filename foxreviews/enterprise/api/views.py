"""The address that the scaling plan gives to these two classes; the body is api.entreprises.views."""

from foxreviews.api.entreprises.views import EnterpriseCursorPagination, EntrepriseViewSet

__all__ = ["EnterpriseCursorPagination", "EntrepriseViewSet"]
