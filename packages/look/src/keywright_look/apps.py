from django.apps import AppConfig


class LookConfig(AppConfig):
    name = "keywright_look"
    label = "keywright_look"
    verbose_name = "Keywright's look"
