from django.apps import AppConfig


class ImportingConfig(AppConfig):
    name = "foxreviews.importing"
    verbose_name = "Imports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Companies follow their towns."""
        from foxreviews.importing.load.moves import move_companies  # noqa: PLC0415 - models are loaded now
        from foxreviews.location.loading import towns_written  # noqa: PLC0415

        towns_written.connect(move_companies)
