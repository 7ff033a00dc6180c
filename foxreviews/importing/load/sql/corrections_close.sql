-- Corrections that the register says itself are none any more, which the trail tells.
WITH closed AS (
    DELETE FROM enterprise_correction AS correction
    USING importing_correction AS found
    WHERE correction.id = found.id AND found.is_closed
    RETURNING correction.siren, correction.field, correction.value
)
INSERT INTO enterprise_modification (siren, action, field, old_value, new_value, author, reason)
SELECT siren, 'confirmed', field, value, value, %(author)s, '' FROM closed ORDER BY siren, field
