from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "keywright_portal.backoffice"
    label = "backoffice"
