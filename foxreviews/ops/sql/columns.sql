-- Every table of the schema with its columns.
SELECT relname AS name, array_agg(attname::text) AS columns
FROM pg_class
JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
GROUP BY relname
