-- Fill the empty table. The staged SIREN are distinct, so there is nothing to compare with.
INSERT INTO enterprise_entreprise (siren, {columns})
SELECT staged.siren, {staged_columns}
FROM {staging} AS staged
