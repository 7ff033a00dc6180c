-- How many doubles lead to a company that the directory lacks.
SELECT count(*) FILTER (WHERE company.siren IS NULL) AS doublon_de
FROM importing_link AS link
LEFT JOIN enterprise_entreprise AS company ON company.siren = link.doublon_de
