-- Bring the establishments that differ up to date, and touch no other row.
UPDATE enterprise_etablissement AS kept
SET ({columns}) = ROW({found_columns})
FROM importing_etablissement_difference AS found
WHERE kept.siret = found.siret AND NOT found.is_new
