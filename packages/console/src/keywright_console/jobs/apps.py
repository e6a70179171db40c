from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "keywright_console.jobs"
    label = "jobs"
