-- The triggers that mask or remove what is hidden, those of the change log that search indexes follow, those that make
-- another version of the dataset, and whether each fires.
SELECT tables.relname AS "table", tgname AS name, tgenabled IN ('O', 'A') AS fires
FROM pg_trigger
JOIN pg_class AS tables ON tables.oid = tgrelid
WHERE tables.relnamespace = current_schema()::regnamespace AND (tgname LIKE 'search\_change\_%' OR tgname LIKE 'enterprise\_%' OR tgname = 'dataset_change')
