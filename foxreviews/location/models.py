"""Ville: a commune of France, or a municipal district of Paris, Lyon or Marseille."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Coalesce

from foxreviews.reference import geography
from foxreviews.reference.text import fold, town_key


class VilleQuerySet(models.QuerySet["Ville"]):
    """The queries on towns, each with its index."""

    def beginning_with(self, text: str) -> Self:
        """Whose name begins with `text`, accents and case aside: "st e" is Saint-É…, "st" also Strasbourg.

        And those that have the whole text as another name.
        """
        starts = models.Q()
        for key in {town_key(text), fold(text)} - {""}:
            starts |= models.Q(nom_recherche__startswith=key) | models.Q(appellations__contains=[key])
        return self.filter(starts) if starts else self.none()

    def delivered_under(self, *codes_postaux: str) -> Self:
        """Those that have one of the postal codes among theirs."""
        return self.filter(codes_postaux__overlap=codes_postaux)

    def called(self, nom: str) -> Self:
        """Whose name it is in any spelling; where no town has it, those that have it as another name."""
        key = town_key(nom)
        named = self.filter(nom_recherche=key)
        return named if named.exists() else self.filter(appellations__contains=[key])


class Ville(models.Model):
    """A commune of the official geographic code (INSEE, COG), or one of the 45 municipal districts.

    A district has its city as `commune`: a company of 75115 belongs to the 15th district and to Paris.
    """

    code_insee = models.CharField(max_length=5, primary_key=True, db_collation="C")
    nom = models.CharField(max_length=100, db_collation="C")
    slug = models.SlugField(
        max_length=120,
        unique=True,
        help_text="Given once: a town keeps its address when homonyms appear later.",
    )
    codes_postaux = ArrayField(models.CharField(max_length=5), default=list, db_default=[], blank=True)
    departement = models.CharField(
        max_length=3, db_collation="C", blank=True, help_text="Empty for what is in none: Monaco, Clipperton."
    )
    region = models.CharField(max_length=2, db_collation="C", default="", db_default="", blank=True)
    population = models.PositiveIntegerField(
        null=True, blank=True, help_text="Municipal population (INSEE, PMUN); empty where no source gave it."
    )
    latitude = models.FloatField(null=True, blank=True, help_text="Degrees, WGS 84.")
    longitude = models.FloatField(null=True, blank=True, help_text="Degrees, WGS 84.")
    commune = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="arrondissements",
        help_text="For a municipal district, its city.",
    )
    nom_recherche = models.CharField(
        max_length=100, db_collation="C", editable=False, help_text="reference.text.town_key(nom)"
    )
    appellations = ArrayField(
        models.CharField(max_length=100),
        default=list,
        db_default=[],
        blank=True,
        help_text="Keys of its other names: those the post delivers under, those of its former communes.",
    )
    codes_anciens = ArrayField(
        models.CharField(max_length=5),
        default=list,
        db_default=[],
        blank=True,
        help_text="INSEE codes of the former communes that are part of it.",
    )

    objects = VilleQuerySet.as_manager()

    class Meta:
        verbose_name = "ville"
        # By the folded name: in the order of `nom` itself (collation C) Écully would follow Zuytpeene.
        ordering = ["nom_recherche", "code_insee"]
        indexes = [
            # /api/villes/?q=…, the folded prefix; /api/villes/?ordering=nom and its cursor
            models.Index(fields=["nom_recherche", "code_insee"], name="location_ville_recherche_idx"),
            # /api/villes/?ordering=-population, both ways, and its cursor: 0.1 ms, 60 ms without
            models.Index(Coalesce("population", 0), "code_insee", name="location_ville_population_idx"),
            # /api/villes/?code_postal=…
            GinIndex(fields=["codes_postaux"], name="location_ville_cp_idx", fastupdate=False),
            # ?ville_nom=… by another name, ?ville=… by the code of a former commune
            GinIndex(
                fields=["appellations", "codes_anciens"], name="location_ville_noms_idx", fastupdate=False
            ),
            # /api/villes/?departement=…
            models.Index(fields=["departement"], name="location_ville_departement_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.nom} ({self.code_insee})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.nom_recherche = town_key(self.nom)
        super().save(*args, **kwargs)

    @property
    def departement_nom(self) -> str:
        """The name of the département, empty where the code is unknown."""
        known = geography.DEPARTEMENTS.get(self.departement)
        return known.nom if known else ""
