-- The indexes of a table as they are defined behind USING, and whether each is a key's.
SELECT
    pg_class.relname AS name,
    substr(pg_get_indexdef(indexrelid), strpos(pg_get_indexdef(indexrelid), ' USING ') + 7) AS definition,
    EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u')) AS is_key
FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid
WHERE indrelid = to_regclass(%(table)s) AND indisvalid
ORDER BY name
