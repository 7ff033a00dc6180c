-- The session of this database that has been in a transaction the longest; for dead rows, of those that may still see
-- them.
SELECT concat('process ', pid, ', in a transaction since ', to_char(xact_start, 'YYYY-MM-DD HH24:MI')) AS session
FROM pg_stat_activity
WHERE datname = current_database()
  AND pid <> pg_backend_pid()
  AND xact_start IS NOT NULL
  AND (backend_xmin IS NOT NULL OR NOT %(seeing)s)
ORDER BY xact_start
LIMIT 1
