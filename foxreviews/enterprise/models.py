"""Companies of the national register, their establishments, who took over whom, and what they were called before."""

from django.db import models
from django.db.models.functions import Now

from foxreviews.enterprise import privacy
from foxreviews.enterprise.fields import BTreeIndex, TrigramCharField, TrigramIndex
from foxreviews.enterprise.grid import cell_of
from foxreviews.location.models import Ville
from foxreviews.reference import naf


def _code(length: int, help_text: str = "") -> "models.CharField[str, str]":
    """A code of the register: empty where unknown, ordered and prefix-matched byte by byte (collation C)."""
    return models.CharField(
        max_length=length, db_collation="C", default="", db_default="", blank=True, help_text=help_text
    )


def _text(length: int, help_text: str = "") -> "models.CharField[str, str]":
    """A free text of the register, empty where unknown."""
    return models.CharField(max_length=length, default="", db_default="", blank=True, help_text=help_text)


class Entreprise(models.Model):
    """A legal unit of the register (one SIREN), active or ceased, with the address of its head office.

    Every column has a default in the database: COPY, psql and Django write the same rows. Columns that order a
    list are NOT NULL (see core.keyset).
    """

    class Diffusion(models.TextChoices):
        """statutDiffusionUniteLegale (INSEE, Sirene): what may be shown."""

        PUBLIC = privacy.PUBLIC, "publique"
        PARTIAL = privacy.PARTIAL, "partielle"

    class Derived(models.TextChoices):
        """Which of the two codes of an activity follows from the other (reference.naf): the names are columns."""

        REV2 = "naf_code", "NAF rév. 2"
        NAF25 = "naf25_code", "NAF 2025"

    id = models.BigAutoField(primary_key=True)
    siren = models.CharField(max_length=9, db_collation="C")
    siret = _code(14)
    nom = TrigramCharField(max_length=255, db_collation="C")
    nom_commercial = TrigramCharField(max_length=255, db_collation="C", default="", db_default="", blank=True)
    autres_noms = models.TextField(
        default="",
        db_default="",
        blank=True,
        help_text="Other names, each after its kind and a colon, with tabs between (enterprise.names).",
    )
    adresse = _text(500)
    code_postal = _code(5)
    ville_nom = models.CharField(
        max_length=100,
        db_collation="C",
        default="",
        db_default="",
        blank=True,
        help_text="The city, also for a municipal district (75115 is in Paris).",
    )
    ville = models.ForeignKey(
        Ville,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_column="code_commune",
        # The code is kept also where no Ville has it (yet), so there is no constraint: a town that is loaded
        # later finds its companies, and 4,000,000 rows are loaded without 4,000,000 look-ups.
        db_constraint=False,
        db_index=False,
        related_name="entreprises",
        help_text="INSEE code of the commune or municipal district.",
    )
    departement = _code(3)
    naf_code = _code(6, help_text="NAF rév. 2, with its dot: 62.01Z.")
    naf_libelle = _text(255)
    naf25_code = _code(6, help_text="NAF 2025, the reference from 2027 on, with its dot: 62.10Y.")
    naf_derived = models.CharField(
        max_length=10,
        db_collation="C",
        choices=Derived.choices,
        default="",
        db_default="",
        blank=True,
        help_text="The code that no source gave: it is the only one that corresponds to the other.",
    )
    categorie_juridique = _code(4)
    tranche_effectif = _code(2)
    categorie_entreprise = _code(
        3, help_text="PME, ETI or GE: of the whole group that the company is part of."
    )
    est_employeur = models.BooleanField(
        null=True,
        blank=True,
        help_text="Whether an open establishment has employees. NULL: the register does not say.",
    )
    date_creation = models.DateField(null=True, blank=True)
    is_active = models.BooleanField(default=True, db_default=True)
    statut_diffusion = models.CharField(
        max_length=1,
        db_collation="C",
        choices=Diffusion.choices,
        default=Diffusion.PUBLIC,
        db_default=Diffusion.PUBLIC,
    )
    latitude = models.FloatField(null=True, blank=True, help_text="Degrees, WGS 84.")
    longitude = models.FloatField(null=True, blank=True, help_text="Degrees, WGS 84.")
    telephone = _text(30)
    email = _text(254)
    site_web = _text(255)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        verbose_name = "entreprise"
        # Not by name: `ILIKE '%restaurant%' LIMIT 20` in the order of names made the planner walk the index of
        # names through 3,000,000 rows (2.9 s).
        ordering = ["-created_at", "-id"]
        constraints = [
            # One row for one legal unit; /api/entreprises/{siren}/. A constraint, because unique=True would bring a
            # second index for LIKE, which collation C does not need.
            models.UniqueConstraint(fields=["siren"], name="enterprise_entreprise_siren_key"),
        ]
        indexes = [
            # /api/entreprises/: the default order, both ways, and its cursor
            BTreeIndex(fields=["created_at", "id"], name="enterprise_entreprise_created_id_idx"),
            # /api/entreprises/?ordering=nom, both ways, and its cursor
            BTreeIndex(fields=["nom", "id"], name="enterprise_entreprise_nom_id_idx"),
            # nom__icontains, ILIKE and the PostgreSQL search engine
            TrigramIndex(fields=["nom"], name="enterprise_entreprise_nom_trgm_idx"),
            # ?ville_nom=…, alone or with ?naf=…
            BTreeIndex(fields=["ville_nom", "naf_code"], name="enterprise_entreprise_ville_naf_idx"),
            # ?code_postal=…, alone or with ?is_active=…
            BTreeIndex(fields=["code_postal", "is_active"], name="enterprise_entreprise_cp_active_idx"),
            # ?code_postal=… in the default order
            BTreeIndex(
                fields=["code_postal", "created_at", "id"], name="enterprise_entreprise_cp_created_idx"
            ),
            # ?ville=…, and the companies of a Ville
            BTreeIndex(fields=["ville", "created_at", "id"], name="enterprise_entreprise_commune_idx"),
            # ?departement=…
            BTreeIndex(
                fields=["departement", "created_at", "id"], name="enterprise_entreprise_departement_idx"
            ),
            # ?naf=…: a code or its beginning
            BTreeIndex(fields=["naf_code", "created_at", "id"], name="enterprise_entreprise_naf_idx"),
            # ?naf=… of NAF 2025, which follows from rév. 2 for about half of the companies
            BTreeIndex(
                fields=["naf25_code", "created_at", "id"],
                condition=~models.Q(naf25_code=""),
                name="enterprise_entreprise_naf25_idx",
            ),
            # The same with ?ordering=nom: the last of 6,000 names in a postal code stand among 80,000 of all companies
            *(
                BTreeIndex(fields=[column, "nom", "id"], name=f"enterprise_entreprise_{name}_nom_idx")
                for name, column in (
                    ("cp", "code_postal"),
                    ("commune", "ville"),
                    ("departement", "departement"),
                    ("naf", "naf_code"),
                )
            ),
            BTreeIndex(
                fields=["naf25_code", "nom", "id"],
                condition=~models.Q(naf25_code=""),
                name="enterprise_entreprise_naf25_nom_idx",
            ),
        ]

    def __str__(self) -> str:
        # Without the name: the admin keeps this in its history, also of who is hidden later.
        return self.siren

    @property
    def naf25_libelle(self) -> str:
        """The label of `naf25_code`, which the reference has: 4,000,000 companies would store it in 200 MB."""
        return naf.label(self.naf25_code)


