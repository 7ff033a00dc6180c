-- 1. Vérifier le count
SELECT COUNT(*) FROM enterprise_entreprise;
-- Attendu: 4,000,000

-- 2. Analyser les statistiques
ANALYZE enterprise_entreprise;

-- 3. Vérifier les index
SELECT 
    indexrelname,
    pg_size_pretty(pg_relation_size(indexrelid)) AS size
FROM pg_stat_user_indexes
WHERE relname = 'enterprise_entreprise'
ORDER BY pg_relation_size(indexrelid) DESC;

-- 4. Taille totale
SELECT 
    pg_size_pretty(pg_total_relation_size('enterprise_entreprise')) AS total,
    pg_size_pretty(pg_relation_size('enterprise_entreprise')) AS table,
    pg_size_pretty(pg_indexes_size('enterprise_entreprise')) AS indexes;
