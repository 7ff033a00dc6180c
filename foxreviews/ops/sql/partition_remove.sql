-- Remove from the copy the companies that have changed, with their SIREN.
WITH removed AS (
    DELETE FROM enterprise_entreprise_next AS copy USING partition_taken AS taken
    WHERE copy.id = taken.id AND copy.departement = taken.departement
    RETURNING copy.siren
)
DELETE FROM enterprise_siren AS noted USING removed WHERE noted.siren = removed.siren AND {is_partitioned}
