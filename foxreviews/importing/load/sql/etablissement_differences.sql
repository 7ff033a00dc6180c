-- What a merge has to do with establishments: those that the directory lacks, and those that differ from what it keeps,
-- with the values that they will have. A value that is not known overwrites none.
CREATE TEMPORARY TABLE importing_etablissement_difference AS
SELECT staged.siret, merged.*, kept.siret IS NULL AS is_new
FROM {staging} AS staged
LEFT JOIN enterprise_etablissement AS kept ON kept.siret = staged.siret
CROSS JOIN LATERAL (SELECT {values}) AS merged
WHERE kept.siret IS NULL OR ({kept_columns}) IS DISTINCT FROM ({merged_columns})
