-- The server's settings as they are: value in units of `unit`, where it comes from, and when a change takes effect.
SELECT name, setting AS value, coalesce(unit, '') AS unit, current_setting(name) AS shown,
    context = 'postmaster' AS restart, coalesce(sourcefile, '') LIKE '%%postgresql.auto.conf' AS altered, pending_restart
FROM pg_settings
WHERE name = ANY(%(names)s)
