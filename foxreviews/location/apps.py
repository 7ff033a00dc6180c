from django.apps import AppConfig


class LocationConfig(AppConfig):
    name = "foxreviews.location"
    verbose_name = "Villes"
