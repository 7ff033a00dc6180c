-- Companies that the register has no more are neither named nor placed, as it would not name them itself.
UPDATE enterprise_entreprise AS kept
SET statut_diffusion = {partial}, nom = {mask}, nom_commercial = '', autres_noms = '', adresse = '', telephone = '',
    email = '', site_web = '', latitude = NULL, longitude = NULL, updated_at = now()
FROM sirene_gone AS gone
WHERE kept.siren = gone.siren AND (kept.nom <> {mask} OR kept.statut_diffusion = {public})
