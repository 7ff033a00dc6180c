-- Remove from the copy the companies that have changed, with their SIREN. Who chooses a moment while the names are changed
-- sees the copy without the last changes: an index that is being built reads those again.
WITH removed AS (
    DELETE FROM enterprise_entreprise_next AS copy USING partition_taken AS taken
    WHERE copy.id = taken.id AND copy.departement = taken.departement
    RETURNING copy.siren
), logged AS (
    INSERT INTO search_change (siren) SELECT siren FROM removed WHERE {is_last}
)
DELETE FROM enterprise_siren AS noted USING removed WHERE noted.siren = removed.siren AND {is_partitioned}
