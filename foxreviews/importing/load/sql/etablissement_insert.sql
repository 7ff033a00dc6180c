-- Add the establishments that the directory does not have yet.
INSERT INTO enterprise_etablissement (siret, {columns})
SELECT siret, {columns} FROM importing_etablissement_difference WHERE is_new
