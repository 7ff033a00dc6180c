-- Companies that the register has no more are ceased.
UPDATE enterprise_entreprise AS kept
SET is_active = false, updated_at = now()
FROM sirene_gone AS gone
WHERE kept.siren = gone.siren AND kept.is_active
