-- The companies whose SIREN has no nine digits or a wrong key (Luhn), each with what it should end in.
SELECT siren, nom, id, created_at, right_key
FROM enterprise_entreprise
CROSS JOIN LATERAL (
    SELECT CASE WHEN siren ~ '^[0-9]{9}$' THEN (
        SELECT 9 - (sum(CASE WHEN place % 2 = 1 THEN digit ELSE digit * 2 - 9 * (digit > 4)::int END) + 9) % 10
        FROM (SELECT place, ascii(substr(siren, place)) - 48 AS digit FROM generate_series(1, 8) AS place) AS digits
    ) END AS right_key
) AS checked
WHERE siren !~ '^[0-9]{9}$' OR right_key <> right(siren, 1)::int
ORDER BY id
