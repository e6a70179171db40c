from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "keywright_portal.billing"
    label = "billing"
