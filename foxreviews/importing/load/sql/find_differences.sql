-- What a merge has to do: the staged companies that the directory lacks (kept_id is NULL), and those that differ from
-- what it keeps. One join for both, which PostgreSQL runs on several cores; an UPDATE or INSERT that joins cannot.
CREATE TEMPORARY TABLE importing_difference AS
SELECT staged.*, kept.id AS kept_id
FROM {staging} AS staged
LEFT JOIN enterprise_entreprise AS kept ON kept.siren = staged.siren
WHERE kept.id IS NULL
   OR ({kept_columns}) IS DISTINCT FROM ({staged_columns})
