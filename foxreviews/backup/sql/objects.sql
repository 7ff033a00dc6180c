-- What belongs to the tables that survive a crash, so that a restore that lacks an index is found out. Invalid indexes
-- are in no dump.
WITH tables AS (
    SELECT pg_class.oid
    FROM pg_class
    JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
    WHERE pg_class.relkind IN ('r', 'p')
      AND pg_class.relpersistence = 'p'
      AND pg_namespace.nspname NOT LIKE 'pg\_%'
      AND pg_namespace.nspname <> 'information_schema'
)
SELECT
    (SELECT count(*) FROM pg_index WHERE indisvalid AND indrelid IN (SELECT oid FROM tables)) AS indexes,
    (
        SELECT count(*) FROM pg_constraint
        WHERE contype IN ('c', 'f', 'p', 'u', 'x') AND conrelid IN (SELECT oid FROM tables)
    ) AS constraints,
    (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM tables)) AS triggers
