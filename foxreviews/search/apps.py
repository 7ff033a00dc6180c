from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "foxreviews.search"
    verbose_name = "Recherche"
