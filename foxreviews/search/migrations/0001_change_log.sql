-- The log of what search indexes have to follow, written by the database itself: psql, the admin, the API and imports
-- are all caught. See docs/decisions/0007-a-change-log-in-the-database.md.

-- What changed. A siren is one company; without a siren, all there is in `part` of the index.
CREATE TABLE search_change (
    part text NOT NULL DEFAULT 'entreprises' CHECK (part IN ('entreprises', 'reperes')),
    siren varchar(9) COLLATE "C",
    changed_at timestamptz NOT NULL DEFAULT now(),
    -- Of the whole transaction, not of a savepoint in it: compared with snapshots, which know no others.
    xid xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX search_change_xid_idx ON search_change (xid);
-- Every role that may change a company may say so: the triggers have the rights of the one who writes.
GRANT INSERT ON search_change TO PUBLIC;
COMMENT ON TABLE search_change IS 'What changed, for the search indexes that follow. Written by triggers.';

-- The indexes that follow, each on its machine: the log is kept for them.
CREATE TABLE search_index (
    generation text PRIMARY KEY,
    place text NOT NULL,
    position pg_snapshot NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE search_index IS 'Search indexes that follow search_change, and how far each has come.';

-- Rows were inserted or deleted: one entry for each, or one for all where they are many.
CREATE FUNCTION search_note_rows() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    WITH changed AS (SELECT siren FROM changed_rows LIMIT 100001),
         many AS (SELECT count(*) > 100000 AS too_many FROM changed)
    INSERT INTO search_change (siren)
    SELECT changed.siren FROM changed, many WHERE NOT too_many
    UNION ALL
    SELECT NULL FROM many WHERE too_many;
    IF FOUND THEN
        NOTIFY search_change;
    END IF;
    RETURN NULL;
END
$$;

-- Rows were updated: an entry for those whose document may have changed. A full join, because it is never planned as
-- a nested loop: the plan is kept for the session, and its first update may be of one row, its next of a million.
CREATE FUNCTION search_note_updates() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    WITH changed AS (
        SELECT was.siren AS was, became.siren AS became
        FROM rows_before AS was
        FULL JOIN rows_after AS became USING (id)
        WHERE (
            was.siren, was.siret, was.nom, was.nom_commercial, was.adresse, was.code_postal, was.ville_nom,
            was.code_commune, was.departement, was.naf_code, was.tranche_effectif, was.categorie_juridique,
            was.is_active, was.statut_diffusion, was.latitude
        ) IS DISTINCT FROM (
            became.siren, became.siret, became.nom, became.nom_commercial, became.adresse, became.code_postal,
            became.ville_nom, became.code_commune, became.departement, became.naf_code, became.tranche_effectif,
            became.categorie_juridique, became.is_active, became.statut_diffusion, became.latitude
        )
        LIMIT 100001
    ), many AS (SELECT count(*) > 100000 AS too_many FROM changed)
    INSERT INTO search_change (siren)
    SELECT became FROM changed, many WHERE NOT too_many AND became IS NOT NULL
    UNION ALL
    SELECT was FROM changed, many WHERE NOT too_many AND was IS DISTINCT FROM became AND was IS NOT NULL
    UNION ALL
    SELECT NULL FROM many WHERE too_many;
    IF FOUND THEN
        NOTIFY search_change;
    END IF;
    RETURN NULL;
END
$$;

-- The table was emptied.
CREATE FUNCTION search_note_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO search_change (part) VALUES (TG_ARGV[0]);
    NOTIFY search_change;
    RETURN NULL;
END
$$;

-- Towns changed: their part of the index is small, and rebuilt.
CREATE FUNCTION search_note_towns() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM changed_rows) THEN
        INSERT INTO search_change (part) VALUES ('reperes');
        NOTIFY search_change;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER search_change_insert AFTER INSERT ON enterprise_entreprise
REFERENCING NEW TABLE AS changed_rows EXECUTE FUNCTION search_note_rows();
CREATE TRIGGER search_change_update AFTER UPDATE ON enterprise_entreprise
REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_after EXECUTE FUNCTION search_note_updates();
CREATE TRIGGER search_change_delete AFTER DELETE ON enterprise_entreprise
REFERENCING OLD TABLE AS changed_rows EXECUTE FUNCTION search_note_rows();
CREATE TRIGGER search_change_truncate AFTER TRUNCATE ON enterprise_entreprise
EXECUTE FUNCTION search_note_truncate('entreprises');

CREATE TRIGGER search_change_insert AFTER INSERT ON location_ville
REFERENCING NEW TABLE AS changed_rows EXECUTE FUNCTION search_note_towns();
CREATE TRIGGER search_change_update AFTER UPDATE ON location_ville
REFERENCING NEW TABLE AS changed_rows EXECUTE FUNCTION search_note_towns();
CREATE TRIGGER search_change_delete AFTER DELETE ON location_ville
REFERENCING OLD TABLE AS changed_rows EXECUTE FUNCTION search_note_towns();
CREATE TRIGGER search_change_truncate AFTER TRUNCATE ON location_ville
EXECUTE FUNCTION search_note_truncate('reperes');
