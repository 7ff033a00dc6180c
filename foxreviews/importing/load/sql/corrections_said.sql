-- What the staged file says of each column that staff have corrected, and what becomes of it. Of columns that are corrected
-- together those that follow from the others do not speak. A group says nothing where all that speaks is empty or not
-- known; it is closed where all that speaks says what staff say, and the file may close any. Of a company that the file
-- makes non-public nothing withheld is laid over.
CREATE TEMPORARY TABLE importing_correction ON COMMIT DROP AS
WITH said AS (
    SELECT
        correction.id, correction.siren, correction.field, correction.value, correction.register_value,
        nullif(whole.staged -> correction.field, 'null') AS said,
        fact.grouped, fact.speaks,
        fact.withheld AND coalesce(
            (whole.staged ->> 'statut_diffusion' <> {public} AND coalesce(staged.not_known, 0) & {status_bit} = 0)
            OR whole.staged ->> 'nom' = {mask}, false
        ) AS is_withheld,
        coalesce(staged.not_known, 0) & fact.bit <> 0
            OR NOT {empty_overwrites} AND coalesce(whole.staged ->> correction.field, '') = '' AS is_silent
    FROM enterprise_correction AS correction
    JOIN (VALUES {facts}) AS fact (field, bit, grouped, speaks, withheld) ON fact.field = correction.field
    JOIN {staging} AS staged ON staged.siren = correction.siren
    CROSS JOIN LATERAL (SELECT to_jsonb(staged) AS staged) AS whole
    WHERE whole.staged ? correction.field
), grouped AS (
    SELECT
        *, said IS NOT DISTINCT FROM value AS is_same,
        coalesce(bool_and(is_silent) FILTER (WHERE speaks) OVER of_group, true) AS says_nothing,
        coalesce(bool_and(said IS NOT DISTINCT FROM value) FILTER (WHERE speaks) OVER of_group, false) AS all_same
    FROM said
    WINDOW of_group AS (PARTITION BY siren, grouped)
)
SELECT
    id, siren, field, value, said, says_nothing,
    NOT is_withheld AND NOT is_closed AS is_over,
    is_closed,
    is_other AS is_kept,
    is_other AND said IS DISTINCT FROM register_value AS is_news
FROM grouped
CROSS JOIN LATERAL (
    SELECT
        {closes} AND all_same AND NOT says_nothing AND NOT is_withheld AS is_closed,
        speaks AND NOT is_same AND NOT says_nothing AND NOT is_withheld AS is_other
) AS verdict
