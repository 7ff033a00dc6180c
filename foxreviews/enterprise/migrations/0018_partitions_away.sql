-- Takes 0018_partitions.sql back.
DROP FUNCTION enterprise_note_sirens, enterprise_move_siren, enterprise_forget_sirens, enterprise_withhold_when_moved,
    enterprise_refuse_partition CASCADE;
DROP TABLE enterprise_siren;
