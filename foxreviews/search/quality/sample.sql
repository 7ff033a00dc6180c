-- About so many per cent of the companies, each drawn by itself, the same for the same seed while nothing is written.
-- A company that is hidden (enterprise.privacy) is not found by name, so nothing is asked of it.
SELECT siren, nom, ville_nom, naf_code
FROM enterprise_entreprise TABLESAMPLE BERNOULLI (%(percent)s) REPEATABLE (%(seed)s)
WHERE NOT {hidden}
ORDER BY siren
