-- A name by which other sessions see the same moment, the server's version, and what a manifest has of the database.
SELECT
    pg_export_snapshot() AS snapshot,
    current_setting('server_version_num')::int / 10000 AS major,
    json_build_object(
        'made_at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
        'database', datname,
        'postgresql', split_part(current_setting('server_version'), ' ', 1),
        'locale', json_build_object(
            'ENCODING', pg_encoding_to_char(encoding), 'LC_COLLATE', datcollate, 'LC_CTYPE', datctype
        ),
        'database_bytes', pg_database_size(oid)
    ) AS about
FROM pg_database
WHERE datname = current_database()
