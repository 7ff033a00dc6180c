-- Whether a company keeps its code of one nomenclature: a source gave it, and this file gives the other one only.
staged.{other} <> '' AND (staged.{code} = '' OR staged.naf_derived = {name})
AND kept.{code} <> '' AND kept.naf_derived <> {name}
