-- The statements of this database that took the most time since pg_stat_statements was set to zero, those for its own
-- upkeep left out.
SELECT
    query AS text,
    calls,
    mean_exec_time AS mean,
    max_exec_time AS longest,
    total_exec_time AS total,
    total_exec_time / nullif(sum(total_exec_time) OVER (), 0) AS share
FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY total_exec_time DESC
LIMIT %(most)s
