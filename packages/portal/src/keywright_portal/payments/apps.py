from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "keywright_portal.payments"
    label = "payments"
