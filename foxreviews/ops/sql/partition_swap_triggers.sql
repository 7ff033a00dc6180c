-- The triggers of the table that was, for the one that has its name now; those of the log and of partitions are not of
-- them.
SELECT tgname AS name, tgenabled = 'D' AS is_off,
    regexp_replace(pg_get_triggerdef(oid), ' ON \S*enterprise_entreprise_before ', ' ON enterprise_entreprise ') AS definition
FROM pg_trigger
WHERE tgrelid = 'enterprise_entreprise_before'::regclass
  AND NOT tgisinternal
  AND tgname !~ '^enterprise_(entreprise_changed|siren)_'
  AND tgname <> 'enterprise_withhold_when_moved'
ORDER BY name
