-- Replication slots that no standby uses, and how much of the log the primary keeps for each (bytes).
SELECT slot_name AS name, (pg_current_wal_flush_lsn() - restart_lsn)::bigint AS bytes
FROM pg_replication_slots
WHERE NOT active AND restart_lsn IS NOT NULL
ORDER BY bytes DESC
