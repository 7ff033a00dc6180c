-- Companies that may be shown, with one of their open establishments, in an order that a seed gives; real ones first.
SELECT
    entreprise.siren, entreprise.nom, entreprise.nom_commercial, entreprise.autres_noms, entreprise.naf_code,
    entreprise.naf_libelle, entreprise.categorie_juridique, place.siret, place.numero_voie, place.type_voie,
    place.libelle_voie, place.code_postal, place.ville_nom, place.departement, place.nom_commercial,
    place.autres_noms
FROM (SELECT * FROM enterprise_entreprise WHERE NOT {hidden} AND nom <> '') AS entreprise, LATERAL (
    SELECT * FROM enterprise_etablissement
    WHERE siret BETWEEN entreprise.siren || '00000' AND entreprise.siren || '99999'
        AND statut_diffusion = 'O' AND libelle_voie <> ''
    ORDER BY is_active DESC, md5(siret || %(seed)s)
    LIMIT 1
) AS place
WHERE entreprise.siren <> ALL (%(real)s)
ORDER BY md5(entreprise.siren || %(seed)s)
LIMIT %(limit)s
