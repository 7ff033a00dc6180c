-- The counts of some départements and states, or of all where NULL asks nothing: by value, by département, by state.
WITH asked AS (
    SELECT * FROM enterprise_comptage
    WHERE dimension <> ALL(%(others)s)
        AND (%(departements)s::text[] IS NULL OR departement = ANY(%(departements)s::text[]))
        AND (%(is_active)s::boolean IS NULL OR is_active = %(is_active)s::boolean)
)
SELECT dimension, valeur, sum(nombre)::bigint AS nombre FROM asked GROUP BY dimension, valeur
UNION ALL
SELECT 'departement', departement, sum(nombre)::bigint FROM asked WHERE dimension = 'tranche_effectif' GROUP BY departement
UNION ALL
SELECT 'is_active', is_active::text, sum(nombre)::bigint FROM asked WHERE dimension = 'tranche_effectif' GROUP BY is_active
