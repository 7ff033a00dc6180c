-- Of each company (its words with spaces between) the establishments that have the most of the words in their signs, town
-- or address, the latest SIRET first, with the company's place in the list. Of one company 20,000 are looked at.
SELECT place, siret
FROM (
    SELECT
        company.place, one.siret,
        rank() OVER (
            PARTITION BY company.place
            ORDER BY (
                SELECT count(*) FROM unnest(string_to_array(company.words, ' ')) AS word
                WHERE strpos(regexp_replace(one.text, '[^A-Z0-9]+', ' ', 'g'), ' ' || word || ' ') > 0
            ) DESC
        ) AS met
    FROM unnest(%(sirens)s::text[], %(words)s::text[]) WITH ORDINALITY AS company (siren, words, place), LATERAL (
        SELECT
            siret,
            translate(upper(concat_ws(
                ' ', '', nom_commercial, autres_noms, numero_voie, type_voie, libelle_voie, localite, code_postal,
                ville_nom, ''
            )), %(accented)s, %(plain)s) AS text
        FROM enterprise_etablissement
        WHERE siret BETWEEN company.siren || '00000' AND company.siren || '99999'
        ORDER BY siret
        LIMIT 20000
    ) AS one
) AS each
WHERE met = 1
ORDER BY place, siret DESC
