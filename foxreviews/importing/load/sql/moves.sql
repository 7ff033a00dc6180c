-- Where companies are by their own words, where they are now, and what their addresses keep of it.
CREATE TEMPORARY TABLE importing_move ON COMMIT DROP AS
SELECT code_commune, code_postal, ville_nom, departement,
       code_commune AS new_code, ville_nom AS new_ville, departement AS new_departement, ville_nom AS localite
FROM enterprise_entreprise WITH NO DATA
