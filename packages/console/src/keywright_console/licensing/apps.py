from django.apps import AppConfig


class LicensingConfig(AppConfig):
    name = "keywright_console.licensing"
    label = "licensing"
