"""What ails the database: every check of `manage.py doctor`."""
