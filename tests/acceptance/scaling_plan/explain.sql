-- Vérifier que les index sont utilisés
EXPLAIN ANALYZE 
SELECT * FROM enterprise_entreprise 
WHERE nom ILIKE '%restaurant%' 
LIMIT 20;
-- Doit voir "Index Scan using enterprise_entreprise_nom_trgm_idx"
