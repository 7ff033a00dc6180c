"""Tables as files: `manage.py export`, which the web server runs for /api/exports/."""
