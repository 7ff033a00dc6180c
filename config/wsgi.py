"""The WSGI application that the production server loads."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("DATABASE_POOL_SIZE", "4")  # one connection for each thread of a worker

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

CANNOT_LOAD = 4  # gunicorn ends where a worker exits so, and tries others where it exits otherwise

try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(CANNOT_LOAD)
