-- Companies that lines of a list may mean, with the names that they had. Who is hidden is no candidate, whatever an index
-- that is older than the row has.
SELECT
    siren, siret, nom, nom_commercial, autres_noms,
    CASE WHEN statut_diffusion = 'O' THEN adresse ELSE '' END AS adresse, code_postal, ville_nom,
    coalesce(code_commune, '') AS code_commune, departement, naf_code, naf25_code, categorie_juridique, is_active,
    statut_diffusion, {former_names} AS anciens_noms
FROM enterprise_entreprise
WHERE siren = ANY(%(sirens)s) AND NOT {hidden}
