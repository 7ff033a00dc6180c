-- About so many per cent of the companies, each drawn by itself, the same for the same seed while nothing is written.
-- A natural person who is not public (enterprise.diffusion) is not found by name, so nothing is asked of them.
SELECT siren, nom, ville_nom, naf_code
FROM enterprise_entreprise TABLESAMPLE BERNOULLI (%(percent)s) REPEATABLE (%(seed)s)
WHERE NOT (statut_diffusion = 'P' AND categorie_juridique = '1000')
ORDER BY siren
