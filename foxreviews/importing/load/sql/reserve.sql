-- Companies in partitions: reserve the SIREN of those that are to be added (enterprise/migrations/0018_partitions.sql).
-- One that another session adds at the same time stays as that session wrote it.
WITH reserved AS (
    INSERT INTO enterprise_siren (siren)
    SELECT siren FROM importing_difference WHERE kept_id IS NULL ORDER BY siren
    ON CONFLICT (siren) DO NOTHING
    RETURNING siren
)
DELETE FROM importing_difference AS staged
WHERE kept_id IS NULL AND NOT EXISTS (SELECT FROM reserved WHERE reserved.siren = staged.siren)
