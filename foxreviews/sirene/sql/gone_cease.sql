-- Companies that the register has no more are ceased, but for those of which staff say whether they are.
UPDATE enterprise_entreprise AS kept
SET is_active = false, updated_at = now()
FROM sirene_gone AS gone
WHERE kept.siren = gone.siren AND kept.is_active
    AND NOT EXISTS (
        SELECT FROM enterprise_correction AS correction
        WHERE correction.siren = kept.siren AND correction.field = 'is_active'
    )
