from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    name = "keywright_portal.subscriptions"
    label = "subscriptions"
