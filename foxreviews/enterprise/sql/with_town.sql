-- A company by its SIREN, with its town where the directory has it, its former names, and whose double it is.
SELECT
    entreprise.*, ville.nom AS town_nom, ville.slug AS town_slug,
    ARRAY(
        SELECT jsonb_build_object('nom', nom, 'nature', nature, 'date_debut', date_debut, 'date_fin', date_fin)::text
        FROM enterprise_anciennom
        WHERE siren = entreprise.siren
        ORDER BY date_fin DESC, nature, nom
    ) AS anciens_noms,
    (SELECT doublon_de FROM enterprise_doublon WHERE siren = entreprise.siren) AS doublon_de
FROM enterprise_entreprise AS entreprise
LEFT JOIN location_ville AS ville ON ville.code_insee = entreprise.code_commune
WHERE entreprise.siren = ANY(%(sirens)s)
