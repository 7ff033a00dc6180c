-- Lay the corrections over the staged rows. Whom staff have hidden the file does not name or place either; a legal person
-- keeps its name.
WITH corrected AS (
    SELECT
        siren, jsonb_object_agg(field, value) AS said,
        coalesce(bool_or(field = 'statut_diffusion' AND value = {partial}::jsonb), false) AS is_hidden
    FROM importing_correction
    WHERE is_over
    GROUP BY siren
)
UPDATE {staging} AS staged
SET ({columns}) = (
    SELECT {columns}
    FROM jsonb_populate_record(staged, corrected.said || CASE
        WHEN NOT corrected.is_hidden THEN '{{}}'
        WHEN coalesce(corrected.said ->> 'categorie_juridique', to_jsonb(staged) ->> 'categorie_juridique', '')
            ~ {legal_person} THEN {without_contacts}::jsonb
        ELSE {without_names}::jsonb
    END)
)
FROM corrected
WHERE corrected.siren = staged.siren
