-- Companies by their SIREN, each with its town where the directory has it; columns are named as Django's .values() does.
SELECT entreprise.*, entreprise.code_commune AS ville_id, ville.nom AS town_nom, ville.slug AS town_slug
FROM enterprise_entreprise AS entreprise
LEFT JOIN location_ville AS ville ON ville.code_insee = entreprise.code_commune
WHERE entreprise.siren = ANY(%(sirens)s)
