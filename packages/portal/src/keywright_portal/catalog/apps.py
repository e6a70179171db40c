from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "keywright_portal.catalog"
    label = "catalog"
