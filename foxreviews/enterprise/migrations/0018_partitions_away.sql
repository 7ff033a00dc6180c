-- Takes 0018_partitions.sql back. Companies in partitions need it.
DO $$
BEGIN
    IF (SELECT relkind = 'p' FROM pg_class WHERE oid = 'enterprise_entreprise'::regclass) THEN
        RAISE EXCEPTION 'Companies are in partitions. Run first: manage.py partition_entreprises --undo';
    END IF;
END
$$;
DROP FUNCTION enterprise_note_sirens, enterprise_move_siren, enterprise_forget_sirens, enterprise_withhold_when_moved,
    enterprise_refuse_partition CASCADE;
DROP TABLE enterprise_siren;
