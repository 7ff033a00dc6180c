"""The production server: gunicorn --config config/gunicorn.py --bind 127.0.0.1:8000 config.wsgi

Threads share a worker's interpreter and its pool of connections; a second worker uses the second core and
answers while the first one restarts.
"""

import os
from pathlib import Path

worker_class = "gthread"
workers = max(2, os.cpu_count() or 1)
threads = 4  # as many as a worker's pool has connections, see config/wsgi.py

timeout = 30  # seconds; no request of the API takes one
graceful_timeout = 10  # seconds to finish what is being answered when told to stop
keepalive = 5  # seconds; a proxy in front uses its connections again

# Each worker proves that it lives by touching a file: on a disk busy with a load, that can stall for seconds.
_memory = Path("/dev/shm")  # noqa: S108 - where Linux keeps files in memory
worker_tmp_dir = str(_memory) if os.access(_memory, os.W_OK) else None

control_socket_disable = True  # signals do all that is needed, and several servers may share a home folder
