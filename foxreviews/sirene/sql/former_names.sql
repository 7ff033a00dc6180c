-- The former names of those who are not hidden: of one name in several periods from the first to the last. None that
-- the company still has: a person's name is a part of today's.
CREATE TEMPORARY TABLE importing_link AS
WITH said AS (
    SELECT *, btrim(regexp_replace(upper(translate(nom, {accented}, {plain})), '[^A-Z0-9]+', ' ', 'g')) AS folded
    FROM {staging}
), former AS (
    SELECT
        siren, nature, folded, (array_agg(nom ORDER BY date_fin DESC))[1] AS nom,
        CASE WHEN bool_and(date_debut IS NOT NULL) THEN min(date_debut) END AS date_debut, max(date_fin) AS date_fin
    FROM said
    GROUP BY siren, nature, folded
)
SELECT former.siren, former.nature, former.nom, former.date_debut, former.date_fin
FROM former
JOIN (SELECT * FROM {companies} WHERE NOT {hidden}) AS company ON company.siren = former.siren
CROSS JOIN LATERAL (
    SELECT
        btrim(regexp_replace(upper(translate(company.nom, {accented}, {plain})), '[^A-Z0-9]+', ' ', 'g')) AS nom,
        regexp_replace(upper(translate(
            concat(' ', company.nom, ' ', company.nom_commercial, ' ', company.autres_noms, ' '), {accented}, {plain}
        )), '[^A-Z0-9]+', ' ', 'g') AS names
) AS today
WHERE CASE former.nature
    WHEN 'denomination' THEN former.folded <> today.nom
    ELSE position(' ' || former.folded || ' ' IN today.names) = 0
END
