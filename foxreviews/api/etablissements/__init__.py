"""The establishments under /api/etablissements/ and /api/entreprises/{siren}/etablissements/."""
