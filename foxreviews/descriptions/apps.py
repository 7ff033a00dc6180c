from django.apps import AppConfig


class DescriptionsConfig(AppConfig):
    name = "foxreviews.descriptions"
    verbose_name = "Descriptions"
