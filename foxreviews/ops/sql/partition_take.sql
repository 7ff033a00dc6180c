-- Take what the log has. NULL stands for a table that was emptied.
CREATE TEMPORARY TABLE partition_taken ON COMMIT DROP AS
WITH taken AS (DELETE FROM enterprise_entreprise_changed RETURNING id, departement)
SELECT DISTINCT id, departement FROM taken
