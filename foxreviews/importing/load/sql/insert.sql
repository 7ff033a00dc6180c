-- Add the companies that the directory does not have yet. Columns that the file lacks take their defaults. A SIREN
-- that another session adds at the same time stays as that session wrote it.
INSERT INTO enterprise_entreprise (siren, {columns})
SELECT staged.siren, {staged_columns}
FROM importing_difference AS staged
WHERE staged.kept_id IS NULL
ON CONFLICT DO NOTHING
