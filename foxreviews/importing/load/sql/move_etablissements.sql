-- Move the establishments of a block. A public address keeps the name of a part of the town, as a company's does.
UPDATE enterprise_etablissement AS one
SET code_commune = move.new_code,
    ville_nom = move.new_ville,
    departement = move.new_departement,
    localite = CASE
        WHEN move.localite <> '' AND one.statut_diffusion = {public}
            AND length(one.localite) + length(move.localite) < 99
            AND position(
                regexp_replace(upper(normalize(move.localite, NFKD)), '[^A-Z0-9]', '', 'g')
                IN regexp_replace(upper(normalize(concat_ws(
                    ' ', one.complement_adresse, one.libelle_voie, one.distribution_speciale, one.localite
                ), NFKD)), '[^A-Z0-9]', '', 'g')
            ) = 0
        THEN concat_ws(', ', NULLIF(one.localite, ''), move.localite)
        ELSE one.localite END
FROM importing_move AS move
WHERE one.ctid >= {first}::tid AND one.ctid < {behind}::tid
    AND one.code_postal = move.code_postal
    AND one.ville_nom = move.ville_nom
    AND one.departement = move.departement
    AND coalesce(one.code_commune, '') = move.code_commune
