-- The establishments of several companies, each by the range of the key that its SIREN is.
SELECT one.siret
FROM unnest(%s::text[]) AS asked (siren)
JOIN enterprise_etablissement AS one
    ON one.siret BETWEEN asked.siren || '00000' AND asked.siren || '99999'
