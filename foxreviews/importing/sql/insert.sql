-- Add the companies that the directory does not have yet, in the order of the file. Columns that the file lacks take
-- their defaults. A SIREN that somebody else adds in this very moment stays theirs.
INSERT INTO enterprise_entreprise (siren, {columns})
SELECT staged.siren, {staged_columns}
FROM {staging} AS staged
WHERE NOT EXISTS (SELECT FROM enterprise_entreprise AS kept WHERE kept.siren = staged.siren)
ON CONFLICT (siren) DO NOTHING
