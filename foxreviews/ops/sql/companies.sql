-- One pass over the directory: how many companies there are, how many SIREN have no nine digits or a wrong key, and how
-- many stand in a town that location_ville does not have. The key (Luhn): the digits added up, every second one doubled
-- and its own digits added, make a multiple of ten;
-- that of nine zeros, which the register has, is right.
SELECT
    count(*) AS companies,
    count(*) FILTER (WHERE siren !~ '^[0-9]{9}$') AS misshapen,
    count(*) FILTER (WHERE siren ~ '^[0-9]{9}$' AND (
        ascii(siren) + ascii(substr(siren, 3)) + ascii(substr(siren, 5)) + ascii(substr(siren, 7)) + ascii(substr(siren, 9))
        - 5 * 48
        + substr('0246813579', ascii(substr(siren, 2)) - 47, 1)::int
        + substr('0246813579', ascii(substr(siren, 4)) - 47, 1)::int
        + substr('0246813579', ascii(substr(siren, 6)) - 47, 1)::int
        + substr('0246813579', ascii(substr(siren, 8)) - 47, 1)::int
    ) % 10 <> 0) AS wrong_key,
    count(*) FILTER (WHERE code_commune IS NULL) AS without_town,
    count(*) FILTER (WHERE code_commune IS NOT NULL AND code_insee IS NULL) AS unknown_town
FROM enterprise_entreprise
LEFT JOIN location_ville ON code_insee = code_commune;
