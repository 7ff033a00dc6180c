"""What is measured, and the limits that it is held to: the import, the API's pages, the search's speed and relevance.

Each is run from the checkout, as a module: .venv/bin/python -m benchmarks.imports.speed --help

The product does not import this package. It works on the configured database, or on databases that it drops at the end.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
