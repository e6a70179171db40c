from django.apps import AppConfig


class LicensingConfig(AppConfig):
    name = "keywright_portal.licensing"
    label = "licensing"
