-- Corrections that end with the merge, by triggers (0020_corrections.sql), whether or not the file has their columns: of what
-- is withheld, of companies that the file makes non-public.
SELECT correction.siren, correction.field
FROM enterprise_correction AS correction
JOIN {staging} AS staged ON staged.siren = correction.siren
CROSS JOIN LATERAL (SELECT to_jsonb(staged) AS staged) AS whole
WHERE correction.field IN ({withheld}) AND (
    whole.staged ->> 'statut_diffusion' <> {public} AND coalesce(staged.not_known, 0) & {status_bit} = 0
    OR whole.staged ->> 'nom' = {mask}
)
ORDER BY correction.siren, correction.field
