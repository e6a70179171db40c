from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "keywright_portal.support"
    label = "support"
