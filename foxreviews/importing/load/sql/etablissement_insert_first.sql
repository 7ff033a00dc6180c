-- Fill the empty table. The staged SIRET are distinct.
INSERT INTO enterprise_etablissement (siret, {columns})
SELECT siret, {columns} FROM {staging}
