-- Writes the towns that are new or changed; every row of incoming_ville is written, and no other.
INSERT INTO location_ville (
    code_insee, nom, slug, codes_postaux, departement, region, population, latitude, longitude, commune_id,
    nom_recherche, appellations, codes_anciens
)
SELECT
    code_insee, nom, slug, codes_postaux, departement, region, population, latitude, longitude, commune_id,
    nom_recherche, appellations, codes_anciens
FROM incoming_ville
ON CONFLICT (code_insee) DO UPDATE SET
    nom = excluded.nom,
    slug = excluded.slug,
    codes_postaux = excluded.codes_postaux,
    departement = excluded.departement,
    region = excluded.region,
    population = excluded.population,
    latitude = excluded.latitude,
    longitude = excluded.longitude,
    commune_id = excluded.commune_id,
    nom_recherche = excluded.nom_recherche,
    appellations = excluded.appellations,
    codes_anciens = excluded.codes_anciens
