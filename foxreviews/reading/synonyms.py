"""What lists call our columns, in French and in English. Case, accents, spaces and punctuation do not matter.

docs/reference/import-rules.md has the same table; a test compares.
"""

SYNONYMS: dict[str, tuple[str, ...]] = {
    "siren": (
        "N° SIREN", "No SIREN", "Num SIREN", "Numéro SIREN", "Numéro de SIREN", "Code SIREN", "Identifiant SIREN",
        "SIREN / SIRET", "SIREN ou SIRET", "SIREN number", "Company number",
    ),
    "siret": (
        "N° SIRET", "No SIRET", "Num SIRET", "Numéro SIRET", "Numéro de SIRET", "Code SIRET", "Identifiant SIRET",
        "SIRET siège", "SIRET du siège", "SIRET siège social", "SIRET du siège social", "SIRET number",
    ),
    "nom": (
        "Raison sociale", "Dénomination", "Dénomination sociale", "Nom ou raison sociale", "Nom / raison sociale",
        "Raison sociale / nom", "Nom de l'entreprise", "Nom entreprise", "Nom de la société",
        "Nom société", "Nom de l'établissement", "Nom complet", "Entreprise", "Société", "Company", "Company name",
        "Business name", "Legal name", "Name",
        "Raison sociale (ou nom)", "denominationUniteLegale",
    ),
    "nom_commercial": (
        "Enseigne", "Enseigne commerciale", "Nom d'enseigne", "Nom d'usage", "Dénomination usuelle",
        "Nom de l'enseigne", "Trade name", "Trading name", "Brand",
    ),
    "adresse": (
        "Adresse 1", "Adresse postale", "Adresse du siège", "Adresse siège", "Adresse ligne 1", "Adresse complète",
        "Rue", "Voie", "N° et voie", "N° et rue", "N° et libellé de la voie", "Address", "Address 1",
        "Address line 1", "Street", "Street address",
    ),
    "code_postal": ("CP", "Code post", "CP siège", "Code postal du siège", "Postal code", "Postcode", "Zip",
                    "Zip code"),
    "ville_nom": (
        "Ville", "Commune", "Nom ville", "Nom de la ville", "Nom commune", "Nom de la commune", "Libellé commune",
        "Libellé de la commune", "Localité", "Ville du siège", "City", "Town",
    ),
    "naf_code": (
        "Code APE", "APE", "NAF", "Code NAF / APE", "Code APE / NAF", "NAF / APE", "APE / NAF", "APE NAF code",
        "N° APE", "Activité principale", "Code activité", "Code activité principale", "NAF rév. 2", "Code NAF rév. 2",
        "APE code", "Activity code",
        "Code NAF", "activitePrincipaleUniteLegale",
    ),
    "naf_libelle": (
        "Libellé APE", "Libellé NAF", "Libellé code APE", "Libellé code NAF", "Libellé du code APE",
        "Libellé du code NAF", "Libellé activité", "Libellé de l'activité", "Libellé activité principale", "Activité",
        "Secteur d'activité", "Activity", "Business activity",
    ),
    "naf25_code": ("NAF 2025", "Code NAF 2025", "APE 2025", "Code APE 2025"),
    "telephone": (
        "Tel", "N° de téléphone", "N° téléphone", "N° tél", "Numéro de téléphone", "Téléphone fixe",
        "Tél. fixe", "Téléphone 1", "Tél. 1", "Phone", "Phone number", "Telephone number",
    ),
    "email": (
        "Mail", "Courriel", "Adresse mail", "Adresse e-mail", "Adresse électronique", "Mél", "Email address",
        "Mail address",
    ),
    "site_web": ("Site", "Site internet", "Adresse du site", "Page web", "Web", "URL", "Website"),
    "latitude": ("Lat",),
    "longitude": ("Lon", "Long", "Lng"),
    "date_creation": (
        "Date de création", "Date de création de l'entreprise", "Date création entreprise", "Création", "Créée le",
        "Date de début d'activité", "Creation date", "Date of creation", "Incorporation date", "Created on",
        "dateCreationUniteLegale",
    ),
    "tranche_effectif": (
        "Tranche d'effectif", "Tranche d'effectifs", "Tranche effectifs", "Tranche d'effectif salarié",
        "Tranche d'effectifs salariés", "Tranche effectif salarié", "Workforce band", "Size band",
        "trancheEffectifsUniteLegale",
    ),
    "effectif": (
        "Effectifs", "Effectif salarié", "Effectifs salariés", "Nombre de salariés", "Nb salariés", "Nb de salariés",
        "Salariés", "Employees", "Number of employees", "Headcount", "Workforce",
    ),
    "categorie_juridique": (
        "Forme juridique", "Code forme juridique", "Code catégorie juridique", "Nature juridique", "Statut juridique",
        "Legal form",
        "categorieJuridiqueUniteLegale",
    ),
    "categorie_entreprise": (
        "Catégorie d'entreprise", "Catégorie de l'entreprise", "Taille d'entreprise", "Taille de l'entreprise",
        "Taille entreprise", "Company category", "Company size category",
    ),
    # Not «Employeur» alone, which in lists of jobs is the name of the company
    "est_employeur": (
        "Caractère employeur", "Caractère employeur de l'unité légale", "Entreprise employeuse", "Unité employeuse",
        "Is employer", "Has employees", "caractereEmployeurUniteLegale",
    ),
    "is_active": ("Actif", "Active", "En activité", "Est active"),
    "etat_administratif": (
        "État", "État de l'entreprise", "État de l'établissement", "Situation administrative",
        "Statut administratif", "Administrative status",
        "etatAdministratifUniteLegale", "etatAdministratifEtablissement",
    ),
    "statut_diffusion": (
        "Statut de diffusion", "Diffusion", "Diffusible", "Diffusion status",
        "statutDiffusionUniteLegale", "statutDiffusionEtablissement",
        "Statut de diffusion de l'unité légale", "Statut de diffusion de l'établissement",
        "Statut de diffusion unité légale", "Statut de diffusion établissement", "Statut de diffusion INSEE",
        "Code diffusion", "Code statut de diffusion",
    ),
}  # fmt: skip
