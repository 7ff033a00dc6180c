"""Django's backend for PostgreSQL, as web workers use it (settings.DATABASES)."""
