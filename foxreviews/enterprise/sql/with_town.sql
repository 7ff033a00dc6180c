-- A company by its SIREN, with its town where the directory has it.
SELECT entreprise.*, ville.nom AS town_nom, ville.slug AS town_slug
FROM enterprise_entreprise AS entreprise
LEFT JOIN location_ville AS ville ON ville.code_insee = entreprise.code_commune
WHERE entreprise.siren = %(siren)s
