-- Write these columns of a company that is locked, and what its triggers made of them. Its département names the
-- partition.
UPDATE enterprise_entreprise SET ({columns}) = ROW({values}), updated_at = now()
WHERE id = %(id)s AND departement = %(partition)s
RETURNING *
