-- What the staged file says of each column that staff have corrected, and what becomes of it. Of columns that are corrected
-- together those that follow from the others do not speak. A group says nothing where all that speaks is empty or not
-- known, or a part is that the register has said (of a place, or a position): half a place is none. It is closed where all
-- that speaks says what staff say, and the file may close any. Of a company that the file makes non-public nothing withheld
-- is laid over. What the register has said of a code stays where the file gives the other one only (activity.sql).
CREATE TEMPORARY TABLE importing_correction ON COMMIT DROP AS
WITH said AS (
    SELECT
        correction.id, correction.siren, correction.field, correction.value, correction.register_value,
        nullif(whole.staged -> correction.field, 'null') AS said,
        whole.staged ->> 'naf_derived' AS derived,
        coalesce(whole.staged ->> correction.field, '') = '' AS is_empty,
        coalesce(correction.register_value #>> '{{}}', '') <> '' AS was_said,
        fact.grouped, fact.speaks, fact.is_part, fact.code,
        fact.withheld AND coalesce(
            (whole.staged ->> 'statut_diffusion' <> {public} AND coalesce(staged.not_known, 0) & {status_bit} = 0)
            OR whole.staged ->> 'nom' = {mask}, false
        ) AS is_withheld,
        coalesce(staged.not_known, 0) & fact.bit <> 0
            OR NOT {empty_overwrites} AND coalesce(whole.staged ->> correction.field, '') = '' AS is_silent
    FROM enterprise_correction AS correction
    JOIN (VALUES {facts}) AS fact (field, bit, grouped, speaks, withheld, is_part, code) ON fact.field = correction.field
    JOIN {staging} AS staged ON staged.siren = correction.siren
    CROSS JOIN LATERAL (SELECT to_jsonb(staged) AS staged) AS whole
    WHERE whole.staged ? correction.field
), grouped AS (
    SELECT
        *, said IS NOT DISTINCT FROM value AS is_same,
        coalesce(bool_and(is_silent) FILTER (WHERE speaks) OVER of_group, true)
            OR coalesce(bool_or(is_silent AND was_said) FILTER (WHERE is_part) OVER of_group, false) AS says_nothing,
        coalesce(bool_and(said IS NOT DISTINCT FROM value) FILTER (WHERE speaks) OVER of_group, false) AS all_same,
        coalesce(bool_or((is_empty OR derived = code) AND was_said) FILTER (WHERE field = code) OVER of_code, false)
            AND bool_or(NOT is_empty) FILTER (WHERE speaks) OVER of_group
            AND coalesce(max(register_value #>> '{{}}') FILTER (WHERE field = 'naf_derived') OVER of_group, '') <> code
            AS stays
    FROM said
    WINDOW of_group AS (PARTITION BY siren, grouped), of_code AS (PARTITION BY siren, grouped, code)
), heard AS (
    SELECT
        *,
        CASE
            WHEN stays THEN register_value
            WHEN field = 'naf_derived' AND bool_or(stays) OVER (PARTITION BY siren, grouped) THEN '""'
            ELSE said
        END AS register_says
    FROM grouped
)
SELECT
    id, siren, field, value, register_says, says_nothing,
    NOT is_withheld AND NOT is_closed AS is_over,
    is_closed,
    is_other AS is_kept,
    is_other AND register_says IS DISTINCT FROM register_value AS is_news
FROM heard
CROSS JOIN LATERAL (
    SELECT
        {closes} AND all_same AND NOT says_nothing AND NOT is_withheld AS is_closed,
        speaks AND NOT is_same AND NOT says_nothing AND NOT is_withheld AS is_other
) AS verdict
