-- Of pairs of a company and a line's place, the public establishments of the company there, by ranges of the keys that end
-- in the SIRET: in the postal code, in the commune, a few in the département, and the one that the line names.
SELECT
    pair.place, one.siret, one.nom_commercial, one.autres_noms, one.numero_voie, one.type_voie, one.libelle_voie,
    one.localite, one.code_postal, coalesce(one.code_commune, ''), one.departement, one.naf_code, one.naf25_code,
    one.is_active, one.est_siege
FROM unnest(
    %(sirens)s::text[], %(codes)s::text[], %(communes)s::text[], %(departements)s::text[], %(sirets)s::text[]
) WITH ORDINALITY AS pair (siren, code, commune, departement, siret, place),
LATERAL (
    (
        SELECT * FROM enterprise_etablissement
        WHERE code_postal = pair.code AND pair.code <> ''
            AND siret BETWEEN pair.siren || '00000' AND pair.siren || '99999'
        ORDER BY siret DESC LIMIT 40
    )
    UNION ALL (
        SELECT * FROM enterprise_etablissement
        WHERE code_commune = pair.commune AND pair.commune <> ''
            AND siret BETWEEN pair.siren || '00000' AND pair.siren || '99999'
        ORDER BY siret DESC LIMIT 40
    )
    UNION ALL (
        SELECT * FROM enterprise_etablissement
        WHERE departement = pair.departement AND pair.departement <> ''
            AND siret BETWEEN pair.siren || '00000' AND pair.siren || '99999'
        ORDER BY siret DESC LIMIT 10
    )
    UNION ALL (
        SELECT * FROM enterprise_etablissement
        WHERE siret = pair.siret AND siren = pair.siren
    )
) AS one
WHERE one.statut_diffusion = 'O'
ORDER BY pair.place, one.siret
