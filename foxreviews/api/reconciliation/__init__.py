"""/api/reconciliation/: the W3C community group's Reconciliation Service API 0.2, which OpenRefine speaks."""