class Etablissement(models.Model):
    """A place of business of a company (one SIRET): its head office, a shop, an office, a workshop; open or closed.

    The company's row has the name, the legal form, and the address of the head office. Every column has a default in
    the database. An establishment that is not public has no name, street and position here.
    """

    siret = models.CharField(primary_key=True, max_length=14, db_collation="C")
    siren = models.CharField(max_length=9, db_collation="C", help_text="The first nine digits: its company.")
    est_siege = models.BooleanField(
        default=False, db_default=False, help_text="Whether it is the head office."
    )
    nom_commercial = _text(255, "What stands on it: its first sign, else its usual name.")
    autres_noms = models.TextField(
        default="", db_default="", blank=True, help_text="Its signs and usual name (enterprise.names)."
    )
    complement_adresse = _text(100)
    numero_voie = _text(30, "With its letter: 12 B; from one to another: 10 … 14 B.")
    type_voie = _text(50, "In full: AVENUE.")
    libelle_voie = _text(150)
    distribution_speciale = _text(50, "BP, CS, TSA …")
    localite = _text(100, "The former commune or part of the town that the address names.")
    pays = _text(100, "Empty in France.")
    code_postal = _code(5)
    ville_nom = models.CharField(
        max_length=100,
        db_collation="C",
        default="",
        db_default="",
        blank=True,
        help_text="The city, also for a municipal district; abroad the town.",
    )
    ville = models.ForeignKey(
        Ville,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_column="code_commune",
        db_constraint=False,  # as Entreprise.ville
        db_index=False,
        related_name="etablissements",
        help_text="INSEE code of the commune or municipal district.",
    )
    departement = _code(3)
    naf_code = _code(6, "NAF rév. 2, with its dot: 62.01Z.")
    naf25_code = _code(6, "NAF 2025, with its dot: 62.10Y.")
    naf_derived = models.CharField(
        max_length=10,
        db_collation="C",
        choices=Entreprise.Derived.choices,
        default="",
        db_default="",
        blank=True,
        help_text="The code that no source gave: it is the only one that corresponds to the other.",
    )
    tranche_effectif = _code(2)
    est_employeur = models.BooleanField(null=True, blank=True, help_text="NULL: the register does not say.")
    date_creation = models.DateField(null=True, blank=True)
    date_fermeture = models.DateField(null=True, blank=True, help_text="NULL while it is open.")
    is_active = models.BooleanField(default=True, db_default=True, help_text="Whether it is open.")
    statut_diffusion = models.CharField(
        max_length=1,
        db_collation="C",
        choices=Entreprise.Diffusion.choices,
        default=Entreprise.Diffusion.PUBLIC,
        db_default=Entreprise.Diffusion.PUBLIC,
    )
    latitude = models.FloatField(null=True, blank=True, help_text="Degrees, WGS 84.")
    longitude = models.FloatField(null=True, blank=True, help_text="Degrees, WGS 84.")
    # What is near is read by ranges of this (enterprise.grid): an index of four bytes a row serves any radius.
    cell = models.GeneratedField(
        expression=cell_of("latitude", "longitude"),
        output_field=models.IntegerField(null=True),
        db_persist=True,
    )

    class Meta:
        verbose_name = "établissement"
        ordering = ["siret"]
        indexes = [
            # siret: the default order, and the establishments of a company, whose SIREN it begins with. The others
            # end in it, so each is an order, too.
            BTreeIndex(fields=["departement", "siret"], name="enterprise_etablissement_departement_idx"),
            BTreeIndex(fields=["ville", "siret"], name="enterprise_etablissement_commune_idx"),
            BTreeIndex(fields=["code_postal", "siret"], name="enterprise_etablissement_cp_idx"),
            BTreeIndex(fields=["naf_code", "siret"], name="enterprise_etablissement_naf_idx"),
            BTreeIndex(
                fields=["naf25_code", "siret"],
                condition=~models.Q(naf25_code=""),
                name="enterprise_etablissement_naf25_idx",
            ),
            # ?near=…, alone and with ?naf=…: of a rare trade the index of cells has hundreds of others to each
            BTreeIndex(fields=["cell"], name="enterprise_etablissement_cell_idx"),
            *(
                BTreeIndex(
                    fields=[f"{naf}_code", "cell"],
                    condition=~models.Q((f"{naf}_code", "")) & models.Q(cell__isnull=False),
                    name=f"enterprise_etablissement_{naf}_cell_idx",
                )
                for naf in ("naf", "naf25")
            ),
        ]

    def __str__(self) -> str:
        return self.siret


