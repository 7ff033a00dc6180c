-- An establishment as a text: its names with tabs between, town, INSEE code and postal code (see branches.sql).
concat_ws(
    E'\x1e', concat_ws(E'\t', enterprise_etablissement.nom_commercial, enterprise_etablissement.autres_noms),
    enterprise_etablissement.ville_nom, coalesce(enterprise_etablissement.code_commune, ''),
    enterprise_etablissement.code_postal
)
