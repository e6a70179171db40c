from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "keywright_console.directory"
    label = "directory"
