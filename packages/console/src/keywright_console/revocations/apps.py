from django.apps import AppConfig


class RevocationsConfig(AppConfig):
    name = "keywright_console.revocations"
    label = "revocations"
