from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "keywright_portal.accounts"
    label = "accounts"
