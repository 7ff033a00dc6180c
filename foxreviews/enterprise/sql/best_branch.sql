-- Of each company the open, public establishment, not the head office, that has the most of the words (a space behind a whole one): first in its town
-- and postal code, then in its signs, then the oldest. Those of a chain are read, 17,000 at the most.
SELECT best.*
FROM unnest(%(sirens)s::text[]) AS company (siren), LATERAL (
    SELECT
        siret, siren, nom_commercial, autres_noms, ville_nom, code_commune, code_postal,
        (
            SELECT count(*) FROM unnest(%(towns)s::text[]) AS word
            WHERE strpos(regexp_replace(texts.town, '[^A-Z0-9]+', ' ', 'g'), ' ' || word) > 0
        ) AS towns_met,
        (
            SELECT count(*) FROM unnest(%(signs)s::text[]) AS word
            WHERE strpos(regexp_replace(texts.signs, '[^A-Z0-9]+', ' ', 'g'), ' ' || word) > 0
        ) AS signs_met
    FROM enterprise_etablissement, LATERAL (
        SELECT
            translate(upper(concat_ws(' ', '', ville_nom, code_postal, '')), %(accented)s, %(plain)s) AS town,
            translate(upper(concat_ws(' ', '', nom_commercial, autres_noms, '')), %(accented)s, %(plain)s) AS signs
    ) AS texts
    WHERE siret BETWEEN company.siren || '00000' AND company.siren || '99999'
        AND NOT est_siege AND is_active AND statut_diffusion = 'O'
    ORDER BY towns_met DESC, signs_met DESC, siret
    LIMIT 1
) AS best
WHERE towns_met + signs_met > 0
