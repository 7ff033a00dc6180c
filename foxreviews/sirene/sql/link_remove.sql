-- Remove the rows that the file does not have, and those that differ.
DELETE FROM {table} AS kept
WHERE NOT EXISTS (
    SELECT FROM importing_link AS found
    WHERE ({kept_key}) = ({found_key}) AND ({kept_others}) IS NOT DISTINCT FROM ({found_others})
)
