from django.apps import AppConfig


class UsageConfig(AppConfig):
    name = "keywright_console.usage"
    label = "usage"
