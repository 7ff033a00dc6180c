-- The names that a company had and has no more, with tabs between.
(
    SELECT string_agg(former.nom, E'\t' ORDER BY former.nom)
    FROM enterprise_anciennom AS former
    WHERE former.siren = enterprise_entreprise.siren
)
