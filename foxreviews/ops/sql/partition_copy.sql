-- Copy the next companies in the order of their ids; how many, and the last id.
WITH chunk AS (
    SELECT {columns} FROM enterprise_entreprise WHERE id > {after} ORDER BY id LIMIT {rows}
), copied AS (
    INSERT INTO enterprise_entreprise_next ({columns}) SELECT {columns} FROM chunk
), noted AS (
    INSERT INTO enterprise_siren (siren, departement) SELECT siren, departement FROM chunk WHERE {is_partitioned}
)
SELECT count(*), max(id) FROM chunk
