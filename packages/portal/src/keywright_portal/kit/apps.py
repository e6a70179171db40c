from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "keywright_portal.kit"
    label = "kit"
