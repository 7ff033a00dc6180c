-- Staged establishments of companies that staff have hidden: they have no name, street and position.
UPDATE {staging} AS staged SET (statut_diffusion, {columns}) = ROW({partial}, {values})
WHERE staged.statut_diffusion = {public} AND staged.siren IN (
    SELECT siren FROM enterprise_correction
    WHERE field = 'statut_diffusion' AND value = to_jsonb({partial}::text)
)