class Comptage(models.Model):
    """How many establishments have a value, as of the last count (enterprise.comptages). No model's truth."""

    pk = models.CompositePrimaryKey("dimension", "departement", "is_active", "valeur")
    dimension = models.CharField(max_length=20, db_collation="C", help_text="A column, or a part of a date.")
    departement = models.CharField(max_length=3, db_collation="C")
    is_active = models.BooleanField()
    valeur = models.CharField(max_length=40, db_collation="C")
    nombre = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.dimension} {self.valeur}: {self.nombre}"


class Succession(models.Model):
    """An establishment that took over another one, whether or not the directory has them."""

    pk = models.CompositePrimaryKey("predecesseur", "successeur", "date")
    predecesseur = models.CharField(max_length=14, db_collation="C", help_text="SIRET.")
    successeur = models.CharField(max_length=14, db_collation="C", help_text="SIRET.")
    date = models.DateField()
    transfert_siege = models.BooleanField(help_text="Whether a head office has moved.")
    continuite_economique = models.BooleanField(help_text="Whether the same business goes on.")

    class Meta:
        indexes = [
            # The key serves what became of an establishment, this one what it comes from.
            BTreeIndex(
                fields=["successeur", "predecesseur", "date"], name="enterprise_succession_successeur_idx"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecesseur} → {self.successeur}"


class Doublon(models.Model):
    """A SIREN that was given to a legal unit which had one."""

    siren = models.CharField(primary_key=True, max_length=9, db_collation="C")
    doublon_de = models.CharField(max_length=9, db_collation="C", help_text="The SIREN to use instead.")

    def __str__(self) -> str:
        return f"{self.siren} → {self.doublon_de}"


class AncienNom(models.Model):
    """A name that a company had and has no more. Who is hidden has none, whoever writes (triggers)."""

    class Nature(models.TextChoices):
        """The column of the register that the name stood in."""

        DENOMINATION = "denomination", "dénomination"
        NOM = "nom", "nom"
        NOM_USAGE = "nom_usage", "nom d'usage"
        DENOMINATION_USUELLE = "denomination_usuelle", "dénomination usuelle"

    pk = models.CompositePrimaryKey("siren", "nature", "nom")
    siren = models.CharField(max_length=9, db_collation="C")
    nature = models.CharField(max_length=20, db_collation="C", choices=Nature.choices)
    nom = models.CharField(max_length=255, db_collation="C")
    date_debut = models.DateField(null=True, help_text="NULL: not known.")
    date_fin = models.DateField(help_text="The last day of the last period with this name.")

    class Meta:
        verbose_name = "ancien nom"

    def __str__(self) -> str:
        # Without the name, as Entreprise.
        return self.siren


class Correction(models.Model):
    """A column of a company that staff have corrected, while the register says something else (enterprise.corrections).

    Imports write the other columns. What is withheld of a company that is not public is in none (triggers).
    """

    id = models.BigAutoField(primary_key=True)
    siren = models.CharField(max_length=9, db_collation="C")
    field = models.CharField(max_length=30, db_collation="C", help_text="The column of the company.")
    value = models.JSONField(null=True, help_text="What staff say.")
    register_value = models.JSONField(
        null=True, help_text="What the register last said, or the directory before it was corrected."
    )
    author = models.CharField(max_length=150)
    reason = models.CharField(max_length=500, default="", blank=True)
    corrected_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["siren", "field"], name="enterprise_correction_siren_field_key"),
        ]

    def __str__(self) -> str:
        # Without the value, as Entreprise.
        return f"{self.siren} {self.field}"


