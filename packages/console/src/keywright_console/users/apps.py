from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "keywright_console.users"
    label = "users"
