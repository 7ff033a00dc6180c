-- Companies that the register has no more are deleted. The trail tells it of those that staff have created or corrected.
WITH deleted AS (
    DELETE FROM enterprise_entreprise AS kept
    USING sirene_gone AS gone
    WHERE kept.siren = gone.siren
    RETURNING kept.siren
)
INSERT INTO enterprise_modification (siren, action, field, author, reason)
SELECT siren, 'deleted', '', {author}, ''
FROM deleted
WHERE siren IN (SELECT siren FROM enterprise_modification)
ORDER BY siren
