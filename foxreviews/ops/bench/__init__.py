"""How fast the directory answers, beside the plan's limits: `manage.py bench`."""
