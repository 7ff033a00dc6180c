from django.apps import AppConfig


class EnterpriseConfig(AppConfig):
    name = "foxreviews.enterprise"
    verbose_name = "Entreprises"
    default_auto_field = "django.db.models.BigAutoField"
