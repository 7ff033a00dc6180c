-- Which database this is: positions in one log mean nothing in another. The timeline changes where a server is restored
-- or a standby promoted, the number of the log where a dump is loaded. Null where there is no log.
SELECT CASE WHEN to_regclass('search_change') IS NOT NULL THEN concat_ws(
    '/',
    (SELECT system_identifier FROM pg_control_system()),
    (SELECT timeline_id FROM pg_control_checkpoint()),
    (SELECT oid FROM pg_database WHERE datname = current_database()),
    to_regclass('search_change')::oid
) END
