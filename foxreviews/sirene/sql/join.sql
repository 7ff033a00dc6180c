-- One company a legal unit: who it is, and where its head office is. A unit without a head office in the file has no
-- address. A unit that is not public has no street or position, one without a name to show ([ND]: natural persons who
-- are not public) no sign either.
-- Where no head office is in the file, its place is not known, nor is the street of a unit that may be shown.
-- The commercial name is the head office's sign, else the unit's own usual name, unless that is the name. Both have
-- other names.
-- INSEE has left caractereEmployeurUniteLegale empty since March 2024. What it stood for is found again: whether an open
-- establishment has employees, by the head office's letter and the table of those of which another one has.
CREATE {kind} {name} AS
SELECT {columns}, not_known
FROM (
    SELECT
        units.siren,
        coalesce(nullif(offices.siret, ''), units.siret) AS siret,
        units.nom,
        CASE WHEN units.nom <> {mask}
             THEN coalesce(nullif(nullif(offices.nom_commercial, ''), units.nom),
                           nullif(units.nom_commercial, units.nom), '')
             ELSE '' END AS nom_commercial,
        CASE WHEN units.nom <> {mask}
             THEN concat_ws({separator}, nullif(offices.autres_noms, ''), nullif(units.autres_noms, ''))
             ELSE '' END AS autres_noms,
        CASE WHEN units.nom <> {mask} AND units.statut_diffusion = {public}
             THEN coalesce(offices.adresse, '') ELSE '' END AS adresse,
        coalesce(offices.code_postal, '') AS code_postal,
        coalesce(offices.ville_nom, '') AS ville_nom,
        offices.code_commune,
        coalesce(offices.departement, '') AS departement,
        units.naf_code,
        units.naf_libelle,
        units.naf25_code,
        units.naf_derived,
        units.categorie_juridique,
        units.tranche_effectif,
        units.categorie_entreprise,
        coalesce(units.est_employeur, employers.siren IS NOT NULL OR offices.est_employeur) AS est_employeur,
        units.date_creation,
        units.is_active,
        units.statut_diffusion,
        CASE WHEN units.nom <> {mask} AND units.statut_diffusion = {public} THEN offices.latitude END AS latitude,
        CASE WHEN units.nom <> {mask} AND units.statut_diffusion = {public} THEN offices.longitude END AS longitude,
        nullif(coalesce(units.not_known, 0) | CASE
            WHEN offices.siren IS NOT NULL THEN coalesce(offices.not_known, 0)
            WHEN units.nom <> {mask} AND units.statut_diffusion = {public} THEN {place} | {street}
            ELSE {place}
        END, 0) AS not_known
    FROM {units} AS units
    LEFT JOIN {offices} AS offices ON offices.siren = units.siren
    LEFT JOIN (SELECT DISTINCT siren FROM {employers}) AS employers ON employers.siren = units.siren
) AS companies
