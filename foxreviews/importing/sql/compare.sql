-- What a merge would do: how many staged companies are new, and how many differ from what is kept.
SELECT count(*) FILTER (WHERE kept.siren IS NULL),
       count(*) FILTER (WHERE kept.siren IS NOT NULL AND ({kept_columns}) IS DISTINCT FROM ({staged_columns}))
FROM {staging} AS staged
LEFT JOIN enterprise_entreprise AS kept ON kept.siren = staged.siren
