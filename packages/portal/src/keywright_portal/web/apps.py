from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "keywright_portal.web"
    label = "web"
