-- The moment, a name by which other sessions see the same, and the options of CREATE DATABASE for another one like it.
SELECT
    pg_export_snapshot() AS snapshot,
    now() AS made_at,
    current_setting('server_version_num') AS version_number,
    split_part(current_setting('server_version'), ' ', 1) AS version,
    datname AS name,
    pg_encoding_to_char(encoding) AS encoding,
    datcollate AS collate,
    datctype AS ctype,
    pg_database_size(oid) AS bytes
FROM pg_database
WHERE datname = current_database()
