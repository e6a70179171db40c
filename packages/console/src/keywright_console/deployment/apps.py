from django.apps import AppConfig


class DeploymentConfig(AppConfig):
    name = "keywright_console.deployment"
    label = "deployment"
