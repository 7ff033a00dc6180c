"""What takes long or is due, run by Celery where CELERY_BROKER_URL is set: the commands themselves, as tasks.

`app` is Celery's settings, `tasks` runs a command, `ledger` keeps what became of it, `schedule` is what timers do
elsewhere, `status` says whether a broker and a worker answer. Without a broker Celery is never imported.
"""
