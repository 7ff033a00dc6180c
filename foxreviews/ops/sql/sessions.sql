-- The sessions of this database that have a transaction open, the oldest first, with whom they wait for. What they say is
-- left out: it may hold names.
SELECT
    pid,
    usename AS role,
    application_name AS application,
    coalesce(state, backend_type) AS state,
    backend_type LIKE 'autovacuum%' AS autovacuum,
    round(extract(epoch FROM clock_timestamp() - xact_start)) AS seconds,
    round(extract(epoch FROM clock_timestamp() - state_change)) AS seconds_so,
    CASE WHEN wait_event_type = 'Lock' THEN pg_blocking_pids(pid) ELSE '{}' END AS waits_for
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
ORDER BY xact_start
