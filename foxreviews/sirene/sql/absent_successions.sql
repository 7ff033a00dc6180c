-- How many successions name an establishment that the directory lacks.
SELECT
    count(*) FILTER (WHERE before.siret IS NULL) AS predecesseur,
    count(*) FILTER (WHERE after.siret IS NULL) AS successeur
FROM importing_link AS link
LEFT JOIN enterprise_etablissement AS before ON before.siret = link.predecesseur
LEFT JOIN enterprise_etablissement AS after ON after.siret = link.successeur
