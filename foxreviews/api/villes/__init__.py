"""The towns under /api/villes/."""
