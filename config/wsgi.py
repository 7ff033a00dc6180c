"""The WSGI application that the production server loads."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("DATABASE_POOL_SIZE", "4")  # one connection for each thread of a worker

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
