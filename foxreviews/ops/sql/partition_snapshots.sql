-- Sessions in the middle of a moment that they have chosen before this one: the rows of the copy would come after it.
-- Those that wait for our lock choose theirs behind it.
SELECT count(*)
FROM pg_stat_activity
WHERE datname = current_database()
  AND pid <> pg_backend_pid()
  AND backend_xmin IS NOT NULL
  AND wait_event_type IS DISTINCT FROM 'Lock'
