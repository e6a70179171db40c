from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "keywright_console.web"
    label = "web"
