-- Of two staged establishments with one SIRET the first one stays.
DELETE FROM {staging} AS staged
USING (SELECT ctid, row_number() OVER (PARTITION BY siret ORDER BY ctid) AS place FROM {staging}) AS ranked
WHERE staged.ctid = ranked.ctid AND ranked.place > 1
