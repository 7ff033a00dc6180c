-- How far a server is, primary or standby: the position in the log up to which it has everything (bytes), which history
-- it belongs to, and since when it runs. Of a standby the timeline is that of its last restart point at least.
SELECT
    pg_is_in_recovery() AS is_standby,
    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END - '0/0' AS position,
    (SELECT system_identifier FROM pg_control_system()) AS system,
    CASE
        WHEN pg_is_in_recovery() THEN greatest(
            (SELECT timeline_id FROM pg_control_checkpoint()),
            (SELECT min_recovery_end_timeline FROM pg_control_recovery())
        )
        ELSE ('x' || left(pg_walfile_name(pg_current_wal_flush_lsn()), 8))::bit(32)::int
    END AS timeline,
    pg_postmaster_start_time() AS started
