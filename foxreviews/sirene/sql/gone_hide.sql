-- Companies that the register has no more are neither named nor placed, as it would not name them itself. The trail tells
-- which corrections end with that, and not what they said.
WITH hidden AS (
    UPDATE enterprise_entreprise AS kept
    SET statut_diffusion = {partial}, nom = {mask}, nom_commercial = '', autres_noms = '', adresse = '', telephone = '',
        email = '', site_web = '', latitude = NULL, longitude = NULL, updated_at = now()
    FROM sirene_gone AS gone
    WHERE kept.siren = gone.siren AND (kept.nom <> {mask} OR kept.statut_diffusion = {public})
    RETURNING kept.siren
)
INSERT INTO enterprise_modification (siren, action, field, old_value, new_value, author, reason)
SELECT siren, 'withheld', field, to_jsonb({mask}::text), to_jsonb({mask}::text), {author}, ''
FROM hidden
JOIN enterprise_correction USING (siren)
WHERE field IN ({withheld})
ORDER BY siren, field