class Modification(models.Model):
    """What was done to a column of a company by staff, or to what staff had done by an import: the audit trail.

    Nobody changes it. Of a company that is not public it does not keep what is withheld, nor reasons (triggers).
    """

    class Action(models.TextChoices):
        """What was done."""

        CREATED = "created", "created by staff"
        CORRECTED = "corrected", "corrected by staff"
        TAKEN_BACK = "taken-back", "correction taken back by staff"
        CONFIRMED = "confirmed", "the register says the same now"
        WITHHELD = "withheld", "correction ended: the company is not public any more"
        DELETED = "deleted", "company deleted"

    id = models.BigAutoField(primary_key=True)
    siren = models.CharField(max_length=9, db_collation="C")
    action = models.CharField(max_length=10, db_collation="C", choices=Action.choices)
    field = models.CharField(
        max_length=30, db_collation="C", default="", blank=True, help_text="The column; empty: all of them."
    )
    old_value = models.JSONField(null=True)
    new_value = models.JSONField(null=True)
    author = models.CharField(max_length=150, help_text="The account, or the import.")
    reason = models.CharField(max_length=500, default="", blank=True)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [
            # /api/modifications/?siren=…
            BTreeIndex(fields=["siren", "id"], name="enterprise_modification_siren_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.siren} {self.field} {self.action}"
