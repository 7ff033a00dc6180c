-- What is stored of companies that are not public goes: the trigger of 0006_privacy.sql masks each row that is touched.
-- One look at the table, under which it is read and written; only the rows that change are locked.
UPDATE enterprise_entreprise
SET updated_at = now()
WHERE (statut_diffusion <> 'O' OR nom = '[ND]')
  AND (
      adresse <> '' OR telephone <> '' OR email <> '' OR site_web <> ''
      OR latitude IS NOT NULL OR longitude IS NOT NULL
      OR CASE WHEN nom = '[ND]' THEN nom_commercial <> ''
              ELSE categorie_juridique !~ '^([03-9][0-9]|2[04-9])[0-9][0-9]$' END
  )
