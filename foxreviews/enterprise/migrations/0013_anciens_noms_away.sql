-- The triggers of former names; those on their own table go with their functions.
DROP FUNCTION IF EXISTS enterprise_withhold_anciens_noms(), enterprise_forget_anciens_noms(),
    enterprise_remove_anciens_noms() CASCADE;
