-- Copy them as they are now.
WITH copied AS (
    INSERT INTO enterprise_entreprise_next ({columns})
    SELECT {columns} FROM enterprise_entreprise WHERE id IN (SELECT id FROM partition_taken)
    RETURNING siren, departement
), logged AS (
    INSERT INTO search_change (siren) SELECT siren FROM copied WHERE {is_last}
)
INSERT INTO enterprise_siren (siren, departement) SELECT siren, departement FROM copied WHERE {is_partitioned}
