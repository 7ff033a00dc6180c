-- Companies that the register has no more are deleted.
DELETE FROM enterprise_entreprise AS kept
USING sirene_gone AS gone
WHERE kept.siren = gone.siren
