-- How many establishments have each value, of each département, open and closed ones apart, in one pass.
INSERT INTO enterprise_comptage (dimension, departement, is_active, valeur, nombre)
SELECT
    CASE grouping(code_commune, naf_code, naf25_code, tranche_effectif, annee_creation, mois_creation, mois_fermeture)
        WHEN 63 THEN 'code_commune'
        WHEN 95 THEN 'naf_code'
        WHEN 111 THEN 'naf25_code'
        WHEN 119 THEN 'tranche_effectif'
        WHEN 123 THEN 'annee_creation'
        WHEN 125 THEN 'mois_creation'
        WHEN 126 THEN 'mois_fermeture'
    END,
    departement,
    is_active,
    coalesce(
        code_commune, naf_code, naf25_code, tranche_effectif, annee_creation, mois_creation, mois_fermeture, ''
    ),
    count(*)
FROM (
    SELECT
        departement, is_active, coalesce(code_commune, '') AS code_commune, naf_code, naf25_code, tranche_effectif,
        coalesce(to_char(date_creation, 'YYYY'), '') AS annee_creation,
        coalesce(to_char(date_creation, 'YYYY-MM'), '') AS mois_creation,
        coalesce(to_char(date_fermeture, 'YYYY-MM'), '') AS mois_fermeture
    FROM enterprise_etablissement
) AS one
GROUP BY departement, is_active, GROUPING SETS (
    (code_commune), (naf_code), (naf25_code), (tranche_effectif), (annee_creation), (mois_creation), (mois_fermeture)
)
