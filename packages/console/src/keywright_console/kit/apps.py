from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "keywright_console.kit"
    label = "kit"
