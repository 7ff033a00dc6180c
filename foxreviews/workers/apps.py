from django.apps import AppConfig


class WorkersConfig(AppConfig):
    name = "foxreviews.workers"
    verbose_name = "Workers"
