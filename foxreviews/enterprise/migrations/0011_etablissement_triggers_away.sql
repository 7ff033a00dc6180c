-- The triggers of establishments; those on their own table go with it.
DROP TRIGGER IF EXISTS enterprise_remove_etablissements ON enterprise_entreprise;
DROP TRIGGER IF EXISTS enterprise_withhold_etablissements ON enterprise_entreprise;
DROP TRIGGER IF EXISTS enterprise_withhold_insert ON enterprise_etablissement;
DROP TRIGGER IF EXISTS enterprise_withhold_update ON enterprise_etablissement;
DROP FUNCTION IF EXISTS enterprise_distance;
DROP FUNCTION IF EXISTS enterprise_remove_etablissements(), enterprise_withhold_etablissements(), enterprise_withhold_etablissement();
