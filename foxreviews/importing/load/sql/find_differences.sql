-- What a merge has to do: the staged companies that the directory lacks (kept_id is NULL), and those that differ from
-- what it keeps, with the values that they will have. One join for both, which PostgreSQL runs on several cores; an
-- UPDATE or INSERT that joins cannot. Staged rows that say the same as the directory are passed over by one
-- comparison; only of the others it is found out what they may overwrite, and whether that changes anything (differs).
CREATE TEMPORARY TABLE importing_difference AS
SELECT staged.siren, merged.*, kept.id AS kept_id,
       ({kept_columns}) IS DISTINCT FROM ({merged_columns}) AS differs,
       {fates}
FROM {staging} AS staged
LEFT JOIN enterprise_entreprise AS kept ON kept.siren = staged.siren
CROSS JOIN LATERAL (SELECT {values}) AS merged
WHERE kept.id IS NULL
   OR ({kept_columns}) IS DISTINCT FROM ({staged_columns})
