-- The server's settings as they are: `value` in units of `unit`, and whether a change needs a restart.
SELECT name, setting AS value, coalesce(unit, '') AS unit, current_setting(name) AS shown, context = 'postmaster' AS restart
FROM pg_settings
WHERE name = ANY(%(names)s)
